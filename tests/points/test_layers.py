"""The photo in layers: what a box hides, what stands behind the skyline, and the margin."""

import numpy as np
import pytest
from tests.contexts import here
from tests.points.support import camera, texture, turned

from livescape.cameras.projection import unproject_image
from livescape.engine.zbuffer import PointRenderer
from livescape.points.cloud import point_cloud
from livescape.points.floor import fit_floor
from livescape.points.hidden import LEAST_BAND
from livescape.points.layers import LOOK_STEP, build_layers
from livescape.points.margins import (
    MIN_MARGIN,
    SLACK,
    STEEPEST,
    Margins,
    grown_camera,
    needed_margins,
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


def cropped(array, margins):
    return array[margins.photo(array.shape)]


def test_the_photo_itself_is_untouched_in_the_middle_of_the_layers():
    image, depth = box_before_wall()
    moving = texture(HEIGHT, WIDTH)[..., 0]
    photo = build_layers(here(), image, depth, nothing(), moving, VIEW, PATH)
    front = photo.layer("front")
    np.testing.assert_array_equal(cropped(front.image, photo.margins), image)
    np.testing.assert_allclose(cropped(front.depth, photo.margins), depth, rtol=1e-6)
    np.testing.assert_array_equal(cropped(front.moving, photo.margins), moving)
    assert cropped(front.valid, photo.margins).all()
    expected = unproject_image(depth, VIEW)
    found = cropped(unproject_image(front.depth, photo.camera), photo.margins)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_behind_a_box_the_wall_goes_on_at_its_own_depth_and_colour():
    image, depth = box_before_wall()
    photo = build_layers(here(), image, depth, nothing(), still(), VIEW, PATH)
    behind = photo.layer("behind")
    assert [part.name for part in photo.layers] == ["front", "behind"]
    hidden = cropped(behind.valid, photo.margins)
    on_box = nothing()
    on_box[BOX] = True
    assert (hidden <= on_box).all()
    band = max(LEAST_BAND, round(90.0 * 0.3 * (1 / BOX_DEPTH - 1 / WALL_DEPTH)))
    edge = nothing()
    edge[BOX] = True
    edge[24 + band : 44 - band, 38 + band : 58 - band] = False
    assert (hidden & edge).sum() > 0.95 * edge.sum()
    np.testing.assert_allclose(behind.depth[behind.valid], WALL_DEPTH, rtol=0.02)
    colours = behind.image[behind.valid]
    assert colours[:, 0].max() < 0.15  # no red of the box
    assert not behind.moving.any()


def test_a_few_pixels_of_an_edge_do_not_decide_for_all_that_lies_behind_it():
    # A rock before a fall; three rows of the fall's edge count as standing, and are dark.
    fall, rock = np.s_[:, 60:], np.s_[:, :60]
    depth = np.full((HEIGHT, WIDTH), WALL_DEPTH, np.float32)
    depth[rock] = BOX_DEPTH
    image = np.full((HEIGHT, WIDTH, 3), 0.9, np.float32)
    image[rock] = 0.1
    moving = still()
    moving[fall] = 1.0
    moving[30:33, 60:64], image[30:33, 60:64] = 0.0, 0.2
    far = [camera(WIDTH, HEIGHT, 90.0, turned(position=(x, 0, 0))) for x in (0.0, 1.5)]
    photo = build_layers(here(), image, depth, nothing(), moving, VIEW, far)
    behind = photo.layer("behind")
    seen = cropped(behind.valid, photo.margins)[20:44, 48:57]
    assert seen.all()
    assert cropped(behind.image, photo.margins)[20:44, 48:57].min() > 0.8


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
    np.testing.assert_array_equal(cropped(front.valid, photo.margins), ~sky)
    shown = cropped(plate.valid, photo.margins)
    assert shown[sky].all()
    below = shown & ~sky
    for column in (5, 50, 90):  # everywhere along the skyline, by more than its parallax
        assert below[:, column].sum() >= 90.0 * 0.3 / 12.0
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
    least = int(np.ceil(max(MIN_MARGIN * WIDTH, SLACK)))
    aside = [camera(WIDTH, HEIGHT, 90.0, turned(position=(1.0, 0, 0)))]
    found = needed_margins(VIEW, aside, depth)
    assert found.right == pytest.approx(90.0 * 1.0 / 10.0 + SLACK, abs=1)
    assert (found.left, found.top, found.bottom) == (least, least, least)
    assert needed_margins(VIEW, [VIEW], depth) == Margins(least, least, least, least)
    turning = [camera(WIDTH, HEIGHT, 90.0, turned(yaw=1.6))]
    assert needed_margins(VIEW, turning, depth).right == STEEPEST * 90.0 - WIDTH / 2


def test_near_ground_at_the_bottom_needs_more_than_the_far_middle():
    """A camera that sinks looks below the frame, at what lies nearest."""
    depth = np.full((HEIGHT, WIDTH), 100.0, np.float32)
    depth[-1] = 5.0
    sinking = [camera(WIDTH, HEIGHT, 90.0, turned(position=(0, 0.5, 0)))]
    found = needed_margins(VIEW, sinking, depth)
    assert found.bottom == pytest.approx(90.0 * 0.5 / 5.0 + SLACK, abs=1)
    assert found.top == int(np.ceil(MIN_MARGIN * WIDTH))


def test_nothing_is_invented_where_no_camera_looks():
    depth = np.full((HEIGHT, WIDTH), 10.0, np.float32)
    aside = [camera(WIDTH, HEIGHT, 90.0, turned(position=(1.0, 0, 0)))]
    photo = build_layers(here(), texture(HEIGHT, WIDTH), depth, nothing(), still(), VIEW, aside)
    columns = np.flatnonzero(photo.layer("front").valid.any(axis=0)) - photo.margins.left
    assert -LOOK_STEP <= columns[0] <= 0
    assert columns[-1] == pytest.approx(WIDTH + 90.0 * 1.0 / 10.0, abs=LOOK_STEP + SLACK + 3)


def test_the_grown_camera_sees_the_same_with_more_around():
    grown = grown_camera(VIEW, Margins(10, 10, 10, 10))
    depth = np.full((HEIGHT + 20, WIDTH + 20), 5.0, np.float32)
    np.testing.assert_allclose(
        unproject_image(depth, grown)[10:-10, 10:-10],
        unproject_image(depth[10:-10, 10:-10], VIEW),
        atol=1e-5,
    )


def ground(level=0.02, slope=0.004):
    """Depth of a plane whose disparity grows down the picture."""
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None] + np.zeros((1, WIDTH), np.float32)
    return (1.0 / (level + slope * rows)).astype(np.float32)


