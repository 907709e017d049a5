"""A sphere before a plane: what it hides is the plane, at the plane's depth, once."""

import numpy as np
import pytest
from tests.contexts import here
from tests.points.support import camera, slanted_depth, texture, turned

from livescape.cameras.projection import project_points
from livescape.engine.zbuffer import PointRenderer
from livescape.points.cloud import point_cloud
from livescape.points.hidden import depth_edges
from livescape.points.layers import build_layers

WIDTH, HEIGHT, FOCAL = 160, 120, 150.0
VIEW = camera(WIDTH, HEIGHT, FOCAL)
PATH = [camera(WIDTH, HEIGHT, FOCAL, turned(position=(x, 0, 0))) for x in (-0.3, 0.0, 0.3)]
NO_SKY = np.zeros((HEIGHT, WIDTH), bool)
STILL = np.zeros((HEIGHT, WIDTH), np.float32)
SPHERE = np.array([1.0, 0.0, 0.0], np.float32)
PLANES = {  # normal and distance of the plane, centre and radius of the sphere
    "a wall": ((0, 0, 1), 8.0, (0, 0, 4), 0.7),
    "a slanted wall": ((0.5, 0, 0.866), 8.0, (0, 0, 4), 0.7),
    "the ground": ((0, 0.8, 0.6), 3.0, (0, 0.1, 3), 0.6),
    "the ground near the horizon": ((0, 0.9, 0.436), 3.0, (0, -0.1, 3), 0.6),
}


def sphere_before(normal, distance, centre, radius):
    """Image, depth, depth of the plane alone, and the sphere's pixels."""
    plane = slanted_depth(VIEW, normal, distance)
    columns, rows = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    rays = np.stack([columns, rows, np.ones_like(rows)], -1) @ np.linalg.inv(VIEW.K).T
    along, length, centre = rays @ centre, (rays**2).sum(-1), np.asarray(centre)
    inside = along**2 - length * (centre @ centre - radius**2)
    near = (along - np.sqrt(np.maximum(inside, 0.0))) / length
    shown = (inside > 0.0) & (near < plane)
    image = texture(HEIGHT, WIDTH) * np.array([0.0, 0.8, 0.8], np.float32)
    image[shown] = SPHERE
    return image, np.where(shown, near, plane).astype(np.float32), plane, shown


@pytest.fixture(scope="module", params=PLANES.values(), ids=PLANES.keys())
def world(request):
    image, depth, plane, sphere = sphere_before(*request.param)
    photo = build_layers(here(), image, depth, NO_SKY, STILL, VIEW, PATH)
    return photo, depth, plane, sphere


def cropped(values, photo):
    return values[photo.margins.photo(values.shape)]


def test_what_the_sphere_hides_is_the_plane_within_two_percent(world):
    photo, depth, plane, sphere = world
    behind = photo.layer("behind")
    hidden = cropped(behind.valid, photo)
    assert (hidden <= sphere).all()
    assert hidden.sum() > 0.8 * sphere.sum()
    found = cropped(behind.depth, photo)
    np.testing.assert_allclose(found[hidden], plane[hidden], rtol=0.02)
    assert (found[hidden] > depth[hidden]).all()
    assert cropped(behind.image, photo)[hidden][:, 0].max() < 0.15  # nothing of the red sphere


@pytest.mark.parametrize("view", [PATH[0], PATH[2]], ids=["left", "right"])
def test_every_view_uncovers_the_plane_and_no_hole(world, view):
    photo, _, _, _ = world
    cloud = point_cloud(photo)
    render = PointRenderer(cloud.points, cloud.footprint).render(cloud.colors, view)
    assert render.valid.mean() > 0.99
    plane_like = render.valid & (render.values[..., 0] < 0.3)
    uncovered = plane_like & _was_hidden(render.depth, view, photo)
    assert uncovered.sum() > 100


