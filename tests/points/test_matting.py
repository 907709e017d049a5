"""Pixels that mix a post and the water behind it are parted: coverage, and a colour for each."""

from dataclasses import replace

import numpy as np
from tests.contexts import here
from tests.points.support import camera, everywhere, turned

from livescape.points.assemble import assemble
from livescape.points.cloud import point_cloud
from livescape.points.layers import build_layers
from livescape.points.matting import matte
from livescape.views.training import training_views
from livescape_shared.conventions import linear_to_srgb, srgb_to_linear

HEIGHT, WIDTH = 48, 64
POST, WATER = np.array([0.30, 0.12, 0.06]), np.array([0.10, 0.25, 0.45])
NEAR, FAR = 4.0, 12.0
LEFT, RIGHT = 20.6, 31.3
"""Where the post begins and ends, in pixels."""

NOTHING = np.zeros((HEIGHT, WIDTH), bool)


def covered():
    """How much of each pixel the post covers, as a lens half a pixel soft shows it."""
    x = np.arange(-3.0, WIDTH + 3.0, 1.0 / 8.0)
    inside = ((x >= LEFT) & (x < RIGHT)).astype(float)
    soft = np.convolve(inside, np.ones(12) / 12.0, mode="same")
    share = soft[24 : 24 + 8 * WIDTH].reshape(WIDTH, 8).mean(axis=1)
    return np.tile(share, (HEIGHT, 1)).astype(np.float32)


def ripples(colour, amount, seed):
    noise = np.random.default_rng(seed).normal(1.0, amount, (HEIGHT, WIDTH, 1))
    return (colour * noise).clip(0.0, 1.0).astype(np.float32)


def scene(amount=0.06):
    """Photo, depth, and the true coverage and display colours of the post and of the water."""
    share, post, water = covered(), ripples(POST, amount, 0), ripples(WATER, amount, 1)
    light = share[..., None] * post + (1.0 - share[..., None]) * water
    depth = np.where(share >= 0.5, NEAR, FAR).astype(np.float32)
    return linear_to_srgb(light), depth, share, linear_to_srgb(post), linear_to_srgb(water)


def test_coverage_and_both_colours_are_those_that_were_mixed():
    image, depth, share, post, water = scene()
    found = matte(image, depth, NOTHING, NOTHING)
    half = (share > 0.15) & (share < 0.85)
    assert found.mixed[half].mean() > 0.98
    assert np.abs(found.coverage - share)[found.mixed].mean() < 0.05
    assert not found.mixed[(share == 0.0) | (share == 1.0)].mean() > 0.01
    assert np.allclose(found.depth[found.mixed], NEAR)
    # Half a pixel tells half of a colour: the error is judged by what it would add to a picture.
    ahead, behind = share > 0.3, share < 0.7
    assert np.abs(found.front - post)[half & ahead].mean() < 0.03
    assert np.abs(found.back - water)[half & behind].mean() < 0.03
    assert np.abs(image - post)[half & ahead].mean() > 0.06


def test_mixed_again_both_colours_give_the_photo():
    image, depth, *_ = scene()
    found = matte(image, depth, NOTHING, NOTHING)
    share = found.coverage[..., None]
    light = share * srgb_to_linear(found.front) + (1.0 - share) * srgb_to_linear(found.back)
    assert np.abs(linear_to_srgb(light) - image)[found.mixed].mean() < 0.01


def test_where_both_sides_look_alike_or_depth_has_no_edge_nothing_is_parted():
    image, depth, *_ = scene()
    alike = linear_to_srgb(ripples(WATER, 0.06, 2))
    assert matte(alike, depth, NOTHING, NOTHING) is None
    assert matte(image, np.full_like(depth, FAR), NOTHING, NOTHING) is None


def test_what_moves_in_front_of_what_stands_is_left_as_it_is():
    image, depth, *_ = scene()
    assert matte(image, depth, NOTHING, depth < 8.0) is None
    assert matte(image, depth, NOTHING, depth > 8.0) is not None


def test_before_the_sky_too():
    image, depth, share, *_ = scene()
    found = matte(image, depth, depth > 8.0, NOTHING)
    assert np.abs(found.coverage - share)[found.mixed].mean() < 0.05
    assert found.on_sky[found.mixed].all()


def test_what_depth_puts_a_pixel_beside_its_place_still_belongs_to_its_side():
    image, depth, share, *_ = scene()
    found = matte(image, np.roll(depth, 2, axis=1), NOTHING, NOTHING)
    wrong = (np.roll(depth, 2, axis=1) == NEAR) & (share < 0.02)
    assert wrong.any()
    assert found.coverage[wrong].mean() < 0.25


def parted_layers():
    image, depth, *_ = scene()
    view = camera(WIDTH, HEIGHT)
    path = [camera(WIDTH, HEIGHT, viewmat=turned(position=(0.3, 0.0, 0.0)))]
    found = matte(image, depth, NOTHING, NOTHING)
    still = np.zeros((HEIGHT, WIDTH), np.float32)
    photo = build_layers(here(), image, depth, NOTHING, still, view, path, matte=found)
    return photo, found, view, path


def test_layers_have_the_post_before_and_the_water_behind_its_mixed_pixels():
    photo, found, *_ = parted_layers()
    there = photo.margins.photo(photo.layer("front").valid.shape)
    front, behind = photo.layer("front"), photo.layer("behind")
    through = found.mixed & (front.coverage[there] < 1.0)
    assert through.sum() > 0.9 * found.mixed.sum()
    assert behind.valid[there][through].all()
    assert np.array_equal(behind.image[there][through], found.back[through])
    assert np.array_equal(front.image[there][through], found.front[through])
    assert np.allclose(behind.depth[there][through], FAR, rtol=0.05)


def test_gaussians_are_as_opaque_as_their_pixels_are_covered():
    photo, *_ = parted_layers()
    ones = [np.ones(part.valid.shape, np.uint8) for part in photo.layers]
    mixed = assemble(photo, everywhere(photo), ones, 20000).scene
    parts = tuple(replace(part, coverage=None) for part in photo.layers)
    whole = assemble(replace(photo, layers=parts), everywhere(photo), ones, 20000).scene
    faint = mixed.gaussians.opacities < 0.85
    assert np.ptp(whole.gaussians.opacities) == 0.0
    assert faint.sum() >= 0.9 * (photo.layer("front").coverage < 0.94).sum()
    assert (mixed.gaussians.means[faint, 2] < 0.5 * (NEAR + FAR)).all()


def test_a_view_from_aside_shows_water_through_the_posts_outline():
    photo, _, view, path = parted_layers()
    image, *_ = scene()
    cloud = point_cloud(photo)
    shown = training_views(cloud, image, [view, *path])[1].image
    hard = training_views(cloud.whole(), image, [view, *path])[1].image
    post, water = linear_to_srgb(POST.astype(np.float32)), linear_to_srgb(WATER.astype(np.float32))
    along = (post - water) / ((post - water) ** 2).sum()
    blend = ((shown - water) @ along)[8:-8]
    sharp = ((hard - water) @ along)[8:-8]
    between = (blend > 0.25) & (blend < 0.75)
    assert between.sum() > 20
    assert blend.sum() - sharp.sum() > 10.0
