"""Which set of views the settings mean, and which of them are worth training on."""

import logging

import numpy as np
import pytest
from tests.points.support import camera, layer, layered, turned

from livescape.cameras.path_views import sample_views
from livescape.cameras.published import published_views
from livescape.depth.types import DepthEstimate
from livescape.engine.zbuffer import PointRenderer
from livescape.points.cloud import point_cloud
from livescape.views.choose import LEAST_VALID, choose_views, orbit_scale, with_content
from livescape.views.training import seen_values, training_views
from livescape_shared.settings import GenerateSettings

WALL = 8.6
REFERENCE = camera()
PATH = [camera(viewmat=turned(position=(0.1 * i, 0, 0))) for i in range(5)]


def wall():
    depth = np.full((48, 64), WALL, np.float32)
    estimate = DepthEstimate(depth, depth > 99, np.ones_like(depth), 24.0, "popup")
    return estimate, point_cloud(layered(layer(depth)))


def choose(view_set, most_on_path=99, **settings):
    depth, cloud = wall()
    chosen = GenerateSettings(view_set=view_set, **settings)
    return choose_views(REFERENCE, PATH, depth, cloud, chosen, most_on_path)


def viewmats(cameras):
    return np.stack([view.viewmat for view in cameras])


@pytest.mark.parametrize(("views", "most", "count"), [(7, 99, 7), (7, 3, 3), (2, 5, 2)])
def test_path_takes_as_many_views_as_are_asked_and_allowed(views, most, count):
    found = choose("path", most, views=views, view_margin=0.4)
    expected = sample_views(REFERENCE, PATH, count, 0.4, WALL)
    np.testing.assert_array_equal(viewmats(found), viewmats(expected))


@pytest.mark.parametrize(("view_set", "least"), [("released", 20), ("paper", 40)])
def test_published_sets_are_used_whole_but_for_views_of_nothing(view_set, least, caplog):
    caplog.set_level(logging.INFO)
    found = choose(view_set, most_on_path=3, views=4)
    depth, cloud = wall()
    every = published_views(REFERENCE, view_set, orbit_scale(depth))
    assert found[0] is REFERENCE
    renderer = PointRenderer(cloud.points, cloud.footprint)
    kept = {view.viewmat.tobytes() for view in found}
    assert least <= len(found) <= len(every)
    for view in every[1:]:
        share = seen_values(renderer, cloud, cloud.colors, view)[1].mean()
        if abs(share - LEAST_VALID) > 0.01:  # coverage is counted on a small image
            assert (view.viewmat.tobytes() in kept) == (share >= LEAST_VALID)
    lines = [record.message for record in caplog.records if "left out" in record.message]
    assert bool(lines) == (len(found) < len(every))


def test_a_view_that_looks_away_is_left_out_and_does_not_fail(caplog):
    caplog.set_level(logging.INFO)
    _, cloud = wall()
    away = camera(viewmat=turned(yaw=np.pi))
    near = camera(viewmat=turned(yaw=0.1))
    assert with_content([away, near, away], cloud) == [near]
    assert "2 of 3 views see almost nothing" in caplog.text
    assert with_content([], cloud) == []


def test_training_images_of_a_published_set_are_masked_where_nothing_is_known():
    _, cloud = wall()
    photo = cloud.colors.reshape(48, 64, 3)
    views = training_views(cloud, photo, choose("released"))
    np.testing.assert_array_equal(views[0].image, photo)
    shares = np.array([view.mask.mean() for view in views[1:]])
    assert shares.min() >= LEAST_VALID / 2
    assert (shares < 0.7).sum() >= 10  # presets turned by 20 degrees and more
    assert all(np.isfinite(view.image).all() for view in views)
