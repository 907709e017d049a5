"""Blender's own splats, moved by whatever moves them, are converted and rendered exactly."""

from dataclasses import replace

import numpy as np
import pytest
from tests.addon import oracle, synthetic
from tests.addon.engines import ENGINES

from livescape_shared.camera import Camera
from livescape_shared.conventions import srgb_to_linear
from livescape_shared.rendering import SH_C0

CLOUD = synthetic.scene(static=300, pairs=1).static
"""Rows 0 to 199 stand, the rest move and turn."""

REST = np.random.default_rng(4).uniform(-0.3, 0.3, (300, 30, 3)).astype(np.float32)


def at(index):
    means, quats = CLOUD.means.copy(), CLOUD.quats.copy()
    means[200:] += np.float32([0.12, 0.05, -0.1]) * index
    turned = quats[200:] + 0.1 * index * np.roll(quats[200:], 1, axis=1)
    quats[200:] = turned / np.linalg.norm(turned, axis=1, keepdims=True)
    return replace(CLOUD, means=means, quats=quats)


def attributes(gaussians):
    """Return what Blender keeps of splats; the coefficients beyond degree 0 vanish."""
    dc = (gaussians.colors - 0.5) / SH_C0
    base = np.concatenate([dc, gaussians.opacities[:, None]], axis=1)
    rest = {f"radiance:sh_{k}": np.zeros((len(dc), 3), np.float32) for k in range(8)}
    return {"position": gaussians.means, "rotation": gaussians.quats, "scale": gaussians.scales,
            "radiance:base": base.astype(np.float32), **rest}  # fmt: skip


@pytest.fixture(scope="module", params=ENGINES)
def result(request, blender, tmp_path_factory):
    folder = tmp_path_factory.mktemp("points")
    path = folder / "frames.npz"
    np.savez(path, **{f"{i}|{key}": v for i in range(4) for key, v in attributes(at(i)).items()})
    np.save(folder / "rest.npy", REST)
    given = {"frames": str(path), "rest": str(folder / "rest.npy")}
    found = blender.run("native_points.py", folder, engine=request.param, **given)
    if not found["can hold"]:
        pytest.skip("this Blender has no points that hold four numbers; 5.2 has")
    return found


@pytest.mark.parametrize("frame", ["3", "4", "4.5", "6"])
def test_every_frame_and_what_lies_between_is_rendered_exactly(result, frame):
    """Between frames, what moves is half way: positions and axes are interpolated."""
    index = float(frame) - 3
    before, after = at(int(index)), at(int(np.ceil(index)))
    gaussians = before
    if index != int(index):
        gaussians = replace(before, means=(before.means + after.means) / 2)
        quats = before.quats + after.quats
        gaussians.quats[:] = quats / np.linalg.norm(quats, axis=1, keepdims=True)
    gaussians = oracle.transformed(gaussians, result["place"])
    camera = Camera.from_dict(result[f"camera {frame}"])
    wanted, alpha = oracle.render_linear(gaussians, srgb_to_linear(gaussians.colors), camera)
    assert alpha.mean() > 0.05
    seen = np.load(result[f"image {frame}"])
    assert oracle.psnr(seen[..., :3], wanted) > 45.0


def test_it_is_one_object_that_stands_where_its_source_stood(result):
    assert result["poll"]
    assert result["ours"]
    assert result["note"].startswith("Wave.001: 300 Gaussians in 4 frames")
    assert result["hidden"] == [True, False]
    assert result["frame"] == 4
    np.testing.assert_allclose(np.array(result["place"])[:3, 3], [0.1, 0.2, -0.1], atol=1e-6)


def test_points_that_are_no_splats_are_refused_and_leave_nothing(result):
    assert not result["plain polls"]
    assert "its points have no scale" in result["plain"]
    assert result["left"] == [0, 1]


@pytest.mark.parametrize("stored", [3, 15, 24, 30])
def test_coefficients_of_any_number_are_read(result, stored):
    """Degree 4 has 24, of which the first 15 are shown."""
    found = np.load(result["degrees"][str(stored)])
    order = [int(np.abs(found["means"] - mean).max(axis=1).argmin()) for mean in at(0).means]
    assert len(set(order)) == 300
    np.testing.assert_allclose(found["rest"][order], REST[:, : min(stored, 15)], atol=1e-6)


def test_it_is_one_step_of_undo(result):
    """Whether the source is hidden and an object plays a cache: converted, undone, done again."""
    assert result["undo"] == [[True, True], [False, False], [True, True]]


def test_blender_goes_on_while_frames_are_read(result):
    """A call reads one frame at most, and the scene stands where it stood between calls."""
    read, most, stood, made_on_main, hidden, ours = result["by timer"]
    assert read == [3, 4, 5, 6]
    assert most == 1
    assert stood == [5]
    assert made_on_main == [False]
    assert hidden
    assert ours


def test_cancelling_leaves_nothing_and_shows_the_source_again(result):
    assert result["cancelled"] == [["Cancelled", False, False, 0]] * 2


def test_a_source_that_is_deleted_meanwhile_gets_a_sentence(result):
    assert result["deleted"] == ["points_missing", False]
