"""What stands before what flows hides it; elsewhere Gaussians stay as they were fitted."""

from dataclasses import replace

import numpy as np
import pytest
from tests.points.support import camera, layer, layered

from livescape.gaussians.render import render
from livescape.points.closed import MARGIN, closed_before_motion
from livescape.points.quadtree import Cells
from livescape.points.surfels import cell_gaussians
from livescape_shared.gaussians import Gaussians

WIDTH, HEIGHT = 64, 48
VIEW = camera(WIDTH, HEIGHT)
NEAR, FAR = (np.full((HEIGHT, WIDTH), depth, np.float32) for depth in (4.0, 5.0))
HALF = np.arange(WIDTH) < WIDTH // 2
LEFT = np.broadcast_to(HALF, (HEIGHT, WIDTH))
WALL, FLOW = layer(NEAR), layer(FAR, "under", LEFT, moving=np.ones_like(FAR))


def fitted(which, colour=0.5, opacity=0.8):
    """One Gaussian a pixel of a layer, as fitting may leave them."""
    rows, columns = np.nonzero(which.valid)
    cells = Cells(columns, rows, np.ones(len(rows), int))
    start = cell_gaussians(which, cells, VIEW, 0.4, opacity)
    return replace(start, colors=np.full_like(start.colors, colour))


def closed(flow=FLOW, **changes):
    wall = fitted(WALL, **changes)
    return wall, closed_before_motion(wall, np.ones(len(wall), bool), layered(WALL, flow))


def test_what_flows_behind_does_not_shine_through():
    before, after = closed()

    def change(wall):
        """Mean that the picture changes before the flow, from black to white water."""
        pictures = (
            render(Gaussians.concatenate(wall, fitted(FLOW, shade, 1.0)), VIEW).image
            for shade in (0.0, 1.0)
        )
        dark, bright = (picture[4:-4, 4 : WIDTH // 2 - 4] for picture in pictures)
        return float((bright - dark).mean())

    assert change(before) > 0.02
    assert change(after) < 0.2 * change(before)


def test_only_the_inside_of_what_stands_before_what_flows_is_closed():
    before, after = closed()
    over = LEFT & (np.arange(WIDTH) < WIDTH // 2 - MARGIN)
    over = over.ravel()
    assert (after.opacities[over] == np.float32(0.97)).all()
    np.testing.assert_array_equal(after.opacities[~over], before.opacities[~over])


@pytest.mark.parametrize(
    "flow",
    [
        replace(FLOW, depth=NEAR - 1.0),  # before the wall
        replace(FLOW, moving=np.zeros_like(FAR)),  # stands itself
        replace(FLOW, name="sky"),  # clouds: a skyline shows what it lets through
    ],
)
def test_nothing_is_closed_that_has_no_water_behind(flow):
    before, after = closed(flow)
    np.testing.assert_array_equal(after.opacities, before.opacities)


def test_what_is_already_closed_and_what_covers_a_part_stay():
    before, after = closed(opacity=0.99)
    np.testing.assert_array_equal(after.opacities, before.opacities)
    mixed = np.zeros(len(before), bool)
    wall = fitted(WALL, opacity=0.4)
    kept = closed_before_motion(wall, mixed, layered(WALL, FLOW))
    np.testing.assert_array_equal(kept.opacities, wall.opacities)
