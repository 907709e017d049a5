"""Sharpening of smeared depth edges."""

import cv2
import numpy as np
import pytest
from tests.depth.landscape import K, layout

from livescape.depth.edges import RADIUS, sharpen_edges
from livescape.depth.popup import ground_plane


def step(near, far, blur):
    """Two upright planes, the left one nearer, their inverse depths smeared into each other."""
    inverse = np.full((40, 60), 1.0 / far, np.float32)
    inverse[:, :30] = 1.0 / near
    return (1.0 / cv2.GaussianBlur(inverse, (0, 0), blur)).astype(np.float32)


def min_of(*distances):
    return np.minimum(*distances).max()


@pytest.mark.parametrize(("near", "far"), [(4.0, 5.0), (4.0, 9.0), (2.0, 300.0)])
def test_nothing_is_left_between_two_surfaces(near, far):
    def off(depth):
        """Distance to the nearer plateau, as a share of the step of inverse depth (parallax)."""
        height = 1.0 / near - 1.0 / far
        return min_of(np.abs(1.0 / depth - 1.0 / near), np.abs(1.0 / depth - 1.0 / far)) / height

    smeared = step(near, far, 0.7)
    assert off(smeared) > 0.2
    sharp = sharpen_edges(smeared)
    assert off(sharp) < 0.03
    np.testing.assert_array_equal((sharp < np.sqrt(near * far)).sum(axis=1), np.full(40, 30))


def test_planes_stay_as_they_are():
    plane = ground_plane(layout(), K)
    rows = plane.depth_at(np.arange(120) + 0.5)
    depth = np.repeat(rows[:, None], 50, axis=1).astype(np.float32)
    below = slice(50 + 2 * RADIUS, -2 * RADIUS)
    np.testing.assert_array_equal(sharpen_edges(depth)[below], depth[below])
    slanted = (1.0 / np.linspace(0.5, 0.002, 200, dtype=np.float32))[None].repeat(9, axis=0)
    inside = slice(2 * RADIUS, -2 * RADIUS)
    np.testing.assert_array_equal(sharpen_edges(slanted)[:, inside], slanted[:, inside])


def test_a_sharp_edge_stays():
    depth = np.full((20, 30), 50.0, np.float32)
    depth[:, :15] = 3.0
    np.testing.assert_array_equal(sharpen_edges(depth), depth)
