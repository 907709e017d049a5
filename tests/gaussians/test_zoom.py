"""Gaussians that stay closed where the camera comes near, and as they are elsewhere."""

from dataclasses import replace

import numpy as np
from tests.points.support import camera, turned

from livescape.gaussians.render import render
from livescape.gaussians.zoom import Flow, widened_for
from livescape_shared.gaussians import Gaussians, rotation_matrices

PHOTO = camera()


def wall(distance=6.0, pixels=0.25):
    """Return a Gaussian a pixel of a wall, each far smaller than its pixel."""
    columns, rows = np.meshgrid(np.arange(64) + 0.5, np.arange(48) + 0.5)
    place = np.column_stack([columns.ravel() - 32, rows.ravel() - 24, np.full(64 * 48, 60.0)])
    size = pixels * distance / 60.0
    count = len(place)
    return Gaussians(
        means=(place * distance / 60.0).astype(np.float32),
        # The thin axis of a disc is its first: turned by 90 degrees it looks at the camera.
        quats=np.tile(np.float32([np.sqrt(0.5), 0, np.sqrt(0.5), 0]), (count, 1)),
        scales=np.tile(np.float32([0.1 * size, size, size]), (count, 1)),
        opacities=np.full(count, 0.9, np.float32),
        colors=np.ones((count, 3), np.float32),
    )


def least_cover(gaussians, view):
    return float(render(gaussians, view).alpha[8:-8, 8:-8].min())


def test_a_wall_stays_closed_when_the_camera_comes_near():
    near = camera(viewmat=turned(position=(0.0, 0.0, 4.0)))
    fitted = wall()
    wide = widened_for(fitted, PHOTO, [PHOTO, near])
    assert least_cover(fitted, PHOTO) > 0.9
    assert least_cover(fitted, near) < 0.6
    assert least_cover(wide, near) > least_cover(fitted, near) + 0.25
    assert least_cover(wide, PHOTO) >= least_cover(fitted, PHOTO)


def test_nothing_changes_where_the_camera_comes_no_nearer():
    fitted = wall()
    aside = camera(viewmat=turned(position=(0.5, 0.2, 0.0)))
    away = camera(viewmat=turned(position=(0.0, 0.0, -3.0)))
    wide = widened_for(fitted, PHOTO, [PHOTO, aside, away])
    np.testing.assert_allclose(wide.scales, fitted.scales, rtol=1e-4)
    assert widened_for(fitted, PHOTO, []) is fitted


def test_what_no_frame_shows_stays_as_it_is():
    fitted = wall()
    past = camera(viewmat=turned(yaw=np.pi, position=(0.0, 0.0, 5.0)))
    np.testing.assert_array_equal(widened_for(fitted, PHOTO, [past]).scales, fitted.scales)


def test_an_axis_along_the_line_of_sight_does_not_become_a_needle():
    edgeways = replace(wall(), quats=np.tile(np.float32([1.0, 0.0, 0.0, 0.0]), (64 * 48, 1)))
    aside = camera(viewmat=turned(yaw=-0.7, position=(3.0, 0.0, 1.5)))
    wide = widened_for(edgeways, PHOTO, [PHOTO, aside])
    assert (wide.scales <= 3.0 * edgeways.scales + 1e-6).all()
    assert (wide.scales[:, 0] == edgeways.scales[:, 0]).all()


def flow(moves, places, stretch=1.0):
    """All that ``moves`` sets out to the right, and comes to ``places`` [S, M, 3]."""
    count = int(moves.sum())
    along = np.tile([1.0, 0.0, 0.0], (count, 1))
    return Flow(moves, np.float32(places), along, np.full(count, stretch))


def test_what_flows_before_a_near_camera_is_wide_enough_there():
    fitted = wall()
    near = camera(viewmat=turned(position=(0.0, 0.0, 4.0)))
    x, y, _ = fitted.means.T
    moves = (x < -1.5) & (np.abs(y) < 0.7)  # the near camera does not see it yet
    before = widened_for(fitted, PHOTO, [PHOTO, near])
    np.testing.assert_array_equal(before.scales[moves], fitted.scales[moves])
    there = fitted.means[moves] + np.float32([2.3, 0.0, 0.0])
    wide = widened_for(fitted, PHOTO, [PHOTO, near], flow(moves, [fitted.means[moves], there]))
    assert (wide.scales[moves, 1:] > 1.2 * fitted.scales[moves, 1:]).all()
    np.testing.assert_array_equal(wide.scales[~moves], before.scales[~moves])


def test_what_is_drawn_apart_near_the_camera_is_wider_along_its_way():
    fitted = wall()
    near = camera(viewmat=turned(position=(0.0, 0.0, 4.0)))
    x, y, _ = fitted.means.T
    moves = (np.abs(x) < 0.9) & (np.abs(y) < 0.7)
    steady, apart = (flow(moves, [fitted.means[moves]], stretch=each) for each in (1.0, 1.5))
    before, wide = (widened_for(fitted, PHOTO, [PHOTO, near], each) for each in (steady, apart))
    lengths = wide.scales / before.scales
    turn = np.abs(rotation_matrices(fitted.quats)[:, 0])  # how much of each axis lies along x
    along = turn > 0.9
    assert along.sum() == len(fitted)
    assert (lengths[moves][along[moves]] > 1.1).all()
    np.testing.assert_allclose(lengths[moves][~along[moves]], 1.0, rtol=1e-4)
    np.testing.assert_allclose(lengths[~moves], 1.0, rtol=1e-4)
    same = widened_for(fitted, PHOTO, [PHOTO], apart)
    np.testing.assert_allclose(same.scales, fitted.scales, rtol=1e-4)
