"""Which views are trained on: the photo first, the path, and a little around it."""

import numpy as np
import pytest
from tests.points.support import camera, turned

from livescape.cameras.path_views import LEAST_TRAVEL, sample_views

REFERENCE = camera(viewmat=turned(0.2, 0.1))
PATH = [camera(viewmat=turned(0.2, 0.1, (0.1 * i, 0.0, 0.02 * i))) for i in range(21)]
EXTENT = float(np.linalg.norm(PATH[-1].position))


def nearest(view, path):
    return min(float(np.linalg.norm(view.position - other.position)) for other in path)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 9, 25, 60])
def test_as_many_views_as_asked_the_photo_first(count):
    views = sample_views(REFERENCE, PATH, count, 0.15, 10.0)
    assert len(views) == count
    assert views[0] is REFERENCE
    assert {(view.width, view.height) for view in views} == {(64, 48)}


def test_two_thirds_lie_on_the_path_both_ends_included():
    views = sample_views(REFERENCE, PATH, 10, 0.15, 10.0)[1:]
    distances = np.array([nearest(view, PATH) for view in views])
    assert (distances < 1e-9).sum() == 6
    for end in (PATH[0], PATH[-1]):
        assert nearest(end, views) < 1e-9


def test_the_others_are_off_the_path_by_the_margin_and_look_the_same_way():
    views = sample_views(REFERENCE, PATH, 10, 0.15, 10.0)[1:]
    aside = [view for view in views if nearest(view, PATH) > 1e-9]
    offsets = np.array(
        [
            view.viewmat[:3, :3] @ (view.position - on_path.position)
            for view, on_path in zip(aside, (PATH[0], PATH[10], PATH[20]), strict=True)
        ]
    )
    np.testing.assert_allclose(np.linalg.norm(offsets, axis=1), 0.15 * EXTENT, rtol=1e-6)
    np.testing.assert_allclose(offsets[:, 2], 0.0, atol=1e-9)
    assert len(np.unique(np.round(offsets, 6), axis=0)) == 3
    for view in aside:
        np.testing.assert_array_equal(view.viewmat[:3, :3], REFERENCE.viewmat[:3, :3])
        np.testing.assert_array_equal(view.K, REFERENCE.K)


@pytest.mark.parametrize("length", [1, 2])
def test_a_camera_that_stands_still_is_still_looked_around(length):
    views = sample_views(REFERENCE, [REFERENCE] * length, 9, 0.15, 50.0)
    assert len(views) == 9
    aside = [np.linalg.norm(view.position - REFERENCE.position) for view in views]
    assert max(aside) == pytest.approx(LEAST_TRAVEL * 50.0, rel=1e-6)


def test_views_of_another_size_become_photo_cameras():
    large = [camera(640, 480, 600.0, view.viewmat) for view in PATH]
    small = sample_views(REFERENCE, PATH, 5, 0.1, 10.0)
    for view, expected in zip(sample_views(REFERENCE, large, 5, 0.1, 10.0), small, strict=True):
        np.testing.assert_allclose(view.K, expected.K)
        np.testing.assert_allclose(view.viewmat, expected.viewmat)
