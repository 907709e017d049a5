"""Cameras and the file that carries them."""

import json

import numpy as np
import pytest
from tests.shared.samples import camera

from livescape_shared.camera import Camera, CameraPath, read_camera_path, write_camera_path
from livescape_shared.camera_files.kinds import read_cameras
from livescape_shared.errors import LivescapeError


def code(function, *arguments):
    with pytest.raises(LivescapeError) as caught:
        function(*arguments)
    assert caught.value.message.endswith(".")
    return caught.value.code


def random_camera(seed):
    rng = np.random.default_rng(seed)
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    viewmat = np.eye(4)
    viewmat[:3, :3] = rotation * np.sign(np.linalg.det(rotation))
    viewmat[:3, 3] = rng.normal(size=3)
    K = np.array([[rng.uniform(50, 500), 0, 100], [0, rng.uniform(50, 500), 70], [0, 0, 1]])
    return Camera(200, 140, K, viewmat)


def path_of(*cameras, **values):
    given = {"frames": tuple(range(1, len(cameras) + 1)), "fps": 24.0}
    return CameraPath(cameras[0], cameras, **{**given, **values})


@pytest.mark.parametrize("seed", range(4))
def test_a_camera_survives_plain_values_exactly(seed):
    before = random_camera(seed)
    after = Camera.from_dict(json.loads(json.dumps(before.to_dict())))
    np.testing.assert_array_equal(after.K, before.K)
    np.testing.assert_array_equal(after.viewmat, before.viewmat)
    assert (after.width, after.height) == (200, 140)


@pytest.mark.parametrize("seed", range(4))
def test_the_position_is_what_the_viewmat_sends_to_the_origin(seed):
    view = random_camera(seed)
    np.testing.assert_allclose(view.viewmat @ [*view.position, 1.0], [0, 0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(view.camera_to_world @ view.viewmat, np.eye(4), atol=1e-12)
    np.testing.assert_allclose(view.camera_to_world[:3, 3], view.position, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_a_resized_camera_sees_the_same_rays(seed):
    view = random_camera(seed)
    small = view.resized(50, 70)
    pixel = np.array([31.0, 12.0, 1.0])
    scaled = pixel * [50 / 200, 70 / 140, 1.0]
    ray, small_ray = np.linalg.solve(view.K, pixel), np.linalg.solve(small.K, scaled)
    np.testing.assert_allclose(small_ray, ray, atol=1e-12)


def test_a_camera_keeps_its_own_copy():
    K, viewmat = camera().K.copy(), np.eye(4)
    view = Camera(64, 48, K, viewmat)
    K[0, 0], viewmat[0, 3] = 7.0, 7.0
    assert (view.K[0, 0], view.viewmat[0, 3]) == (100.0, 0.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 0}, {"width": -4}, {"height": 70_000}, {"width": "wide"}, {"width": None},
        {"intrinsics": np.eye(4).tolist()}, {"intrinsics": "x"}, {"intrinsics": None},
        {"intrinsics": np.diag([0.0, 1, 1]).tolist()},
        {"intrinsics": np.diag([-5.0, 1, 1]).tolist()},
        {"intrinsics": [[float("nan")] * 3] * 3}, {"intrinsics": [[1, 0], [0, 1], [0]]},
        {"extrinsics": (2 * np.eye(4)).tolist()}, {"extrinsics": np.eye(3).tolist()},
        {"extrinsics": [[float("inf")] * 4] * 4}, {"extrinsics": {}},
    ],
)  # fmt: skip
def test_impossible_cameras_are_refused(changes):
    assert code(Camera.from_dict, {**camera().to_dict(), **changes}) == "camera_invalid"


@pytest.mark.parametrize("missing", ["width", "height", "intrinsics", "extrinsics"])
def test_missing_fields_are_refused(missing):
    values = camera().to_dict()
    del values[missing]
    assert code(Camera.from_dict, values) == "camera_invalid"


def test_a_path_survives_the_file(tmp_path):
    path = path_of(*(random_camera(seed) for seed in range(3)), frames=(10, 12, 14), fps=23.976)
    write_camera_path(tmp_path / "path.json", path)
    found = read_camera_path(tmp_path / "path.json")
    assert found.to_dict() == path.to_dict()
    assert len(found) == 3
    assert (found.frames, found.fps) == ((10, 12, 14), 23.976)


def test_unknown_fields_of_the_file_are_ignored():
    values = path_of(camera()).to_dict()
    values["comment"] = "by hand"
    values["frames"][0]["lens"] = 50
    assert CameraPath.from_dict(values).to_dict() == path_of(camera()).to_dict()


@pytest.mark.parametrize(
    "values",
    [{"frames": ()}, {"frames": (1, 2)}, {"fps": 0.0}, {"fps": float("nan")}, {"fps": 1e6}],
)
def test_impossible_paths_are_refused(values):
    assert code(lambda: path_of(camera(), **values)) == "camera_path_invalid"


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "other"}, {"version": 2}, {"format": None}, {"frames": None}, {"frames": []},
        {"reference": None}, {"reference": []},
    ],
)  # fmt: skip
def test_other_files_are_refused(changes):
    values = {**path_of(camera()).to_dict(), **changes}
    assert code(CameraPath.from_dict, values) == "camera_path_invalid"


@pytest.mark.parametrize(
    "frame",
    [None, 3, "frame", [1, 2], {"frame": "first"}, {"frame": None}, {"frame": [1]},
     {"frame": float("nan")}, {"frame": float("inf")}],
)  # fmt: skip
def test_malformed_frames_are_refused(frame):
    values = path_of(camera()).to_dict()
    whole = {**values["frames"][0], **frame} if isinstance(frame, dict) else frame
    values["frames"].append(whole)
    assert code(CameraPath.from_dict, values) == "camera_path_invalid"


@pytest.mark.parametrize("fps", [None, "fast", [24]])
def test_malformed_rates_are_refused(fps):
    values = {**path_of(camera()).to_dict(), "fps": fps}
    assert code(CameraPath.from_dict, values) == "camera_path_invalid"


@pytest.mark.parametrize("width", [None, "wide", float("inf"), float("nan")])
def test_malformed_cameras_of_a_path_are_refused(width):
    values = path_of(camera()).to_dict()
    values["frames"][0]["width"] = width
    assert code(CameraPath.from_dict, values) == "camera_invalid"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_a_path_may_be_written_in_any_unicode(tmp_path, encoding):
    file = tmp_path / "path.json"
    file.write_text(json.dumps(path_of(camera()).to_dict()), encoding=encoding)
    assert read_camera_path(file).to_dict() == read_cameras(file).path.to_dict()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "3", '"x"', "{}"])
def test_files_that_are_no_path_are_refused(tmp_path, text):
    file = tmp_path / "path.json"
    file.write_text(text, encoding="utf-8")
    assert code(read_camera_path, file) == "camera_path_invalid"
    assert code(read_camera_path, tmp_path / "none.json") == "camera_path_invalid"
