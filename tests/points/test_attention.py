"""Detail follows the shot: what is near, long in the picture and in sight is worth the most."""

import numpy as np
from tests.points.support import camera, layer, layered, turned

from livescape.points.attention import LEAST, Ways, attention
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


def test_what_flows_is_worth_what_is_seen_where_it_flows():
    """All flows to the left by half a picture, and the path sees the left half alone."""
    path = [camera(WIDTH, HEIGHT, 90.0, turned(position=(-0.5 * WIDTH * 6.0 / 90.0, 0, 0)))] * 3
    photo = wall(moving=np.ones((HEIGHT, WIDTH)))
    step = 4
    rows, columns = np.mgrid[step // 2 : HEIGHT : step, step // 2 : WIDTH : step] + 0.5
    moments = [np.stack([columns - share * WIDTH, rows], -1) for share in (0.0, 0.25, 0.5)]
    ways = [Ways(step, np.array(moments, np.float32))]
    cloud = point_cloud(photo)
    (still,) = attention(cloud, photo, VIEW, path, [None])
    (found,) = attention(cloud, photo, VIEW, path, ways)
    seen, comes_in = np.s_[20:44, 30:40], np.s_[20:44, 60:66]
    np.testing.assert_allclose(still[seen].mean(), LEAST + 1.0, rtol=0.1)
    np.testing.assert_allclose(still[comes_in].mean(), LEAST + 0.5, rtol=0.1)
    np.testing.assert_allclose(found[comes_in].mean(), LEAST + 0.5 + 0.5 * 2 / 3, rtol=0.1)


def test_what_stands_beside_what_flows_is_worth_what_its_own_place_is():
    path = [VIEW] * 3
    photo = wall(moving=np.tile(np.arange(WIDTH) < WIDTH / 2, (HEIGHT, 1)))
    nowhere = np.full((1, HEIGHT // 4, WIDTH // 4, 2), np.nan, np.float32)
    nowhere[:, :, : WIDTH // 8] = -1000.0
    (found,) = attention(point_cloud(photo), photo, VIEW, path, [Ways(4, nowhere)])
    np.testing.assert_allclose(found[20:44, 60:80].mean(), LEAST + 1.0, rtol=0.1)
    np.testing.assert_allclose(found[20:44, 10:40].mean(), LEAST + 0.5, rtol=0.1)


def test_what_flows_for_ever_is_worth_what_is_seen_around_its_place():
    """The path sees the left half alone; water just right of it comes in, a wall there does not."""
    path = [camera(WIDTH, HEIGHT, 90.0, turned(position=(-0.5 * WIDTH * 6.0 / 90.0, 0, 0)))] * 3
    seen, beside, away = np.s_[20:44, 20:30], np.s_[20:44, 52:56], np.s_[20:44, 80:90]
    for moving in (0.0, 1.0):
        photo = wall(moving=np.full((HEIGHT, WIDTH), moving))
        cloud = point_cloud(photo)
        (shot,) = attention(cloud, photo, VIEW, path)
        (loop,) = attention(cloud, photo, VIEW, path, endless=True)
        gained = loop[beside].mean() - shot[beside].mean()
        assert gained > 0.05 if moving else abs(gained) < 1e-6
        np.testing.assert_allclose(loop[seen].mean(), shot[seen].mean(), rtol=0.05)
        np.testing.assert_allclose(loop[away].mean(), shot[away].mean(), rtol=0.05)
