import numpy as np
import pytest
from tests.motion.support import camera

from livescape.cameras.projection import project_points, unproject_points
from livescape.motion.cloud_deck import MOST_GAIN, spread_on_deck
from livescape.motion.project import HintedSurface, spread_on_surface
from livescape.points.floor import Floor
from livescape_shared.annotation import FRAMES_PER_DRAG

HORIZON = 40
"""Row of the horizon in pixels, of a camera that looks up by its distance from the middle."""

FLOOR = Floor((32.0 - HORIZON) / 100.0, (0.0, 1.0))


def deck(velocity, height):
    """Return the true flow [64, 96, 2] of clouds at a height, and where they are seen."""
    view = camera()
    rows, columns = np.indices((64, 96)) + 0.5
    up = np.array([0.0, -1.0, (HORIZON - 32.0) / 100.0])
    up /= np.linalg.norm(up)
    rays = np.stack([(columns - 48.0) / 100.0, (rows - 32.0) / 100.0, np.ones_like(rows)], -1)
    seen = rows < HORIZON - 1
    depth = np.where(seen, height / np.maximum(rays @ up, 1e-6), 1.0)
    pixels = np.column_stack([columns.ravel(), rows.ravel()])
    points = unproject_points(pixels, depth.ravel(), view)
    east = np.array([1.0, 0.0, 0.0])
    moved = points + velocity[0] * east + velocity[1] * np.cross(east, up)
    flow = (project_points(moved, view)[0] - pixels).reshape(64, 96, 2)
    return np.where(seen[..., None], flow, 0.0), seen


def told(flow, places):
    starts = np.array(places) + 0.5
    return starts, np.array([flow[row, column] for column, row in places])


@pytest.mark.parametrize("velocity", [(1.0, 0.0), (0.0, -1.0), (-0.7, 0.4)])
@pytest.mark.parametrize("places", [[(20, 20)], [(20, 12), (70, 30)]])
def test_arrows_tell_how_all_clouds_of_a_deck_move(velocity, places):
    flow, seen = deck(velocity, 900.0)
    starts, motions = told(flow, places)
    found = spread_on_deck(starts, motions, seen.astype(float), FLOOR, camera())
    assert found is not None
    np.testing.assert_allclose(found[seen], flow[seen], atol=0.01 * np.abs(flow).max())
    assert not found[~seen].any()


def test_an_arrow_just_above_the_horizon_sends_no_cloud_racing_overhead():
    flow, seen = deck((0.0, 1.0), 900.0)
    starts, motions = told(flow, [(48, 36)])
    found = spread_on_deck(starts, motions, seen.astype(float), FLOOR, camera())
    assert found is not None
    drawn = np.linalg.norm(motions[0])
    assert np.linalg.norm(flow[0, 48]) > 20 * drawn
    assert np.linalg.norm(found, axis=-1).max() <= MOST_GAIN * drawn * 1.001
    np.testing.assert_allclose(found[36, 48], motions[0], rtol=1e-3)


def test_hints_below_the_horizon_say_nothing_of_the_deck():
    starts = np.array([[48.5, 50.5]])
    sky = np.ones((64, 96))
    assert spread_on_deck(starts, np.array([[1.0, 0.0]]), sky, FLOOR, camera()) is None


def test_clouds_above_a_lake_follow_their_own_arrow_and_the_lake_its_own():
    view = camera()
    flow, sky = deck((1.0, 0.0), 900.0)
    rows = np.indices((64, 96))[0] + 0.5
    water = rows > HORIZON + 2
    depth = np.where(water, 200.0 / np.maximum(rows - HORIZON, 1.0), 5000.0)
    starts = np.array([[30.5, 20.5], [30.5, 55.5]])
    motions = np.array([flow[20, 30], [0.0, 0.3]])
    lines = np.stack([starts, starts + FRAMES_PER_DRAG * motions], axis=1)
    mask = (sky | water).astype(np.float32)
    found = spread_on_surface(HintedSurface(lines, depth, view, ~water), mask)
    np.testing.assert_allclose(found[sky], flow[sky], atol=0.02 * np.abs(flow).max())
    assert found[55, 30, 1] == pytest.approx(0.3, rel=0.01)
    assert found[60, 30, 1] > found[50, 30, 1] > 0.05
