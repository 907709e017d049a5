"""The photo in layers: what a box hides, what stands behind the skyline, and the margin."""

import numpy as np
import pytest
from tests.contexts import here
from tests.points.support import camera, texture, turned

from livescape.cameras.projection import unproject_image
from livescape.points.layers import (
    MAX_MARGIN,
    MIN_MARGIN,
    Margins,
    build_layers,
    grown_camera,
    needed_margins,
    parallax_pixels,
)

WIDTH, HEIGHT = 96, 64
VIEW = camera(WIDTH, HEIGHT, 90.0)
PATH = [camera(WIDTH, HEIGHT, 90.0, turned(position=(x, 0, 0))) for x in (0.0, 0.15, 0.3)]
BOX = np.s_[24:44, 38:58]
WALL_DEPTH, BOX_DEPTH = 8.0, 4.0
RED = np.array([0.9, 0.1, 0.1], np.float32)


def nothing():
    return np.zeros((HEIGHT, WIDTH), bool)


def still():
    return np.zeros((HEIGHT, WIDTH), np.float32)


def box_before_wall():
    depth = np.full((HEIGHT, WIDTH), WALL_DEPTH, np.float32)
    image = texture(HEIGHT, WIDTH) * np.array([0.1, 0.8, 0.8], np.float32)
    depth[BOX], image[BOX] = BOX_DEPTH, RED
    return image.astype(np.float32), depth


def cropped(array, margin):
    return array[margin:-margin, margin:-margin]


def test_the_photo_itself_is_untouched_in_the_middle_of_the_layers():
    image, depth = box_before_wall()
    moving = texture(HEIGHT, WIDTH)[..., 0]
    photo = build_layers(here(), image, depth, nothing(), moving, VIEW, PATH)
    front = photo.layer("front")
    np.testing.assert_array_equal(cropped(front.image, photo.margin), image)
    np.testing.assert_allclose(cropped(front.depth, photo.margin), depth, rtol=1e-6)
    np.testing.assert_array_equal(cropped(front.moving, photo.margin), moving)
    assert front.valid.all()
    expected = unproject_image(depth, VIEW)
    found = cropped(unproject_image(front.depth, photo.camera), photo.margin)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_behind_a_box_the_wall_goes_on_at_its_own_depth_and_colour():
    image, depth = box_before_wall()
    photo = build_layers(here(), image, depth, nothing(), still(), VIEW, PATH)
    behind = photo.layer("behind")
    assert [part.name for part in photo.layers] == ["front", "behind"]
    hidden = cropped(behind.valid, photo.margin)
    on_box = nothing()
    on_box[BOX] = True
    assert (hidden <= on_box).all()
    band = parallax_pixels(VIEW, PATH, BOX_DEPTH)
    edge = nothing()
    edge[BOX] = True
    edge[24 + band : 44 - band, 38 + band : 58 - band] = False
    assert (hidden & edge).sum() > 0.95 * edge.sum()
    np.testing.assert_allclose(behind.depth[behind.valid], WALL_DEPTH, rtol=0.02)
    colours = behind.image[behind.valid]
    assert colours[:, 0].max() < 0.15  # no red of the box
    assert not behind.moving.any()


def test_a_smooth_slope_hides_nothing():
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None] + np.zeros((1, WIDTH), np.float32)
    depth = (400.0 / (rows + 20.0)).astype(np.float32)
    photo = build_layers(here(), texture(HEIGHT, WIDTH), depth, nothing(), still(), VIEW, PATH)
    assert [part.name for part in photo.layers] == ["front"]


def skyline():
    """Hills below, blue sky above that moves, the skyline a slope."""
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    sky = rows < 24 + columns // 12
    depth = np.where(sky, 500.0, 12.0).astype(np.float32)
    image = np.where(sky[..., None], [0.1, 0.3, 0.9], [0.2, 0.6, 0.1]).astype(np.float32)
    return image, depth, sky, np.where(sky, 0.8, 0.0).astype(np.float32)


