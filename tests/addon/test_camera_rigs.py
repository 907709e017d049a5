"""Cameras are read without evaluating the Gaussians, as Blender itself would evaluate them."""

import numpy as np
import pytest

from livescape_shared.camera import Camera

ASKS_THE_SCENE = {
    "driven_by_the_scene",
    "driven_by_python",
    "on_the_gaussians",
    "moved_by_a_handler",
    "rigid_body",
}
RIGS = ASKS_THE_SCENE | {
    "parents",
    "hidden_parent",
    "constraints",
    "vertex_parent",
    "drivers",
    "nla",
    "markers",
    "time_remapping",
    "unkeyed",
}


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("camera_rigs.py", tmp_path_factory.mktemp("camera_rigs"))


@pytest.mark.parametrize("rig", sorted(RIGS))
def test_the_path_is_that_of_its_slow_twin(result, rig):
    found = result[rig]
    cameras = [Camera.from_dict(each) for each in found["read"]]
    for camera, wanted in zip(cameras, map(Camera.from_dict, found["twin"]), strict=True):
        assert (camera.width, camera.height) == (wanted.width, wanted.height)
        np.testing.assert_allclose(camera.K, wanted.K, rtol=1e-6)
        np.testing.assert_allclose(camera.viewmat, wanted.viewmat, atol=1e-5)
    poses = {(camera.viewmat.tobytes(), camera.width) for camera in cameras}
    assert len(poses) > 3, "the rig does not move"
    assert found["reference"] == found["read"][5]


@pytest.mark.parametrize("rig", sorted(RIGS))
def test_gaussians_are_evaluated_once_at_most_however_many_frames(result, rig):
    """After reading, for the viewport: what they depend on has been touched."""
    assert result[rig]["alone"] == (rig not in ASKS_THE_SCENE)
    assert result[rig]["evaluations"] <= 1


@pytest.mark.parametrize("rig", sorted(RIGS))
def test_nothing_is_left_behind(result, rig):
    found = result[rig]
    assert (found["frame"], found["scenes"]) == (3, 1)
    assert found["kept"] == pytest.approx(0.125)
    assert all(found["modifiers"])
