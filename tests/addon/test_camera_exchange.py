"""Cameras go out to other programs and come back as keyframes, the same to a hair."""

import numpy as np
import pytest

from livescape_shared.camera import Camera


@pytest.fixture(scope="module")
def result(blender, tmp_path_factory):
    return blender.run("camera_exchange.py", tmp_path_factory.mktemp("camera_exchange"))


def cameras(frames):
    return [Camera.from_dict(each) for each in frames]


@pytest.mark.parametrize("kind", ["json", "nerfstudio", "colmap", "npz"])
def test_a_moving_camera_comes_back_as_it_went(result, kind):
    found = result["found"][kind]
    assert [each["frame"] for each in found["path"]] == list(range(5, 25))
    for a, b in zip(cameras(found["path"]), cameras(result["wanted"]), strict=True):
        assert (a.width, a.height) == (b.width, b.height)
        np.testing.assert_allclose(a.K, b.K, atol=2e-2)
        np.testing.assert_allclose(a.viewmat, b.viewmat, atol=2e-5)
    assert found["keys"] == 20


def test_units_and_scale_are_metres_of_the_file(result):
    for a, b in zip(cameras(result["units"]), cameras(result["wanted"]), strict=True):
        np.testing.assert_allclose(a.position, 2.0 * b.position, atol=1e-4)


def test_a_path_may_begin_where_the_scenes_camera_is(result):
    here, found = result["at_camera"]
    here, found, wanted = Camera.from_dict(here), cameras(found), cameras(result["wanted"])
    np.testing.assert_allclose(found[0].viewmat, here.viewmat, atol=2e-5)
    for a, b in zip(found, wanted, strict=True):
        step = a.viewmat @ found[0].camera_to_world
        np.testing.assert_allclose(step, b.viewmat @ wanted[0].camera_to_world, atol=5e-5)


def test_a_world_with_y_down_is_stood_up(result):
    for a, b in zip(cameras(result["y_down"]), cameras(result["wanted"]), strict=True):
        x, y, z = b.position
        np.testing.assert_allclose(a.position, [x, z, -y], atol=1e-4)


def test_what_is_no_file_of_cameras_leaves_nothing(result):
    said, more = result["refused"]
    assert "cannot be read: it has no list of frames" in said
    assert more == 0


def test_a_place_without_a_name_is_refused_and_a_name_is_kept(result):
    assert all(said and "Traceback" not in said for said in result["nameless"])
    assert result["exported"] == ["take.v2.json"]
