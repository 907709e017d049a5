"""What moves is beside what stands where a few pixels show both, until the path parts them."""

from dataclasses import replace

import numpy as np
import pytest
from tests.points.support import camera, layer, layered, turned

from livescape.points.beside import BESIDE, PARTED, beside_what_stands, parted_by_the_path
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


BEHIND = layer(np.where(WATER, 10.0, 5.0), moving=WATER.astype(float))
"""Water twice as far away as the post: a metre aside is six pixels between them."""


def water_behind():
    rows, columns = (each.ravel() for each in np.indices((HEIGHT, WIDTH)))
    return cell_gaussians(BEHIND, Cells(columns, rows, np.ones(len(rows), int)), VIEW, 0.4, 0.9)


def parted(*positions):
    path = [camera(WIDTH, HEIGHT, viewmat=turned(position=at)) for at in positions]
    water, photo = water_behind(), layered(BEHIND, view=VIEW)
    found = parted_by_the_path(water, WATER.ravel(), photo, path)
    assert not found[~beside_what_stands(water, WATER.ravel(), photo)].any()
    return found.reshape(HEIGHT, WIDTH)


@pytest.mark.parametrize("metres", [0.5, 2.0])
def test_the_path_parts_them_by_what_they_move_against_each_other(metres):
    assert 6.0 * metres > PARTED
    beside = WATER & (np.arange(WIDTH) < POST + BESIDE)
    np.testing.assert_array_equal(parted((0, 0, 0), (metres, 0, 0), (0, 0, 0)), beside)


def test_a_camera_that_stands_still_or_hardly_moves_parts_nothing():
    assert not parted().any()
    assert not parted((0, 0, 0), (0.1 * PARTED / 6.0, 0, 0)).any()


def test_a_larger_frame_parts_no_more():
    little = [camera(WIDTH, HEIGHT, viewmat=turned(position=(0.1, 0, 0))).resized(640, 480)]
    found = parted_by_the_path(water_behind(), WATER.ravel(), layered(BEHIND, view=VIEW), little)
    assert not found.any()


def test_what_a_frame_has_behind_it_is_not_parted_by_that():
    assert not parted((0, 0, 20.0)).any()


def test_what_is_beside_nothing_is_not_parted():
    everywhere = layer(np.full((HEIGHT, WIDTH), 5.0), moving=np.ones((HEIGHT, WIDTH)))
    photo = layered(everywhere, view=VIEW)
    moves = np.ones(WATER.size, bool)
    assert not parted_by_the_path(one_a_pixel(), moves, photo, [VIEW]).any()
    assert not beside_what_stands(one_a_pixel(), moves, photo).any()
