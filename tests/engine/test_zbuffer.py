"""Points on the screen: the nearer hides the farther, and footprints leave no cracks."""

import numpy as np
import pytest
from tests.points.support import camera, turned

from livescape.cameras.projection import project_points, unproject_image
from livescape.engine.zbuffer import (
    DEPTH_TOLERANCE,
    NEAR,
    PointRenderer,
    visible_points,
)

VIEW = camera(viewmat=turned(0.3, 0.1, (1.0, 2.0, -3.0)))


def on_pixel(column, row, depth, view=VIEW):
    """World point at a pixel's centre."""
    ray = np.linalg.inv(view.K) @ [column + 0.5, row + 0.5, 1.0] * depth
    return (view.viewmat[:3, :3].T @ (ray - view.viewmat[:3, 3])).astype(np.float32)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_nearer_point_hides_the_farther_whatever_the_order(order):
    points = np.stack([on_pixel(20, 30, 4.0), on_pixel(20, 30, 9.0)])[list(order)]
    colours = np.array([[1, 0, 0], [0, 0, 1]], np.float32)[list(order)]
    render = PointRenderer(points, np.full(2, 1e-6, np.float32)).render(colours, VIEW)
    assert render.valid.sum() == 1
    np.testing.assert_array_equal(render.values[30, 20], [1, 0, 0])
    assert render.depth[30, 20] == pytest.approx(4.0, rel=1e-6)
    assert np.isinf(render.depth[~render.valid]).all()
    assert not render.values[~render.valid].any()


def test_the_nearest_point_is_the_one_a_plain_search_finds():
    rng = np.random.default_rng(0)
    places = rng.uniform([-9, -9, 1], [73, 57, 9], (400, 3))
    points = np.stack([on_pixel(*place) for place in places])
    footprint = rng.uniform(0.01, 0.5, 400).astype(np.float32)
    index, depth = PointRenderer(points, footprint).nearest(VIEW)
    positions, z = project_points(points, VIEW)
    u, v = positions.T
    radius = np.clip(0.5 * 1.15 * footprint * 60.0 / z, 0.5, 32.0)
    for row in range(48):
        for column in range(64):
            x, y = column + 0.5, row + 0.5
            over = (x >= u - radius) & (x < u + radius) & (y >= v - radius) & (y < v + radius)
            expected = np.where(over, z, np.inf).argmin() if over.any() else -1
            assert index[row, column] == expected
            if over.any():
                assert depth[row, column] == pytest.approx(z[expected], rel=1e-6)


@pytest.mark.parametrize("depth", [-3.0, 0.0, NEAR * 0.9])
def test_points_behind_or_at_the_camera_are_not_drawn(depth):
    points = on_pixel(20, 30, depth)[None]
    index, _ = PointRenderer(points, np.array([0.5], np.float32)).nearest(VIEW)
    assert (index == -1).all()
    assert not visible_points(points, np.full((48, 64), np.inf, np.float32), VIEW).any()


@pytest.mark.parametrize("moved", [(0, 0, 0), (0.3, 0.1, 0), (0, 0, 1.2), (0.2, 0, -1.0)], ids=str)
def test_a_wall_seen_from_elsewhere_has_no_cracks(moved):
    view = camera(viewmat=turned(0.05, -0.04, moved))
    wide = camera(160, 144, 60.0)
    points = unproject_image(np.full((144, 160), 5.0, np.float32), wide).reshape(-1, 3)
    footprint = np.full(len(points), 5.0 / 60.0, np.float32)
    assert (PointRenderer(points, footprint).nearest(view)[0] >= 0).all()


def test_visible_is_in_frame_and_not_behind_the_surface():
    surface = np.full((48, 64), 5.0, np.float32)
    points = np.stack(
        [
            on_pixel(10, 10, 5.0),
            on_pixel(10, 10, 4.0),
            on_pixel(10, 10, 5.0 * (1 + 0.9 * DEPTH_TOLERANCE)),
            on_pixel(10, 10, 5.0 * (1 + 1.1 * DEPTH_TOLERANCE)),
            on_pixel(-1, 10, 3.0),
            on_pixel(10, 48, 3.0),
        ]
    )
    seen = visible_points(points, surface, VIEW)
    assert seen.tolist() == [True, True, True, False, False, False]
