"""How far a wrong depth puts things out of their place, as a path sees it."""

import numpy as np
from tests.points.support import camera, turned

from livescape.points.displacement import displacement

WIDTH, HEIGHT, FOCAL = 160, 120, 150.0
VIEW = camera(WIDTH, HEIGHT, FOCAL)
DEPTH = np.full((HEIGHT, WIDTH), 5.0, np.float32)
ALL = np.ones((HEIGHT, WIDTH), bool)


def seen_from(*positions, where=ALL):
    path = [camera(WIDTH, HEIGHT, FOCAL, turned(position=position)) for position in positions]
    return displacement(DEPTH, where, VIEW, path)


def test_whoever_goes_aside_sees_all_moved_alike():
    found = seen_from((0, 0, 0), (0.2, 0, 0))
    np.testing.assert_allclose(found[20:100, 40:], 0.2 * FOCAL, rtol=0.01)


def test_whoever_goes_ahead_sees_what_is_ahead_in_its_place():
    found = seen_from((0, 0, 0), (0, 0, 0.5))
    assert found[60, 80] < 1.0
    np.testing.assert_allclose(found[60, 140], 0.5 * 60.5 / 0.9**2, rtol=0.02)
    assert found[60, 140] < 0.7 * 0.5 * FOCAL


def test_what_no_frame_shows_and_who_was_not_asked_for_are_moved_by_nothing():
    half = ALL.copy()
    half[:, :80] = False
    found = seen_from((0, 0, 0), (0.2, 0, 0), where=half)
    assert not found[:, :80].any()
    away = [camera(WIDTH, HEIGHT, FOCAL, turned(yaw=np.pi))]
    assert not displacement(DEPTH, ALL, VIEW, away).any()
    assert not displacement(DEPTH, ALL, VIEW, []).any()
