"""Detail follows the shot: what is near, long in the picture and in sight is worth the most."""

import numpy as np
from tests.points.support import camera, layer, layered, turned

from livescape.points.attention import LEAST, attention
from livescape.points.cloud import point_cloud

WIDTH, HEIGHT = 96, 64
VIEW = camera(WIDTH, HEIGHT, 90.0)


def worth(photo, path):
    return attention(point_cloud(photo), photo, VIEW, path)


def wall(**more):
    return layered(layer(np.full((HEIGHT, WIDTH), 6.0), **more), view=VIEW)


def test_a_pixel_that_fills_a_pixel_of_every_frame_is_worth_one():
    (found,) = worth(wall(), [VIEW] * 5)
    np.testing.assert_allclose(np.median(found), 1.0 + LEAST, rtol=0.1)


def test_what_the_camera_comes_near_to_is_worth_more_and_what_leaves_the_frame_less():
    near = camera(WIDTH, HEIGHT, 90.0, turned(position=(0, 0, 4.0)))
    (found,) = worth(wall(), [near])
    middle, corner = found[28:36, 44:52].mean(), found[:8, :8].mean()
    np.testing.assert_allclose(middle, LEAST + 0.5 + 0.5 * 3.0**2, rtol=0.1)
    np.testing.assert_allclose(corner, LEAST + 0.5, rtol=0.1)


def test_what_is_hidden_all_along_has_the_least():
    front = layer(np.full((HEIGHT, WIDTH), 6.0))
    behind = layer(np.full((HEIGHT, WIDTH), 9.0), "behind")
    _, found = worth(layered(front, behind, view=VIEW), [VIEW] * 3)
    np.testing.assert_allclose(found, LEAST)