def test_the_sky_goes_on_behind_the_hills_in_its_own_colour_depth_and_motion():
    image, depth, sky, moving = skyline()
    photo = build_layers(here(), image, depth, sky, moving, VIEW, PATH)
    front, plate = photo.layer("front"), photo.layer("sky")
    np.testing.assert_array_equal(cropped(front.valid, photo.margin), ~sky)
    shown = cropped(plate.valid, photo.margin)
    assert shown[sky].all()
    below = shown & ~sky
    for column in (5, 50, 90):  # everywhere along the skyline, by more than its parallax
        assert below[:, column].sum() >= parallax_pixels(VIEW, PATH, 12.0)
    np.testing.assert_allclose(plate.depth[plate.valid], 500.0, rtol=1e-5)
    np.testing.assert_allclose(plate.moving[plate.valid], 0.8, atol=1e-3)
    assert np.abs(plate.image[plate.valid] - [0.1, 0.3, 0.9]).max() < 0.02
    assert not front.moving[~front.valid].any()


@pytest.mark.parametrize("sky", [True, False])
def test_all_sky_and_no_sky_are_scenes_too(sky):
    mask = np.full((HEIGHT, WIDTH), sky)
    depth = np.full((HEIGHT, WIDTH), 50.0, np.float32)
    photo = build_layers(here(), texture(HEIGHT, WIDTH), depth, mask, still(), VIEW, PATH)
    assert [part.name for part in photo.layers] == (["sky"] if sky else ["front"])
    assert all(np.isfinite(part.image).all() for part in photo.layers)


def test_each_side_holds_what_the_path_sees_there_and_stays_sane():
    depth = np.full((HEIGHT, WIDTH), 10.0, np.float32)
    least, most = (int(np.ceil(share * WIDTH)) for share in (MIN_MARGIN, MAX_MARGIN))
    aside = [camera(WIDTH, HEIGHT, 90.0, turned(position=(1.0, 0, 0)))]
    found = needed_margins(VIEW, aside, depth)
    assert found.right == pytest.approx(90.0 * 1.0 / 10.0, abs=1)
    assert (found.left, found.top, found.bottom) == (least, least, least)
    assert needed_margins(VIEW, [VIEW], depth) == Margins(least, least, least, least)
    turning = [camera(WIDTH, HEIGHT, 90.0, turned(yaw=0.8))]
    assert needed_margins(VIEW, turning, depth).largest == most


def test_near_ground_at_the_bottom_needs_more_than_the_far_middle():
    """A camera that sinks looks below the frame, at what lies nearest."""
    depth = np.full((HEIGHT, WIDTH), 100.0, np.float32)
    depth[-1] = 5.0
    sinking = [camera(WIDTH, HEIGHT, 90.0, turned(position=(0, 0.5, 0)))]
    found = needed_margins(VIEW, sinking, depth)
    assert found.bottom == pytest.approx(90.0 * 0.5 / 5.0, abs=1)
    assert found.top == int(np.ceil(MIN_MARGIN * WIDTH))


def test_nothing_is_invented_where_no_camera_looks():
    depth = np.full((HEIGHT, WIDTH), 10.0, np.float32)
    aside = [camera(WIDTH, HEIGHT, 90.0, turned(position=(1.0, 0, 0)))]
    photo = build_layers(here(), texture(HEIGHT, WIDTH), depth, nothing(), still(), VIEW, aside)
    sides = needed_margins(VIEW, aside, depth)
    columns = np.flatnonzero(photo.layer("front").valid.any(axis=0)) - photo.margin
    assert (columns[0], columns[-1]) == (-sides.left, WIDTH + sides.right - 1)


def test_the_grown_camera_sees_the_same_with_more_around():
    grown = grown_camera(VIEW, 10)
    depth = np.full((HEIGHT + 20, WIDTH + 20), 5.0, np.float32)
    np.testing.assert_allclose(
        unproject_image(depth, grown)[10:-10, 10:-10],
        unproject_image(depth[10:-10, 10:-10], VIEW),
        atol=1e-5,
    )


def test_the_ground_goes_on_as_a_plane_below_the_frame():
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None] + np.zeros((1, WIDTH), np.float32)
    disparity = 0.02 + 0.004 * rows
    photo = build_layers(
        here(),
        texture(HEIGHT, WIDTH),
        (1 / disparity).astype(np.float32),
        nothing(),
        still(),
        VIEW,
        PATH,
    )
    margin = photo.margin
    found = 1.0 / photo.layer("front").depth
    below = disparity[-1, 0] + 0.004 * np.arange(1, margin + 1)
    limit = 1.5 * disparity.max()
    np.testing.assert_allclose(found[-margin:, margin + 5], np.minimum(below, limit), rtol=1e-3)
