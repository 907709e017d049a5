"""What stands goes on above the frame as its outline leads."""

import numpy as np
import pytest
from tests.points.support import camera

from livescape.points.beyond import surroundings
from livescape.points.kinds import OPEN, STANDING
from livescape.points.margins import Margins

WIDTH, HEIGHT = 160, 120
VIEW = camera(WIDTH, HEIGHT, 150.0)
MARGINS = Margins(24, 60, 24, 8)
CLIFF, TREE = 14.0, 9.5
ROWS, COLUMNS = np.indices((HEIGHT, WIDTH)) + 0.5


def around(depth, sky):
    still = np.zeros((HEIGHT, WIDTH), np.float32)
    return surroundings(depth.astype(np.float32), sky, still, None, VIEW, MARGINS)


@pytest.mark.parametrize("behind", ["cliff", "sky"])
def test_a_crown_closes_above_the_frame(behind):
    tree = np.hypot(ROWS - 20, COLUMNS - 80) < 30
    depth = np.where(tree, TREE, CLIFF)
    sky = ~tree & (behind == "sky")
    depth[sky] = 100.0
    found = around(depth, sky)
    above = found.depth[: MARGINS.top, MARGINS.left : -MARGINS.right] < 10.0
    width = above.sum(axis=1)[::-1]  # going up
    assert width[0] == pytest.approx(2 * np.sqrt(30**2 - 20**2), abs=4)
    assert (np.diff(width) <= 0).all()
    assert width[-1] == 0
    kinds = found.kinds[: MARGINS.top, MARGINS.left : -MARGINS.right]
    np.testing.assert_array_equal(kinds == OPEN, ~above & (behind == "sky"))


def test_a_line_that_turns_leaves_as_it_does_at_the_border():
    """A gap in a cliff, closed by a lip not far below the frame."""
    sky = (ROWS < 12) & (np.abs(COLUMNS - 80) < 20)
    found = around(np.where(sky, 100.0, CLIFF), sky)
    gap = found.kinds[: MARGINS.top, MARGINS.left : -MARGINS.right] == OPEN
    shown = np.broadcast_to(sky[0], gap.shape)
    assert (gap != shown).mean() < 0.02


def test_past_an_outline_the_colours_are_of_what_lies_there():
    tree = np.hypot(ROWS - 20, COLUMNS - 80) < 30
    found = around(np.where(tree, TREE, CLIFF), np.zeros((HEIGHT, WIDTH), bool))
    source = found.source[: MARGINS.top, MARGINS.left : -MARGINS.right]
    assert (source >= 0).all()
    of_tree = tree.ravel()[source]
    near = found.depth[: MARGINS.top, MARGINS.left : -MARGINS.right] < 10.0
    np.testing.assert_array_equal(of_tree, near)
    # The cliff has a texture there, not one pixel drawn out.
    over = source[0, 60:100]
    assert len(np.unique(over % WIDTH)) > 20


def test_beside_the_photo_silhouettes_go_on_above_it_too():
    tree = np.hypot(ROWS - 12, COLUMNS - 163) < 22
    depth = np.where(tree, TREE, 100.0)
    found = around(depth, ~tree)
    crown = found.kinds[: MARGINS.top, -MARGINS.right :] == STANDING
    width = crown.sum(axis=1)
    assert width[-1] > 12
    assert width[0] < width[-1] / 4
