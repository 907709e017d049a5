"""What flows is beside what stands where a few pixels show both."""

from dataclasses import replace

import numpy as np
from tests.points.support import camera, layer, layered

from livescape.points.beside import BESIDE, beside_what_stands
from livescape.points.quadtree import Cells
from livescape.points.surfels import cell_gaussians

WIDTH, HEIGHT = 64, 48
VIEW = camera(WIDTH, HEIGHT)
POST = 30
WATER = np.broadcast_to(np.arange(WIDTH) >= POST, (HEIGHT, WIDTH))
FRONT = layer(np.full((HEIGHT, WIDTH), 5.0), moving=WATER.astype(float))


def one_a_pixel():
    rows, columns = (each.ravel() for each in np.indices((HEIGHT, WIDTH)))
    return cell_gaussians(FRONT, Cells(columns, rows, np.ones(len(rows), int)), VIEW, 0.4, 0.9)


def test_only_water_within_a_few_pixels_of_a_post_is_beside_it():
    found = beside_what_stands(one_a_pixel(), WATER.ravel(), layered(FRONT, view=VIEW))
    expected = WATER & (np.arange(WIDTH) < POST + BESIDE)
    np.testing.assert_array_equal(found.reshape(HEIGHT, WIDTH), expected)


def test_what_is_beyond_the_grid_or_behind_the_camera_is_beside_nothing():
    water = one_a_pixel()
    for means in (water.means + np.float32([50, 0, 0]), water.means * np.float32([1, 1, -1])):
        moved = replace(water, means=means)
        assert not beside_what_stands(moved, WATER.ravel(), layered(FRONT, view=VIEW)).any()
