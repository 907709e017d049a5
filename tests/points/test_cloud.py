"""One point per pixel: where it lies, what it carries, and whether the photo shows it."""

import numpy as np
import pytest
from tests.points.support import camera, layer, layered, slanted_depth, texture, turned

from livescape.cameras.projection import project_points, unproject_image
from livescape.engine.zbuffer import PointRenderer
from livescape.points.cloud import point_cloud

VIEW = camera(viewmat=turned(0.5, -0.3, (2.0, -1.0, 4.0)))


@pytest.mark.parametrize("distance", [0.3, 6.0, 5000.0])
def test_unprojected_pixels_project_back_to_their_centres(distance):
    depth = slanted_depth(VIEW, (0.1, -0.4, 0.9), distance)
    points = unproject_image(depth, VIEW)
    assert points.dtype == np.float32
    positions, z = project_points(points.reshape(-1, 3), VIEW)
    u, v = positions.T
    columns, rows = np.meshgrid(np.arange(VIEW.width) + 0.5, np.arange(VIEW.height) + 0.5)
    assert np.abs(u - columns.ravel()).max() < 1e-3
    assert np.abs(v - rows.ravel()).max() < 1e-3
    np.testing.assert_allclose(z, depth.ravel(), rtol=1e-5)


def test_the_cloud_rendered_where_it_was_made_is_the_photo():
    depth = slanted_depth(VIEW, (0.2, 0.3, 1.0), 5.0)
    photo = layered(layer(depth), view=VIEW)
    cloud = point_cloud(photo)
    render = PointRenderer(cloud.points, cloud.footprint).render(cloud.colors, VIEW)
    assert render.valid.all()
    np.testing.assert_allclose(render.depth, depth, rtol=1e-2)
    # On a slope the nearer neighbour may win a pixel by its overlap, never one farther away.
    shifted = np.abs(render.values - texture(48, 64)).max(axis=-1)
    assert np.quantile(shifted, 0.5) < 0.1
    assert cloud.footprint == pytest.approx(depth.ravel() / VIEW.K[0, 0], rel=1e-5)


def test_a_facing_wall_rendered_where_it_was_made_is_the_photo_exactly():
    cloud = point_cloud(layered(layer(np.full((48, 64), 7.0)), view=VIEW))
    render = PointRenderer(cloud.points, 0.8 * cloud.footprint).render(cloud.colors, VIEW)
    np.testing.assert_array_equal(render.values, texture(48, 64))


def stacked():
    """Ground below, a hidden strip behind its upper edge, and sky that goes on behind it."""
    rows = np.arange(48)[:, None] + np.zeros(64)
    ground, sky = rows >= 24, rows < 36
    hidden = (rows >= 24) & (rows < 30)
    depth = np.full((48, 64), 5.0)
    moving = np.where(rows < 20, 0.75, 0.25)
    return layered(
        layer(depth, valid=ground),
        layer(2 * depth, "behind", valid=hidden),
        layer(20 * depth, "sky", valid=sky, moving=moving),
        view=VIEW,
        margin=6,
    )


def test_every_valid_pixel_of_every_layer_is_one_point_that_knows_where_it_came_from():
    photo = stacked()
    cloud = point_cloud(photo)
    assert len(cloud) == sum(int(part.valid.sum()) for part in photo.layers)
    start = 0
    for part in photo.layers:
        count = int(part.valid.sum())
        own = slice(start, start + count)
        columns, rows = cloud.pixels[own].T
        assert part.valid[rows, columns].all()
        assert len(np.unique(cloud.pixels[own], axis=0)) == count
        np.testing.assert_array_equal(cloud.colors[own], part.image[rows, columns])
        np.testing.assert_array_equal(cloud.moving[own], part.moving[rows, columns])
        assert (cloud.sky[own] == (part.name == "sky")).all()
        positions, z = project_points(cloud.points[own], photo.camera)
        u, v = positions.T
        np.testing.assert_allclose(np.column_stack([u, v]) - 0.5, cloud.pixels[own], atol=1e-3)
        np.testing.assert_allclose(z, part.depth[rows, columns], rtol=1e-5)
        start += count


def test_seen_is_what_the_photo_shows_and_no_pixel_of_it_twice():
    photo = stacked()
    cloud = point_cloud(photo)
    columns, rows = cloud.pixels[cloud.seen].T
    inside = (rows >= 6) & (rows < 42) & (columns >= 6) & (columns < 58)
    assert inside.all()
    shown = np.zeros((48, 64), int)
    np.add.at(shown, (rows, columns), 1)
    np.testing.assert_array_equal(shown[6:-6, 6:-6], 1)
    # Sky behind the ground is invented, so it says nothing about the photo.
    assert rows[cloud.sky[cloud.seen]].max() == 23


def test_without_a_margin_everything_in_front_is_seen():
    cloud = point_cloud(layered(layer(np.full((48, 64), 3.0))))
    assert cloud.seen.all()