SINKING = [camera(WIDTH, HEIGHT, 90.0, turned(position=(0, y, 0))) for y in (0.0, 0.8, 1.6)]


def test_the_ground_goes_on_as_a_plane_below_the_frame_as_far_as_the_camera_looks():
    depth = ground()
    photo = build_layers(here(), texture(HEIGHT, WIDTH), depth, nothing(), still(), VIEW, SINKING)
    margins, front = photo.margins, photo.layer("front")
    lowest = 0.02 + 0.004 * (HEIGHT - 1)
    # The camera sinks by 1.6 m towards ground 4.05 m below it (90 px * 0.004 m px to the metre).
    assert margins.bottom == pytest.approx(1.6 * 90.0 * lowest / (1 - 1.6 * 90.0 * 0.004), rel=0.15)
    rows = np.flatnonzero(front.valid[:, WIDTH // 2 + margins.left])
    assert rows[-1] >= margins.top + HEIGHT + margins.bottom - 1
    found = 1.0 / front.depth[margins.top :, margins.left + WIDTH // 2]
    np.testing.assert_allclose(found, 0.02 + 0.004 * np.arange(len(found)), rtol=1e-2)
    cloud = point_cloud(photo)
    for view in SINKING:
        assert PointRenderer(cloud.points, 2 * cloud.footprint).nearest(view)[0].min() >= 0


def banked():
    """A river between banks that run straight away from the camera, and where water is."""
    depth = ground()
    columns, rows = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    across = (columns - WIDTH / 2) * depth / 90.0
    water = (across > -3.0) & (across < 4.0)
    colours = np.where(water[..., None], [0.1, 0.2, 0.9], [0.2, 0.7, 0.1])
    shade = 0.9 + 0.1 * texture(HEIGHT, WIDTH)[..., :1]
    return (colours * shade).astype(np.float32), depth, water, across, rows


def test_a_bank_goes_on_straight_in_the_world_and_each_side_in_its_own_colour_and_motion():
    image, depth, water, _, _ = banked()
    moving = water.astype(np.float32)
    photo = build_layers(here(), image, depth, nothing(), moving, VIEW, SINKING)
    front, camera_of_grid = photo.layer("front"), photo.camera
    points = unproject_image(front.depth, camera_of_grid)
    outside = front.valid.copy()
    outside[photo.margins.photo(outside.shape)] = False
    assert outside.sum() > 1000
    x = points[..., 0]
    clear = outside & (np.minimum(np.abs(x + 3.0), np.abs(x - 4.0)) > 0.25)
    wet = (x > -3.0) & (x < 4.0)
    np.testing.assert_array_equal(front.moving[clear] > 0.5, wet[clear])
    blue = front.image[..., 2] > front.image[..., 1]
    assert (blue == wet)[clear].mean() > 0.98


def test_water_decides_where_the_floor_lies_and_a_picture_of_a_wall_has_none():
    _, depth, water, _, _ = banked()
    found = fit_floor(depth, nothing(), water.astype(np.float32), VIEW)
    assert found.slope[1] == pytest.approx(0.004 * 90.0, rel=1e-3)
    assert fit_floor(np.full_like(depth, 5.0), nothing(), still(), VIEW) is None
    nearer_below = 5.0 - 1e-6 * np.arange(len(depth), dtype=np.float32)[:, None]
    hardly = np.broadcast_to(nearer_below, depth.shape)
    assert fit_floor(hardly, nothing(), still(), VIEW) is None


def test_what_the_frame_cuts_at_its_side_goes_on_and_what_stands_clear_of_it_does_not_repeat():
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    sky = rows < 16
    depth = np.where(sky, 500.0, ground(-0.06, 0.004 * 1.1).clip(2.0, 200.0)).astype(np.float32)
    cut = (columns >= WIDTH - 10) & (rows > 4) & (rows < 40)
    clear = (columns >= WIDTH - 28) & (columns < WIDTH - 20) & (rows > 4) & (rows < 40)
    for post in (cut, clear):
        depth[post], sky[post] = 12.0, False
    aside = [camera(WIDTH, HEIGHT, 90.0, turned(position=(x, 0, 0))) for x in (0.0, 4.0)]
    photo = build_layers(here(), texture(HEIGHT, WIDTH), depth, sky, still(), VIEW, aside)
    front, margins = photo.layer("front"), photo.margins
    row = front.valid[margins.top + 10]  # above the horizon only what stands is in front
    beyond = row[margins.left + WIDTH :]
    assert beyond[:9].all()
    assert not beyond[12:].any()


def test_posts_that_overlap_the_far_bank_are_not_mirrored_with_it():
    """A post in a lake, its top before the bank that goes on beside the frame."""
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    sky = rows < 8
    depth = np.where(sky, 500.0, ground(-0.06, 0.004 * 1.1).clip(2.0, 200.0)).astype(np.float32)
    bank = (rows >= 8) & (rows < 24)
    depth[bank] = 60.0
    post = (columns >= WIDTH - 12) & (columns < WIDTH - 6) & (rows > 14) & (rows < 50)
    depth[post] = 8.0
    image = texture(HEIGHT, WIDTH) * np.array([0.0, 0.8, 0.8], np.float32)
    image[post] = (1.0, 0.0, 0.0)
    moving = np.where((rows >= 24) & ~post, 1.0, 0.0).astype(np.float32)
    turning = [camera(WIDTH, HEIGHT, 90.0, turned(yaw=yaw)) for yaw in (-0.3, 0.0, 0.3)]
    photo = build_layers(here(), image.astype(np.float32), depth, sky, moving, VIEW, turning)
    front, margins = photo.layer("front"), photo.margins
    beyond = np.s_[:, margins.left + WIDTH + 2 :]
    assert front.valid[beyond].any()
    assert front.image[beyond][front.valid[beyond]][:, 0].max() < 0.2
    bank_row = margins.top + 18
    assert front.valid[bank_row, margins.left + WIDTH :][:18].all()  # it goes on where the post was


def test_a_bank_to_the_side_is_no_tilted_floor_and_no_floor_hangs_in_the_sky():
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    sky = rows < 20
    slope = 1.0 / (0.02 + 0.002 * rows + 0.002 * columns)
    depth = np.where(sky, 500.0, slope).astype(np.float32)
    floor = fit_floor(depth, sky, still(), VIEW)
    assert floor is None or abs(floor.slope[0]) <= 0.15 * floor.slope[1]
    turning = [camera(WIDTH, HEIGHT, 90.0, turned(yaw=yaw)) for yaw in (-0.4, 0.0, 0.4)]
    photo = build_layers(here(), texture(HEIGHT, WIDTH), depth, sky, still(), VIEW, turning)
    above = photo.layer("front").valid[: photo.margins.top + 20]
    assert not above.any()
