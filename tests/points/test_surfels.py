"""Cells to Gaussians: the covariance of a plane is the analytic one, whatever its slant."""

import numpy as np
import pytest
from tests.points.support import camera, layer, layered, slanted_depth, turned

from livescape.gaussians.render import render
from livescape.points.quadtree import Cells
from livescape.points.surfels import (
    LYING_STRETCH,
    MAX_STRETCH,
    SPREAD,
    STEADY_STRETCH,
    THICKNESS,
    cell_gaussians,
    cell_means,
    cell_shades,
    lies_open,
    surface_normals,
    surface_tangents,
)
from livescape_shared.gaussians import rotation_matrices

VIEW = camera(focal=300.0, viewmat=turned(0.7, 0.4, (3.0, 1.0, -2.0)))
CENTRE = Cells(np.array([30]), np.array([22]), np.array([4]))


def covariance(gaussians):
    axes = rotation_matrices(gaussians.quats).astype(float) * gaussians.scales[:, None, :]
    return axes @ axes.transpose(0, 2, 1)


def test_a_facing_wall_gets_round_discs_as_wide_as_their_cells():
    wall = layer(np.full((48, 64), 6.0))
    size = np.array([1, 4, 8])
    cells = Cells(np.array([3, 20, 40]), np.array([5, 16, 32]), size)
    found = cell_gaussians(wall, cells, VIEW)
    width = SPREAD * size * 6.0 / 300.0
    np.testing.assert_allclose(
        np.sort(found.scales)[:, 1:], width[:, None] + np.zeros(2), rtol=1e-4
    )
    np.testing.assert_allclose(np.sort(found.scales)[:, 0], THICKNESS * width, rtol=1e-4)
    axes = VIEW.viewmat[:3, :3]
    expected = [axes.T @ np.diag([w * w, w * w, (THICKNESS * w) ** 2]) @ axes for w in width]
    np.testing.assert_allclose(covariance(found), expected, rtol=1e-3, atol=1e-9)


@pytest.mark.parametrize("normal", [(0.5, 0.0, 1.0), (0.0, -1.5, 1.0), (0.6, 0.5, 0.8)])
def test_a_slanted_wall_gets_the_covariance_of_its_own_tangents(normal):
    normal = np.asarray(normal) / np.linalg.norm(normal)
    found = cell_gaussians(layer(slanted_depth(VIEW, normal, 5.0)), CENTRE, VIEW)

    def at(u, v):
        ray = np.linalg.inv(VIEW.K) @ [u, v, 1.0]
        return ray * 5.0 / (ray @ normal)

    right = SPREAD * 4 * (at(32.51, 24.5) - at(32.49, 24.5)) / 0.02
    down = SPREAD * 4 * (at(32.5, 24.51) - at(32.5, 24.49)) / 0.02
    flat = np.outer(right, right) + np.outer(down, down)
    thin = THICKNESS**2 * np.linalg.eigvalsh(flat)[1] * np.outer(normal, normal)
    axes = VIEW.viewmat[:3, :3]
    expected = axes.T @ (flat + thin) @ axes
    np.testing.assert_allclose(covariance(found)[0], expected, rtol=0.02, atol=2e-5)
    mean = axes @ found.means[0] + VIEW.viewmat[:3, 3]
    np.testing.assert_allclose(mean, at(32.0, 24.0), atol=1e-5)
    assert mean @ normal == pytest.approx(5.0, rel=1e-4)


def test_a_grazing_plane_is_stretched_only_so_far():
    depth = slanted_depth(VIEW, (0.0, 1.0, 0.02), 0.5)[34:]
    view = camera(64, 14, 300.0)
    right, down = surface_tangents(np.abs(depth), np.ones_like(depth, bool), view)
    footprint = np.abs(depth) / 300.0
    assert (np.linalg.norm(down, axis=-1) <= STEADY_STRETCH * footprint * 1.001).all()
    assert (np.linalg.norm(right, axis=-1) <= STEADY_STRETCH * footprint * 1.001).all()


def test_uneven_ground_is_stretched_less_than_a_plane():
    depth = np.tile(np.where(np.arange(48) % 2 == 0, 20.0, 4.0)[:, None], (1, 64))
    depth = depth.astype(np.float32)
    _, down = surface_tangents(depth, np.ones_like(depth, bool), VIEW)
    assert (np.linalg.norm(down, axis=-1) <= MAX_STRETCH * depth / 300.0 * 1.001)[1:-1].all()


def test_a_plane_seen_at_a_grazing_angle_has_no_stripes_from_higher_above():
    """Ground 1 m below the eye, up to 30 m away, seen from three times the height."""
    low = camera(96, 64, 120.0)
    rows = np.arange(64)[:, None] + np.zeros((64, 96), int)
    ground = layer(120.0 / np.maximum(rows + 0.5 - 32.0, 0.5), valid=rows >= 36)
    row, column = np.nonzero(ground.valid)
    made = cell_gaussians(ground, Cells(column, row, np.ones_like(row)), low)
    high = camera(96, 64, 120.0, turned(position=(0, -2.0, 0)))
    alpha = render(made, high).alpha
    # Twenty metres away the ground lies 18 rows below the horizon there, ten metres 36.
    assert alpha[32 + 17 : 32 + 31, 40:56].min() > 0.8


