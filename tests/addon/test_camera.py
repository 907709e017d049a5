"""The evaluated camera is read exactly, and reading leaves no trace."""

from pathlib import Path

import numpy as np
import pytest

from livescape_shared.camera import CameraPath, read_camera_path


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("camera.py", tmp_path_factory.mktemp("camera"))


def test_projection_equals_blenders_own(result):
    assert len(result["errors"]) == 48
    assert max(result["errors"]) < 2e-3


def test_parent_constraint_lens_driver_and_marker(result):
    path = CameraPath.from_dict(result["path"])
    assert path.frames == tuple(range(1, 11))
    for camera, expected in zip(path.cameras, result["expected"], strict=True):
        np.testing.assert_allclose(camera.position, expected["position"], atol=1e-4)
        np.testing.assert_allclose(camera.K[0, 0], expected["focal"], rtol=1e-5)
        np.testing.assert_allclose(camera.K[0, 2], expected["center"], atol=1e-3)
    focal = [camera.K[0, 0] for camera in path.cameras]
    assert focal[0] < focal[5]
    assert focal[7] == pytest.approx(77.0 / 36.0 * 320), "the marker switches the camera"


def test_reference_is_the_camera_of_the_named_frame(result):
    path = CameraPath.from_dict(result["path"])
    np.testing.assert_array_equal(path.reference.viewmat, path.cameras[4].viewmat)


def test_frame_subframe_and_camera_are_restored(result):
    assert result["frame"] == [3, 0.25]
    assert result["camera"] == "Second"


def test_unit_scale_gives_metres(result):
    np.testing.assert_allclose(
        result["scaled_position"], 0.01 * np.array(result["expected"][0]["position"]), atol=1e-6
    )


def test_one_frame_is_a_path(result):
    assert CameraPath.from_dict(result["single"]).frames == (7,)


def test_exported_file_is_the_path(result):
    exported = read_camera_path(Path(result["exported"]))
    assert exported.to_dict() == CameraPath.from_dict(result["path"]).to_dict()


def test_cameras_that_cannot_be_read_are_refused(result):
    codes = {name: code for name, (code, _, _) in result["refusals"].items()}
    assert codes == {
        "none": "camera_missing",
        "ORTHO": "camera_unsupported",
        "PANO": "camera_unsupported",
        "zero focal length": "camera_invalid",
    }
    for _, sentence, frame in result["refusals"].values():
        assert sentence.endswith(".")
        assert frame == 4