def _was_hidden(depth, view, photo):
    """Return the pixels of ``view`` whose surface the photo's camera cannot see."""
    rows, columns = np.nonzero(np.isfinite(depth))
    rays = np.stack([columns + 0.5, rows + 0.5, np.ones(len(rows))], -1) @ np.linalg.inv(view.K).T
    world = (rays * depth[rows, columns, None] - view.viewmat[:3, 3]) @ view.viewmat[:3, :3]
    positions, z = project_points(world, photo.camera)
    x, y = np.floor(positions).astype(int).T
    front = photo.layer("front").depth
    hidden = np.zeros(depth.shape, bool)
    inside = (x >= 0) & (y >= 0) & (x < front.shape[1]) & (y < front.shape[0])
    hidden[rows[inside], columns[inside]] = z[inside] > 1.1 * front[y[inside], x[inside]]
    return hidden


def test_filled_content_exists_once(world):
    """Views from both sides show the very same points behind the sphere, where both see them."""
    photo, _, _, _ = world
    cloud = point_cloud(photo)
    behind = np.arange(len(cloud)) >= photo.layer("front").valid.sum()
    numbers = np.arange(len(cloud), dtype=np.float32)[:, None]
    shown = []
    for x in (0.24, 0.3):
        view = camera(WIDTH, HEIGHT, FOCAL, turned(position=(x, 0, 0)))
        render = PointRenderer(cloud.points, cloud.footprint).render(numbers, view)
        found = np.unique(render.values[render.valid][:, 0].astype(int))
        shown.append(found[behind[found]])
    assert min(len(found) for found in shown) > 100
    assert len(np.intersect1d(*shown)) > 0.7 * len(shown[0])


def test_a_slope_is_no_edge_however_steep_and_a_step_on_it_is_one():
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None] + np.zeros((1, WIDTH), np.float32)
    ground = (0.0005 + 0.002 * rows).astype(np.float32)  # 2 km to 4 m
    assert not depth_edges(ground, NO_SKY)[0].any()
    stepped = ground.copy()
    stepped[60:, 80:] *= 1.5
    nearer, farther = depth_edges(stepped, NO_SKY)
    assert nearer[70:, 80].all()
    assert farther[70:, 79].all()
    assert not nearer[:, :78].any()
    assert not nearer[:57].any()


def test_a_pole_of_one_pixel_is_an_edge():
    disparity = np.full((HEIGHT, WIDTH), 0.1, np.float32)
    disparity[20:, 50] = 0.3
    nearer, farther = depth_edges(disparity, NO_SKY)
    assert nearer[30:, 50].all()
    assert farther[30:, [49, 51]].all()
    assert nearer.sum() == nearer[:, 50].sum()


FALL = np.zeros((HEIGHT, WIDTH), bool)
FALL[20:, 60:100] = True
CLIFF = 14.0


@pytest.mark.parametrize(("travel", "opens"), [(0.2, False), (6.0, True)])
def test_the_cliff_goes_on_behind_the_sides_of_a_fall_where_a_gap_opens(travel, opens):
    """A fall that stands half a metre before its cliff: no edge, but on a bold path a gap."""
    depth = np.where(FALL, CLIFF - 0.5, CLIFF).astype(np.float32)
    path = [VIEW, camera(WIDTH, HEIGHT, FOCAL, turned(position=(travel, 0, 0)))]
    image, moving = texture(HEIGHT, WIDTH), FALL.astype(np.float32)
    photo = build_layers(here(), image, depth, NO_SKY, moving, VIEW, path)
    behind = [layer for layer in photo.layers if layer.name == "behind"]
    if not opens:
        assert not behind
        return
    hidden = cropped(behind[0].valid, photo)
    beside = np.s_[40:100, [60, 61, 98, 99]]
    assert hidden[beside].all()
    np.testing.assert_allclose(cropped(behind[0].depth, photo)[beside], CLIFF, rtol=0.01)
    still = build_layers(here(), image, depth, NO_SKY, STILL, VIEW, path)
    assert all(layer.name != "behind" for layer in still.layers)
