"""The layered photo is a fair baseline: right where two layers and a flow say what is right."""

import numpy as np
import pytest
from tests.contexts import here

from livescape.evaluate import points
from livescape.evaluate.contenders import Known
from livescape.evaluate.layered import LayeredPhoto, depth_cuts
from livescape.evaluate.metrics import psnr
from livescape.evaluate.points import splat_points
from livescape_shared.camera import Camera

HEIGHT, WIDTH, FOCAL = 48, 80, 80.0
NEAR, FAR = 2.0, 8.0
K = np.array([[FOCAL, 0, WIDTH / 2], [0, FOCAL, HEIGHT / 2], [0, 0, 1]])


def camera(x=0.0, z=0.0):
    viewmat = np.eye(4)
    viewmat[:3, 3] = -x, 0, -z
    return Camera(WIDTH, HEIGHT, K, viewmat)


def picture(columns):
    """A pattern that is smooth enough to be shifted by parts of a pixel."""
    rows = np.arange(HEIGHT)[:, None]
    red = 0.5 + 0.3 * np.sin(columns / 3.0) * np.cos(rows / 5.0)
    return np.stack([red, 0.8 - 0.5 * red, 0.4 + 0 * red], axis=-1).astype(np.float32)


def scene(flow=0.0, moving=True):
    """A red board before a patterned wall; the wall moves."""
    image = picture(np.arange(WIDTH)[None])
    depth = np.full((HEIGHT, WIDTH), FAR, np.float32)
    board = np.zeros((HEIGHT, WIDTH), bool)
    board[16:32, 30:46] = True
    image[board] = (0.9, 0.1, 0.1)
    depth[board] = NEAR
    mask = np.where(board | (not moving), 0.0, 1.0).astype(np.float32)
    motion = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    motion[..., 0] = flow
    return Known(image, camera(), depth, mask, motion * mask[..., None]), board


def layered(known, path=(), loop=12):
    return LayeredPhoto(here(), known, path or (camera(),), loop)


def test_the_photo_is_shown_as_it_is():
    known, _ = scene()
    shown = layered(known).show(camera(), 0)
    assert psnr(shown.image, known.image) > 45
    assert not shown.uncovered.any()


def test_layers_shift_by_their_depth():
    known, board = scene(moving=False)
    x = 0.2
    shown = layered(known, (camera(x),)).show(camera(x), 0)
    shift = round(FOCAL * x / NEAR)
    there = np.roll(board, -shift, axis=1)
    assert np.abs(shown.image[there] - (0.9, 0.1, 0.1)).mean() < 0.02
    wall = picture(np.arange(WIDTH)[None] + FOCAL * x / FAR)
    clear = ~there & ~np.roll(board, -round(FOCAL * x / FAR), axis=1)
    clear[:, -8:] = False
    assert psnr(shown.image, wall, clear) > 30
    # What the board had hidden is invented, and not of the board.
    bare = board & ~there
    bare[:, :32] = False
    assert (shown.image[bare][:, 0] < 0.85).all()
    assert not shown.uncovered.any()


def test_what_moves_follows_the_flow_and_the_loop_closes():
    known, _ = scene(flow=0.5)
    loop = layered(known)
    assert psnr(loop.show(camera(), 12).image, loop.show(camera(), 0).image) == 100.0
    # Early in the loop the forward copy rules.
    shown = loop.show(camera(), 2).image
    moved, clear = picture(np.arange(WIDTH)[None] - 1.0), np.ones((HEIGHT, WIDTH), bool)
    clear[12:36, 26:52] = False
    clear[:, :10] = clear[:, -10:] = False
    still = psnr(known.image, moved, clear)
    assert psnr(shown, moved, clear) > still + 1.0


def test_coming_nearer_leaves_no_cracks():
    known, _ = scene()
    near = camera(z=1.0)
    assert not layered(known, (near,)).show(near, 5).uncovered.any()


@pytest.mark.parametrize("layers", [2, 3, 4, 5])
def test_depth_is_cut_where_it_is_cut(layers):
    depth = np.repeat(2.0 ** np.arange(layers), 40).reshape(layers, 40).astype(np.float32)
    cuts = depth_cuts(depth)
    assert 1 <= len(cuts) <= 4
    assert (np.diff(cuts) > 0).all()
    if layers < 4:
        assert len(np.unique(np.searchsorted(cuts, np.unique(depth)))) == layers


def test_the_nearest_point_wins_and_a_wide_one_covers():
    colours = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
    at = np.array([[4.5, 4.5], [4.5, 4.5]])
    image, _ = splat_points(at, np.array([5.0, 1.0]), colours, np.ones(2), 9, 9)
    assert np.allclose(image[4, 4], (0, 1, 0), atol=0.01)
    _, weight = splat_points(at[:1], np.array([1.0]), colours[:1], np.array([2.0]), 9, 9)
    assert (weight[3:6, 3:6] > 0).all()
    _, behind = splat_points(at, np.array([-1.0, 0.0]), colours, np.ones(2), 9, 9)
    assert not behind.any()


def splat_slowly(positions, depth, colours, size, width, height):
    """Point by point and pixel by pixel, as the docstring says."""
    reach = np.clip(size, 1.0, points.LARGEST)
    rows, columns = np.mgrid[:height, :width] + 0.5
    tents = [
        np.maximum(1 - np.abs(columns - x) / r, 0) * np.maximum(1 - np.abs(rows - y) / r, 0)
        for (x, y), r in zip(positions, reach, strict=True)
    ]
    near = np.max(
        [np.where(t > points.FIRM, 1 / z, 0) for t, z in zip(tents, depth, strict=True)], 0
    )
    tolerance = points.TOLERANCE * np.percentile(1 / depth, 98)
    weights = [
        t * np.exp(-points.SHARPNESS * np.minimum(np.maximum(near - 1 / z, 0) / tolerance, 10))
        for t, z in zip(tents, depth, strict=True)
    ]
    total = np.sum(weights, 0)
    image = np.einsum("nhw,nc->hwc", weights, colours) / np.maximum(total, 1e-12)[..., None]
    return image, np.sum(tents, 0)


def test_points_are_splatted_as_by_the_slow_form():
    random = np.random.default_rng(4)
    positions = random.uniform((-3, -3), (23, 15), (60, 2))
    depth, colours = random.uniform(1, 9, 60), random.random((60, 3)).astype(np.float32)
    asked = positions, depth, colours, random.uniform(0.2, 6, 60), 20, 12
    for fast, slow in zip(splat_points(*asked), splat_slowly(*asked), strict=True):
        assert fast == pytest.approx(slow, abs=1e-5)


def test_a_shot_that_does_not_loop_shows_one_copy():
    known, _ = scene(flow=0.5)
    moved, clear = picture(np.arange(WIDTH)[None] - 6.0), np.ones((HEIGHT, WIDTH), bool)
    clear[12:36, 22:60] = False
    clear[:, :16] = clear[:, -10:] = False
    once = LayeredPhoto(here(), known, (camera(),), 24, loops=False).show(camera(), 12)
    faded = layered(known, loop=24).show(camera(), 12)
    assert psnr(once.image, moved, clear) > 30
    assert psnr(faded.image, moved, clear) < 25
    assert not once.uncovered.any()