def test_water_far_away_is_seen_too_flat_to_stay_as_it_lies():
    """Ground below the eye: one in so many rows of it leads to the horizon, 120 pixels a unit."""
    low = camera(96, 64, 120.0)
    rows = np.arange(64)[:, None] + np.zeros((64, 96), int)
    ground = layer(120.0 / np.maximum(rows + 0.5 - 32.0, 0.5), valid=rows >= 33)
    row, column = np.nonzero(ground.valid)
    made = cell_gaussians(ground, Cells(column, row, np.ones_like(row)), low)
    lies = lies_open(made, low.position)
    below = row + 0.5 - 32.0
    assert lies[below > 1.2 * 120.0 / LYING_STRETCH].all()
    assert not lies[below < 0.8 * 120.0 / LYING_STRETCH].any()
    assert lies.any()


def test_no_tangent_spans_a_depth_edge():
    depth = np.full((48, 64), 4.0)
    depth[:, 32:] = 40.0
    right, _ = surface_tangents(depth.astype(np.float32), np.ones((48, 64), bool), VIEW)
    np.testing.assert_allclose(np.linalg.norm(right, axis=-1), depth / 300.0, rtol=1e-3)


def test_a_lone_pixel_faces_the_camera():
    valid = np.zeros((48, 64), bool)
    valid[10, 20] = True
    right, down = surface_tangents(np.full((48, 64), 6.0, np.float32), valid, VIEW)
    np.testing.assert_allclose(right[10, 20], VIEW.viewmat[0, :3] * 6 / 300, rtol=1e-5)
    np.testing.assert_allclose(down[10, 20], VIEW.viewmat[1, :3] * 6 / 300, rtol=1e-5)


def test_normals_of_a_plane_and_lines_of_sight_of_the_sky():
    normal = np.array([0.3, -0.5, 0.9]) / np.linalg.norm([0.3, -0.5, 0.9])
    ground = layer(slanted_depth(VIEW, normal, 5.0))
    sky = layer(np.full((48, 64), 300.0), "sky")
    found = surface_normals(layered(ground, sky, view=VIEW))
    world = VIEW.viewmat[:3, :3].T @ normal
    np.testing.assert_allclose(found[: 48 * 64], world + np.zeros((48 * 64, 3)), atol=2e-3)
    middle = found[48 * 64 :].reshape(48, 64, 3)[23:25, 31:33].mean((0, 1))
    np.testing.assert_allclose(middle, VIEW.viewmat[2, :3], atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)


def test_normals_of_some_points_are_those_of_all():
    ground = layer(slanted_depth(VIEW, np.array([0.0, -0.6, 0.8]), 5.0))
    photo = layered(ground, layer(np.full((48, 64), 300.0), "sky"), view=VIEW)
    for chosen in (slice(5, 4000, 7), slice(3100, 3200), slice(0)):
        of = np.zeros(2 * 48 * 64, bool)
        of[chosen] = True
        np.testing.assert_array_equal(surface_normals(photo, of), surface_normals(photo)[of])


def test_cell_means_equal_the_plain_mean_also_over_the_edge():
    values = np.random.default_rng(0).random((21, 17, 2)).astype(np.float32)
    cells = Cells(np.array([0, 16, 8, 4]), np.array([0, 16, 16, 4]), np.array([1, 16, 8, 4]))
    found = cell_means(values, cells)
    for mean, c, r, s in zip(found, cells.column, cells.row, cells.size, strict=True):
        np.testing.assert_allclose(mean, values[r : r + s, c : c + s].mean((0, 1)), rtol=1e-5)
    np.testing.assert_allclose(cell_means(values[..., 0], cells), found[:, 0], rtol=1e-6)


def test_shades_are_those_that_are_shown_in_a_cell_and_one_pixel_around_it():
    random = np.random.default_rng(0)
    image = random.random((32, 40, 3)).astype(np.float32)
    valid, shown = random.random((2, 32, 40)) > 0.2
    shown[:, 24:] = False
    grid = [(c, r, s) for s in (1, 2, 4, 8) for r in range(0, 32, s) for c in range(0, 40, s)]
    wall = layer(np.full((32, 40), 5.0), valid=valid, image=image)
    cells = Cells(*np.array(grid).T)
    found = cell_shades(wall, shown, cells)
    means = cell_means(image, cells)
    for (column, row, size), own, mean in zip(grid, found, means, strict=True):
        around = np.s_[max(row - 1, 0) : row + size + 1, max(column - 1, 0) : column + size + 1]
        seen = np.vstack([image[around][(valid & shown)[around]], mean[None]])
        np.testing.assert_allclose(own, [seen.min(axis=0), seen.max(axis=0)], atol=1e-6)
