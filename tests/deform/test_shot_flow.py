"""How what flows is drawn apart in a shot, where that is known exactly."""

import numpy as np
import pytest
from tests.points.support import camera

from livescape.deform import shot_flow
from livescape.deform.shot_flow import MOMENTS, flow_in_shot
from livescape.deform.trajectories import MotionGrid
from livescape_shared.gaussians import Gaussians

FRAMES = 20
PHOTO = camera()


def points(*columns):
    """Gaussians on a wall six metres away, at these columns of the middle row."""
    x = (np.array(columns) - 32.0) / 10.0
    count = len(x)
    return Gaussians(
        means=np.column_stack([x, np.zeros(count), np.full(count, 6.0)]).astype(np.float32),
        quats=np.tile(np.float32([1.0, 0.0, 0.0, 0.0]), (count, 1)),
        scales=np.full((count, 3), 0.05, np.float32),
        opacities=np.ones(count, np.float32),
        colors=np.ones((count, 3), np.float32),
    )


def rightwards(speed, last=64):
    """The motion of a wall by ``speed`` of the column's metres, up to its ``last`` column."""
    x = (np.arange(64) + 0.5 - 32.0) / 10.0
    motion = np.zeros((48, 64, 3), np.float32)
    motion[..., 0] = speed(x)
    mask = np.ones((48, 64), np.float32)
    mask[:, last:] = 0.0
    return MotionGrid(motion * mask[..., None], mask, PHOTO)


def test_what_gets_faster_is_drawn_apart_by_as_much():
    growth = 0.02
    grid = rightwards(lambda x: growth * (x + 4.0))
    flow = flow_in_shot(points(12.0, 20.0, 30.0), np.array([True, False, True]), grid, FRAMES)
    assert flow.places.shape == (MOMENTS, 2, 3)
    assert flow.places[0] == pytest.approx(points(12.0, 30.0).means)
    assert flow.stretch == pytest.approx((1 + growth) ** (FRAMES - 1), rel=0.02)
    assert flow.along == pytest.approx(np.tile([1.0, 0.0, 0.0], (2, 1)), abs=1e-4)
    gap = np.diff(flow.places[-1, :, 0]) / np.diff(flow.places[0, :, 0])
    assert gap == pytest.approx(flow.stretch[0], rel=0.02)


def test_nothing_is_drawn_apart_by_steady_or_slowing_water_or_at_rest():
    every = np.ones(2, bool)
    for speed in (lambda x: 0.03 + 0 * x, lambda x: 0.02 * (4.0 - x), lambda x: 0 * x):
        flow = flow_in_shot(points(20.0, 30.0), every, rightwards(speed), FRAMES)
        assert flow.stretch == pytest.approx(1.0, abs=1e-3)
    assert (flow.along == 0).all()
    assert flow.places[-1] == pytest.approx(flow.places[0])


def test_parts_that_are_followed_one_after_the_other_are_the_whole(monkeypatch):
    grid, every = rightwards(lambda x: 0.02 * (x + 4.0)), points(*np.linspace(10.0, 40.0, 7))
    whole = flow_in_shot(every, np.ones(7, bool), grid, FRAMES)
    monkeypatch.setattr(shot_flow, "CHUNK", 3)
    parts = flow_in_shot(every, np.ones(7, bool), grid, FRAMES)
    for name in ("places", "along", "stretch"):
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), abs=1e-6), name


def test_none_flow():
    flow = flow_in_shot(points(20.0), np.zeros(1, bool), rightwards(lambda x: 0.03 + 0 * x), FRAMES)
    assert flow.places.shape == (MOMENTS, 0, 3)
