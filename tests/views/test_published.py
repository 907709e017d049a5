"""The published camera sets, against the poses of the released code."""

import numpy as np
import pytest
from tests.data.files import load_vectors
from tests.points.support import camera, turned

from livescape.cameras.projection import project_points, unproject_points
from livescape.cameras.published import (
    ORBIT_DISTANCE,
    published_poses,
    published_views,
)
from livescape.depth.types import DepthEstimate
from livescape.views.choose import orbit_scale

SIZES = {"released": 25, "paper": 105}
REFERENCE = camera(viewmat=turned(0.7, -0.2, (3.0, -1.0, 0.5)))


@pytest.mark.parametrize(("view_set", "count"), SIZES.items())
def test_poses_are_those_of_the_released_code(view_set, count):
    expected = load_vectors("cameras")[f"w2c_{count}"]
    poses = published_poses(view_set)
    np.testing.assert_allclose(poses[:, :3], expected, atol=1e-12)
    np.testing.assert_array_equal(poses[:, 3], np.tile([0, 0, 0, 1], (count, 1)))


@pytest.mark.parametrize(("view_set", "count"), SIZES.items())
def test_the_photo_is_first_and_all_views_are_different(view_set, count):
    views = published_views(REFERENCE, view_set, 2.0)
    assert len(views) == count
    assert views[0] is REFERENCE
    assert len(np.unique([view.viewmat.ravel() for view in views], axis=0)) == count
    for view in views:
        assert (view.width, view.height) == (REFERENCE.width, REFERENCE.height)
        np.testing.assert_array_equal(view.K, REFERENCE.K)


@pytest.mark.parametrize("scale", [0.5, 1.0, 20.0])
def test_satellites_of_the_photo_orbit_the_point_on_its_axis(scale):
    """All five see the point at the orbit's distance in the middle of the image."""
    middle = np.array([[REFERENCE.K[0, 2], REFERENCE.K[1, 2]]])
    centre = unproject_points(middle, np.array([ORBIT_DISTANCE * scale]), REFERENCE)
    satellites = published_views(REFERENCE, "released", scale)[:5]
    aside = [np.linalg.norm(view.position - REFERENCE.position) for view in satellites]
    np.testing.assert_allclose(aside, [0.0, *[0.375 * scale] * 4], rtol=2e-3, atol=1e-12)
    for view in satellites[1:]:
        position, depth = project_points(centre, view)
        np.testing.assert_allclose(position, middle, atol=0.5)
        assert depth[0] == pytest.approx(ORBIT_DISTANCE * scale, rel=0.01)


def estimate(depth, sky, source):
    ones = np.ones(depth.shape, np.float32)
    return DepthEstimate(depth.astype(np.float32), sky, ones, 20.0, source)


def test_zoedepth_keeps_its_metres_and_every_other_depth_its_own_parallax():
    sky = np.zeros((48, 64), bool)
    sky[:30] = True
    depth = np.where(sky, 5000.0, 43.0)
    assert orbit_scale(estimate(depth, sky, "zoedepth")) == 1.0
    assert orbit_scale(estimate(depth, sky, "popup")) == pytest.approx(10.0)
    everywhere = np.ones_like(sky)
    assert orbit_scale(estimate(depth, everywhere, "popup")) == pytest.approx(5000.0 / 4.3)


def test_an_unknown_set_is_a_programming_error():
    with pytest.raises(ValueError, match="view_set"):
        published_poses("path")
