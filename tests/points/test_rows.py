"""What lies beside a place in its row."""

import numpy as np
from tests.points.support import texture

from livescape.points.rows import between, mirrored_rows, nearest_in_row


def test_the_nearest_in_a_row_is_ones_own_or_on_either_side_or_nowhere():
    shown = np.array([[0, 1, 0, 0, 0, 1, 1], [0, 0, 0, 0, 0, 0, 0]], bool)
    found = nearest_in_row(shown)
    np.testing.assert_array_equal(found[0], [1, 1, 1, 1, 5, 5, 6])
    assert (found[1] == -1).all()


def test_between_is_what_has_the_same_thing_on_both_sides():
    depth = np.full((1, 9), 5.0, np.float32)
    shown = np.zeros((1, 9), bool)
    shown[0, [1, 4, 7]] = True
    depth[0, 7] = 9.0
    found = between(depth, shown, 1.12)[0]
    np.testing.assert_array_equal(found, [0, 1, 1, 1, 1, 0, 0, 1, 0])
    np.testing.assert_array_equal(between(depth.T, shown.T, 1.12)[:, 0], found)


def test_rows_are_mirrored_on_both_sides_and_elsewhere_nothing_changes():
    image = texture(8, 40).astype(np.float32)
    holes = np.zeros((8, 40), bool)
    holes[2:5, 10:30] = True
    holes[6, :] = True  # nothing beside it
    filled = mirrored_rows(image, holes, ~holes)
    np.testing.assert_array_equal(filled[2:5, 10:16], image[2:5, 9:3:-1])
    np.testing.assert_array_equal(filled[2:5, 24:30], image[2:5, 35:29:-1])
    untouched = ~holes
    untouched[6] = True
    np.testing.assert_array_equal(filled[untouched], image[untouched])
