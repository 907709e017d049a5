"""The dome behind everything: closed from wherever one looks, soft, within its share."""

import numpy as np
import pytest
from tests.points.support import camera, layer, layered, turned

from livescape.gaussians.render import render
from livescape.points.dome import dome

VIEW = camera(96, 64, 90.0)
BLUE, GREEN = np.array([0.2, 0.3, 0.9], np.float32), np.array([0.1, 0.6, 0.2], np.float32)


def scene():
    rows = np.arange(64)[:, None] + np.zeros((64, 96))
    image = np.where((rows < 32)[..., None], BLUE, GREEN).astype(np.float32)
    return layered(layer(np.full((64, 96), 10.0), image=image), view=VIEW)


@pytest.mark.parametrize("yaw", [0.0, 1.5, 3.1, -2.0])
def test_no_direction_is_empty(yaw):
    made = dome(scene(), [VIEW], 70_000)
    shown = render(made, camera(96, 64, 90.0, turned(yaw=yaw, position=(3.0, 1.0, -2.0))))
    assert shown.alpha.min() > 0.9


def test_above_is_as_above_and_below_as_below():
    made = dome(scene(), [VIEW], 70_000)
    for pitch, colour in ((-0.9, BLUE), (0.9, GREEN)):
        shown = render(made, camera(96, 64, 90.0, turned(pitch=pitch)))
        difference = np.abs(shown.image / shown.alpha[..., None] - colour).max(axis=-1)
        assert np.median(difference) < 0.1


def test_it_lies_behind_all_else_and_takes_little_of_the_budget():
    far = [camera(96, 64, 90.0, turned(position=(0, 0, 9.0)))]
    for path in ([VIEW], far):
        made = dome(scene(), path, 2000)
        assert 0 < len(made) <= 0.02 * 2000
        away = np.linalg.norm(made.means - path[0].position, axis=1)
        assert away.min() > np.linalg.norm([10.0, 48 / 9, 32 / 9])
