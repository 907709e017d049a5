"""Camera paths as arrays: there and back, and whatever is wrong with them in one sentence."""

import numpy as np
import pytest

from livescape_shared.camera import MAX_FRAMES, Camera, CameraPath
from livescape_shared.camera_arrays import PATH_ARRAYS, path_from_arrays, path_to_arrays
from livescape_shared.errors import LivescapeError


def a_path(frames=5):
    rng = np.random.default_rng(0)
    cameras = []
    for number in range(frames + 1):
        K = np.array([[100.0 + number, 0, 32], [0, 90.0, 24], [0, 0, 1]])
        viewmat = np.eye(4)
        viewmat[:3, 3] = rng.random(3)
        cameras.append(Camera(64 + number, 48, K, viewmat))
    return CameraPath(cameras[0], tuple(cameras[1:]), tuple(range(-2, frames - 2)), 23.976)


def test_a_path_is_the_same_there_and_back():
    path = a_path()
    arrays = path_to_arrays(path)
    assert {name: array.dtype for name, array in arrays.items()} == PATH_ARRAYS
    back = path_from_arrays(arrays, path.fps)
    assert back.to_dict() == path.to_dict()
    back.cameras[0].viewmat[0, 3] = 7.0
    assert arrays["extrinsics"][1, 0, 3] != 7.0, "a camera has values of its own"


@pytest.mark.parametrize("name", PATH_ARRAYS)
def test_an_array_that_is_missing_or_of_another_type_or_shape_is_refused(name):
    arrays = path_to_arrays(a_path())
    wrong = [
        {},
        {name: arrays[name].astype(np.float32)},
        {name: arrays[name][:-1]},
        {name: arrays[name][None]},
        {name: arrays[name][:0]},
        {name: arrays[name].reshape(-1)[:1].reshape(())},
    ]
    for replaced in wrong:
        given = {key: value for key, value in arrays.items() if key != name} | replaced
        with pytest.raises(LivescapeError) as caught:
            path_from_arrays(given, 24.0)
        assert caught.value.code == "camera_path_invalid"


@pytest.mark.parametrize("row", [0, 3, 5])
@pytest.mark.parametrize(
    ("name", "at", "value"),
    [
        ("sizes", (0,), 0),
        ("sizes", (1,), -1),
        ("sizes", (1,), 2**31 - 1),
        ("intrinsics", (0, 0), 0.0),
        ("intrinsics", (1, 1), -5.0),
        ("intrinsics", (0, 2), np.nan),
        ("extrinsics", (0, 0), 2.0),
        ("extrinsics", (0, 1), 1e300),
        ("extrinsics", (2, 3), np.inf),
    ],
)
def test_a_camera_that_cannot_be_is_refused_wherever_it_stands(row, name, at, value):
    arrays = path_to_arrays(a_path())
    arrays[name][(row, *at)] = value
    with pytest.raises(LivescapeError) as caught:
        path_from_arrays(arrays, 24.0)
    assert caught.value.code == "camera_invalid"


def test_a_path_over_the_limit_is_refused_before_its_cameras_are_made(monkeypatch):
    arrays = path_to_arrays(a_path(1))
    count = MAX_FRAMES + 1
    long = {
        "frames": np.arange(count, dtype=np.int32),
        **{key: np.repeat(arrays[key][:1], 1 + count, 0) for key in arrays if key != "frames"},
    }
    monkeypatch.setattr(Camera, "checked", lambda *_: pytest.fail("a camera was made"))
    with pytest.raises(LivescapeError, match="frames"):
        path_from_arrays(long, 24.0)
