"""A .4dgs scene, whose library Blender lacks, is imported by Blender through the backend."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from tests.addon import oracle, synthetic
from tests.addon.engines import ENGINES

from livescape_shared.camera import Camera
from livescape_shared.conventions import srgb_to_linear
from livescape_shared.formats.export import export_frames
from livescape_shared.splats import Splats

CLOUD = synthetic.scene(static=300, pairs=1).static


def at(index):
    """Rows 200 to 299 move evenly: what the format holds exactly."""
    means = CLOUD.means.copy()
    means[200:] += np.float32([0.12, 0.05, -0.1]) * index
    return replace(CLOUD, means=means)


@pytest.fixture(scope="module", params=ENGINES)
def result(request, blender, tmp_path_factory):
    pytest.importorskip("fourdgs")
    folder = tmp_path_factory.mktemp("four")
    scene = folder / "wave.4dgs"
    export_frames(scene, ((index, Splats(at(index))) for index in range(4)), 24.0)
    damaged = folder / "damaged.4dgs"
    damaged.write_bytes(scene.read_bytes()[:60])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVESCAPE_PYTHON", sys.executable)
        return blender.run(
            "four_dgs.py", folder, engine=request.param, scene=str(scene), damaged=str(damaged)
        )


@pytest.mark.parametrize("frame", [3, 4, 6])
def test_every_frame_is_rendered_as_the_file_says(result, frame):
    gaussians = at(frame - 3)
    camera = Camera.from_dict(result[f"camera {frame}"])
    wanted, alpha = oracle.render_linear(gaussians, srgb_to_linear(gaussians.colors), camera)
    assert alpha.mean() > 0.05
    assert oracle.psnr(np.load(result[f"image {frame}"])[..., :3], wanted) > 45.0


def test_it_is_one_object_of_its_name(result):
    assert not result["library"]
    assert result["name"] == "wave"
    assert result["note"].startswith("wave: 300 Gaussians in 4 frames")


def test_a_damaged_scene_gets_the_backends_sentence_and_leaves_nothing(result):
    assert "damaged.4dgs" in result["damaged"]
    assert "Traceback" not in result["damaged"]
    assert result["caches"] == 1
