"""Large images through a small network: all is filled, nothing twice, nothing else touched."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.points.support import texture

from livescape.inpainting.tiles import _tiles, fill_in_tiles

SIDE = 32


def known_mean(image, unknown):
    """A network that paints the mean of what it may look at."""
    assert image.shape == (SIDE, SIDE, 3)
    assert unknown.shape == (SIDE, SIDE)
    mean = image[~unknown].mean(axis=0) if not unknown.all() else np.zeros(3)
    return np.where(unknown[..., None], mean, 0.5).astype(np.float32)


def holes_in(height, width, *boxes):
    holes = np.zeros((height, width), bool)
    for box in boxes:
        holes[box] = True
    return holes


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 150), st.integers(1, 150))
def test_tiles_cover_every_pixel_and_are_never_larger_than_the_network(height, width):
    covered = np.zeros((height, width), int)
    for tile in _tiles(covered.shape, SIDE):
        assert max(covered[tile].shape) <= SIDE
        covered[tile] += 1
    assert covered.min() >= 1
    assert covered.max() <= 9


@pytest.mark.parametrize("shape", [(20, 30), (32, 32), (70, 90), (33, 200), (5, 140)])
def test_every_hole_is_filled_from_what_is_known_and_the_rest_is_kept(shape):
    image = np.full((*shape, 3), [0.2, 0.4, 0.6], np.float32)
    holes = holes_in(*shape, np.s_[2:5, 3:7], np.s_[-3:, -20:])
    spoilt = np.where(holes[..., None], 0.9, image).astype(np.float32)
    filled = fill_in_tiles(spoilt, holes, holes, known_mean, SIDE)
    np.testing.assert_allclose(filled, image, atol=1e-2)
    textured = texture(*shape)
    np.testing.assert_array_equal(
        fill_in_tiles(textured, holes, holes, known_mean, SIDE)[~holes], textured[~holes]
    )


def test_tiles_bring_back_the_detail_that_the_coarse_pass_loses():
    """A network that continues stripes by their period, which only full resolution shows."""
    stripes = np.zeros((96, 128, 3), np.float32)
    stripes[:, ::4] = stripes[:, 1::4] = 1.0

    def periodic(image, unknown):
        found = image.copy()
        for shift in (4, 8, 12):
            source, hidden = np.roll(image, shift, 1), np.roll(unknown, shift, 1)
            found = np.where((unknown & ~hidden)[..., None], source, found)
        return found

    holes = holes_in(96, 128, np.s_[30:60, 60:68])
    spoilt = np.where(holes[..., None], 0.5, stripes).astype(np.float32)
    filled = fill_in_tiles(spoilt, holes, holes, periodic, SIDE)
    np.testing.assert_array_equal(filled[holes], stripes[holes])


def test_what_one_tile_has_filled_is_known_to_the_next():
    """Each pixel is painted by the coarse pass and by one tile at most."""
    painted = np.zeros((40, 100), int)
    positions = np.stack(np.meshgrid(np.arange(100) / 255, np.arange(40) / 255), -1)
    image = np.concatenate([positions, np.zeros((40, 100, 1))], -1).astype(np.float32)
    calls = 0

    def counting(square, unknown):
        nonlocal calls
        calls += 1
        if calls > 1:  # the coarse pass sees a shrunken image
            columns, rows = np.rint(square[unknown][:, :2] * 255).astype(int).T
            np.add.at(painted, (rows, columns), unknown[unknown].astype(int))
        return square

    holes = holes_in(40, 100, np.s_[10:20, 5:95])
    filled = fill_in_tiles(image, holes, holes, counting, SIDE)
    assert calls > 4
    np.testing.assert_array_equal(painted[holes] >= 1, True)
    assert not painted[~holes].any()
    np.testing.assert_allclose(filled[~holes], image[~holes])


def test_tiles_that_know_too_little_keep_the_coarse_content():
    image = np.full((40, 100, 3), 0.3, np.float32)
    unknown = holes_in(40, 100, np.s_[:, 40:])
    calls = []

    def recording(square, hidden):
        calls.append(hidden.mean())
        return np.full_like(square, 0.8)

    filled = fill_in_tiles(image, unknown, unknown, recording, SIDE)
    np.testing.assert_allclose(filled[unknown], 0.8, atol=1e-6)
    assert max(calls[1:], default=0.0) <= 0.5


def test_pixels_that_nobody_wants_are_not_worth_a_tile():
    calls = []

    def recording(square, hidden):
        calls.append(hidden)
        return square

    image = texture(40, 100)
    unknown = holes_in(40, 100, np.s_[5:10, 5:10], np.s_[5:10, 90:95])
    wanted = holes_in(40, 100, np.s_[5:10, 5:10])
    fill_in_tiles(image, unknown, wanted, recording, SIDE)
    assert len(calls) == 2  # the coarse pass and one tile
