"""Numbered splat files of other programs move in Blender as they say, under any camera."""

from dataclasses import replace

import numpy as np
import pytest
from tests.addon import oracle, synthetic
from tests.addon.engines import ENGINES

from livescape_shared.camera import Camera
from livescape_shared.conventions import srgb_to_linear
from livescape_shared.gaussians import Gaussians
from livescape_shared.ply import write_ply

FRAMES = 4
CLOUD = synthetic.scene(static=500, pairs=1).static
"""Rows 0 to 199 stand, 200 to 399 move and turn, the rest change their colour."""


def at(index):
    """Return the cloud of a frame."""
    means, quats, colors = (np.array(v) for v in (CLOUD.means, CLOUD.quats, CLOUD.colors))
    means[200:400] += np.float32([0.15, 0.05, -0.1]) * index
    turned = quats[200:400] + 0.1 * index * np.roll(quats[200:400], 1, axis=1)
    quats[200:400] = turned / np.linalg.norm(turned, axis=1, keepdims=True)
    colors[400:] = np.clip(colors[400:] + 0.1 * index, 0.0, 1.0)
    return replace(CLOUD, means=means, quats=quats, colors=colors)


def fewer(index):
    """Return a cloud whose rows are other ones in every frame."""
    kept = np.random.default_rng(index).permutation(len(CLOUD))[: 450 - 40 * index]
    return CLOUD[kept]


KINDS = {"tracked": at, "counted": fewer}


@pytest.fixture(scope="module", params=ENGINES)
def result(request, blender, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sequences")
    given = {}
    for name, of_frame in KINDS.items():
        for index in range(FRAMES):
            write_ply(folder / f"{name}_{index + 8}.ply", of_frame(index))  # 8, 9, 10, 11
        given[name] = str(folder / f"{name}_8.ply")
    return blender.run("sequences.py", folder, engine=request.param, **given)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("frame", [3, 5, 6])
def test_every_frame_is_rendered_exactly(result, kind, frame):
    seen = np.load(result[kind][f"image {frame}"])
    gaussians: Gaussians = KINDS[kind](frame - 3)
    camera = Camera.from_dict(result[kind][f"camera {frame}"])
    wanted, alpha = oracle.render_linear(gaussians, srgb_to_linear(gaussians.colors), camera)
    assert alpha.mean() > 0.05
    assert oracle.psnr(seen[..., :3], wanted) > 45.0


def test_what_was_read_is_said(result):
    assert result["tracked"]["name"] == "tracked"
    assert result["tracked"]["note"].startswith("tracked: 800 Gaussians in 4 frames")
    rows = sum(450 - 40 * index for index in range(FRAMES))
    assert result["counted"]["note"].startswith(f"counted: {rows} Gaussians in 4 frames")
    assert result["alone"].startswith("tracked_8: 500 Gaussians")
