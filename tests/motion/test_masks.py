import numpy as np
import pytest

from livescape.motion.masks import default_mask, resolve_mask
from livescape_shared.errors import LivescapeError


def test_given_wins_over_annotation_over_default():
    given, drawn, found = (np.full((40, 60), value) for value in (0.2, 0.4, 0.6))
    layers = {"given": given, "annotation": drawn, "default": found}
    for expected in (0.2, 0.4, 0.6):
        mask = resolve_mask(60, 40, **layers)
        np.testing.assert_allclose(mask, expected, rtol=1e-6)
        layers.pop(next(iter(layers)))
    assert not resolve_mask(60, 40).any()


def test_a_mask_of_another_size_is_resized_and_clipped():
    large = np.zeros((80, 120))
    large[:, 60:] = 1.4
    mask = resolve_mask(60, 40, given=large)
    assert mask.shape == (40, 60)
    assert mask.min() == 0
    assert mask.max() == 1
    assert mask.mean() == pytest.approx(0.5)


def test_everything_and_nothing_are_valid():
    assert resolve_mask(8, 8, given=np.ones((8, 8))).all()
    assert not resolve_mask(8, 8, given=np.zeros((8, 8))).any()


@pytest.mark.parametrize(
    ("mask", "code"),
    [(np.ones((50, 60)), "mask_size_mismatch"), (np.full((40, 60), np.nan), "mask_invalid")],
)
def test_bad_masks_are_refused(mask, code):
    with pytest.raises(LivescapeError) as caught:
        resolve_mask(60, 40, given=mask)
    assert caught.value.code == code


def half_cloudy(height=120, width=200):
    """Sky above, land below; clouds on the left half of the sky only."""
    rng = np.random.default_rng(0)
    image = np.full((height, width, 3), (0.4, 0.6, 0.9))
    image += rng.normal(0, 0.002, image.shape)
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    puffs = 0.25 * np.clip(np.sin(x / 5) * np.sin(y / 4), 0, 1)
    image += (puffs * (x < width // 2))[..., None]
    image[80:] = (0.2, 0.3, 0.1)
    sky = (y < 80).astype(np.float32)
    return image, sky


def test_default_mask_takes_clouds_but_no_clear_sky_and_all_water():
    image, sky = half_cloudy()
    water = np.zeros_like(sky)
    water[100:] = 0.9
    mask = default_mask(sky, water, image)
    assert mask[10:70, :80].min() > 0.9
    assert mask[10:70, 150:].max() < 0.05
    assert mask[82:98].max() < 0.05
    assert mask[104:].min() == 1.0


def test_default_mask_of_a_clear_sky_is_empty():
    image, sky = half_cloudy()
    mirrored = image[:, ::-1].copy()
    mirrored[:, 100:] = image[:, 100:]
    assert not default_mask(sky, np.zeros_like(sky), mirrored).any()


def test_specks_of_water_do_not_move():
    image, sky = half_cloudy()
    water = np.zeros_like(sky)
    water[100:103, 20:23] = 1.0
    assert default_mask(np.zeros_like(sky), water, image).max() == 0


def test_a_gap_in_a_cloudy_sky_moves_with_it():
    image, sky = half_cloudy()
    image = image.copy()
    x = np.arange(image.shape[1])
    clouds = np.concatenate([image[:, :100], image[:, :100]], axis=1)
    gap = (x > 60) & (x < 110)
    clear = np.where(gap[None, :, None], image[:, 150:151], clouds)
    clear[80:] = image[80:]
    mask = default_mask(sky, np.zeros_like(sky), clear)
    assert mask[10:70].min() > 0.9
    assert mask[82:].max() < 0.05
