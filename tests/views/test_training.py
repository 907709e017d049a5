"""Training views: the photo and what other cameras see of the cloud."""

import numpy as np
import pytest
from tests.points.support import camera, layer, layered, texture, turned

from livescape.engine.zbuffer import PointRenderer
from livescape.points.cloud import point_cloud
from livescape.views.training import OTHER_WEIGHT, seen_values, training_views


def wall_cloud():
    return point_cloud(layered(layer(np.full((48, 64), 5.0))))


def test_the_photo_is_the_first_training_view_and_weighs_most():
    photo = texture(48, 64)
    cameras = [camera(), camera(viewmat=turned(position=(0.5, 0, 0)))]
    first, second = training_views(wall_cloud(), photo, cameras)
    np.testing.assert_array_equal(first.image, photo)
    assert first.mask is None
    assert (first.weight, second.weight) == (1.0, OTHER_WEIGHT)
    np.testing.assert_array_equal(second.viewmat, cameras[1].viewmat)
    # Half a metre aside, a wall at 5 m with a focal length of 60 px moves by 6 px.
    np.testing.assert_allclose(second.image[:, 1:57], photo[:, 7:63], atol=1e-6)
    np.testing.assert_array_equal(second.mask[:, :57], 1.0)
    assert not second.mask[:, 60:].any()  # beyond the photo nothing is known


def test_from_the_place_of_the_photo_one_sees_the_photo():
    """What its points are painted with does not matter there."""
    photo = texture(48, 64, seed=1)
    longer = camera(focal=61.0)
    _, same, zoomed = training_views(wall_cloud(), photo, [camera(), camera(), longer])
    np.testing.assert_array_equal(same.image, photo)
    assert same.mask is None
    assert same.weight == OTHER_WEIGHT
    assert np.abs(zoomed.image - photo).max() > 0.2


def test_cracks_are_closed_and_holes_are_not():
    cloud = wall_cloud()
    keep = np.ones((48, 64), bool)
    keep[:, 20] = False  # a crack
    keep[10:20, 40:50] = False  # a hole
    part = type(cloud)(*(values[keep.ravel()] for values in vars(cloud).values()))
    thin = type(cloud)(**{**vars(part), "footprint": 0.5 * part.footprint})
    image, valid = seen_values(
        PointRenderer(thin.points, thin.footprint), thin, thin.colors, camera()
    )
    assert valid[:, 20].all()
    assert not valid[11:19, 41:49].any()
    between = 0.5 * (texture(48, 64)[:, 19] + texture(48, 64)[:, 21])
    assert np.abs(image[:, 20] - between).max() < 0.25
    assert np.isfinite(image).all()


def posts(between):
    """Return a near and a farther post, some pixels apart, before a wall, and what they hide."""
    depth = np.full((48, 64), 20.0)
    depth[:, 24:30], depth[:, 30 + between : 36] = 5.0, 6.0
    image = np.zeros((48, 64, 3), np.float32)
    image[:, 24:36, 0] = depth[:, 24:36] < 20.0
    wall = np.zeros((48, 64), bool)
    wall[:, 20:40] = True
    behind = layer(np.full((48, 64), 20.0), "behind", wall, np.zeros_like(image))
    return point_cloud(layered(layer(depth, image=image), behind))


@pytest.mark.parametrize(("between", "to_the_right", "gaps"), [(0, 1.0, 0), (4, -1.0, 1)])
def test_a_gap_that_the_photo_shows_is_no_crack(between, to_the_right, gaps):
    cloud = posts(between)
    renderer = PointRenderer(cloud.points, cloud.footprint)
    # A metre to the right, the nearer post is 2 px farther left of the other one.
    aside = camera(viewmat=turned(position=(to_the_right, 0.0, 0.0)))
    image, valid = seen_values(renderer, cloud, cloud.colors, aside)
    assert valid[:, 10:50].all()
    red = (image[24, :, 0] > 0.5).astype(int)
    assert (np.diff(red) == 1).sum() == 1 + gaps


def test_rows_of_a_floor_have_no_gaps_between_them_when_seen_from_higher_above():
    view = camera()
    rows = np.arange(48) + 0.5 - 24
    depth = np.where(rows > 0, 60.0 / np.maximum(rows, 0.5), 1e3)[:, None] + np.zeros(64)
    floor = np.broadcast_to(rows[:, None] > 2, (48, 64))
    cloud = point_cloud(layered(layer(depth, valid=floor.copy()), view=view))
    above = camera(viewmat=turned(position=(0.0, -1.5, 0.0)))
    renderer = PointRenderer(cloud.points, cloud.footprint)
    _, valid = seen_values(renderer, cloud, cloud.colors, above)
    assert not (renderer.nearest(above)[0] >= 0)[34:46, 20:40].all()
    assert valid[34:46, 20:40].all()
