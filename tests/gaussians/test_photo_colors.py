"""Colours with which the photo's own view is the photo: near it, within bounds, seen ones alone."""

from dataclasses import replace

import numpy as np
import pytest
from tests.gaussians.test_zoom import PHOTO, wall

from livescape.gaussians.photo_colors import OVERDRAWN, REACH, ColorBounds, as_photo
from livescape.gaussians.render import render
from livescape_shared.gaussians import Gaussians


def picture(contrast=0.2):
    """Return [48, 64, 3] in which neighbouring pixels differ."""
    noise = np.random.default_rng(5).uniform(-1.0, 1.0, (48, 64, 3))
    return (0.5 + contrast * noise).astype(np.float32)


def within(gaussians, reach, held=False):
    shades = np.stack([gaussians.colors - reach, gaussians.colors + reach], axis=1)
    return ColorBounds(shades.astype(np.float32), np.broadcast_to(held, len(gaussians)).copy())


def decibels(gaussians, image, blend="linear"):
    seen = render(gaussians, PHOTO, blend).image[4:-4, 4:-4]
    return -10 * np.log10(np.mean((seen - image[4:-4, 4:-4]) ** 2))


@pytest.mark.parametrize("blend", ["linear", "srgb"])
def test_a_wall_in_the_photos_colours_becomes_the_photo(blend):
    image = picture()
    fitted = replace(wall(), colors=image.reshape(-1, 3))
    behind = replace(wall(distance=6.5, pixels=0.4), colors=np.full((3072, 3), 0.5, np.float32))
    before = Gaussians.concatenate(fitted, behind)
    found = as_photo(fitted, behind, image, PHOTO, within(fitted, 0.2), blend)
    after = Gaussians.concatenate(found, behind)
    assert decibels(after, image, blend) > decibels(before, image, blend) + 4.0
    np.testing.assert_array_equal(found.means, fitted.means)
    np.testing.assert_array_equal(found.scales, fitted.scales)


def test_a_colour_leaves_its_bounds_by_the_reach_and_twice_what_is_missed_at_most():
    image = picture(contrast=0.05)
    grey = replace(wall(), colors=np.full((3072, 3), 0.5, np.float32))
    found = as_photo(grey, grey[[]], image, PHOTO, within(grey, 0.01), "linear")
    change = np.abs(found.colors - 0.5).max()
    assert REACH + 0.05 < change < REACH + OVERDRAWN * 0.05 + 1e-3
    wide = as_photo(grey, grey[[]], image, PHOTO, within(grey, 0.5), "linear")
    assert change + 0.05 < np.abs(wide.colors - 0.5).max()


def test_what_is_held_stays_within_its_bounds():
    grey = replace(wall(), colors=np.full((3072, 3), 0.5, np.float32))
    held = np.arange(3072) % 2 == 0
    bounds = within(grey, 0.01, held)
    found = as_photo(grey, grey[[]], picture(), PHOTO, bounds, "linear")
    change = np.abs(found.colors - 0.5).max(axis=1)
    assert 0.005 < change[held].max() < 0.01 + 1e-5
    assert change[~held].max() > REACH


@pytest.mark.parametrize("off", [0.3, -0.3])
def test_what_is_a_pixel_wide_is_overdrawn_until_it_is_seen(off):
    image = np.full((48, 64, 3), 0.5, np.float32)
    image[24, 32] += off
    grey = replace(wall(), colors=np.full((3072, 3), 0.5, np.float32))
    found = as_photo(grey, grey[[]], image, PHOTO, within(grey, 0.01), "linear")
    seen = render(found, PHOTO, "linear").image[24, 32] - 0.5
    assert np.all(seen / off > 0.6)


def test_what_hides_behind_others_keeps_its_colour():
    image = picture()
    front = replace(wall(pixels=0.6), colors=image.reshape(-1, 3))
    front = replace(front, opacities=np.full(3072, 0.999, np.float32))
    hidden = replace(wall(distance=7.0), colors=np.full((3072, 3), 0.5, np.float32))
    both = Gaussians.concatenate(front, hidden)
    found = as_photo(both, both[[]], image, PHOTO, within(both, 0.2), "linear")
    moved = np.abs(found.colors - both.colors).max(axis=1)
    assert moved[:3072].mean() > 0.01
    assert moved[3072:].max() < 1.0 / 255  # what 8 bits tell apart
