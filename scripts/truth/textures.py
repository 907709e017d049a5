"""Textures [H, W, 3] display sRGB 0..1, cut from one photograph and varied by noise of a seed.

The photograph is ``demo/chenonceau_river.jpg`` (Alf van Beem, public domain) at 1024 x 768.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SIZE = 512
BLURS = (0.7, 3.0, 9.0, 27.0)
"""Sigmas in texels of the levels of a texture, for pixels that see more and more of it at once."""

CROPS = {
    "water": (600, 740, 0, 190),
    "stone": (610, 700, 520, 800),
    "foliage": (310, 430, 5, 125),
    "masonry": (435, 515, 715, 795),
}
"""First and last row, first and last column of what the photograph lends."""


def textures(photo: Array, seed: int) -> dict[str, Array]:
    """Return all textures by name.

    Args:
        photo: [768, 1024, 3] in 0..1.
        seed: Of the noise.
    """
    random = np.random.default_rng(seed)
    water, stone, foliage, masonry = (_crop(photo, CROPS[name]) for name in CROPS)
    ripples, grain, patches, billows = (
        _noise(random, exponent) for exponent in (1.0, 0.8, 1.4, 1.7)
    )
    grey = stone.mean(-1, keepdims=True)
    cover = np.clip(1.6 * billows + 0.45, 0.0, 1.0)[..., None]
    blue = np.array([0.36, 0.56, 0.83])
    lit = np.clip(0.86 + 0.14 * _noise(random, 1.3), 0.0, 1.0)[..., None]
    foam = np.clip(0.72 + 0.28 * ripples, 0.0, 1.0)[..., None]
    made = {
        "water": _contrast(water, 1.0) + 0.10 * patches[..., None],
        "rough": _contrast(water, 1.0) + 0.12 * patches[..., None],
        "fall": 0.35 * water + 0.65 * foam * np.array([0.90, 0.96, 1.0]),
        "rock": _contrast(grey, 1.3) * np.array([0.95, 0.88, 0.80]) + 0.10 * grain[..., None],
        "strata": _strata(grey, patches) + 0.07 * grain[..., None],
        "grass": 0.6 * foliage + np.array([0.20, 0.24, 0.07]) + 0.12 * patches[..., None],
        "leaves": _contrast(foliage, 1.4) + 0.05 * grain[..., None],
        "sand": np.array([0.74, 0.66, 0.50]) * (0.75 + 0.35 * grey) + 0.05 * grain[..., None],
        "wood": np.array([0.42, 0.30, 0.20]) * (0.6 + 0.8 * grey),
        "paint": np.array([0.70, 0.17, 0.13]) * (0.75 + 0.4 * masonry.mean(-1, keepdims=True)),
        "clouds": (1.0 - cover) * blue + cover * lit,
        "sky": np.ones((SIZE, SIZE, 1)) * np.array([0.62, 0.76, 0.92]),
    }
    return {name: np.clip(image, 0.02, 0.98) for name, image in made.items()}


def levels(image: Array) -> list[Array]:
    """Return a texture and ever smoother copies of it, one for each of :data:`BLURS`."""
    y, x = np.fft.fftfreq(SIZE)[:, None], np.fft.rfftfreq(SIZE)[None]
    spectrum = np.fft.rfft2(image, axes=(0, 1))
    kept = [np.exp(-2.0 * (np.pi * blur) ** 2 * (x**2 + y**2)) for blur in BLURS]
    return [np.fft.irfft2(spectrum * k[..., None], s=(SIZE, SIZE), axes=(0, 1)) for k in kept]


def _crop(photo: Array, box: tuple[int, int, int, int]) -> Array:
    """Return the part of the photograph, enlarged to SIZE by bilinear interpolation."""
    top, bottom, left, right = box
    y = np.linspace(top, bottom - 1.001, SIZE)
    x = np.linspace(left, right - 1.001, SIZE)
    row, column = y.astype(int), x.astype(int)
    fy, fx = (y - row)[:, None, None], (x - column)[None, :, None]
    upper = photo[row][:, column] * (1 - fx) + photo[row][:, column + 1] * fx
    lower = photo[row + 1][:, column] * (1 - fx) + photo[row + 1][:, column + 1] * fx
    return _tileable(np.asarray(upper * (1 - fy) + lower * fy))


def _tileable(image: Array) -> Array:
    """Return ``image`` mixed with itself shifted by half, so that opposite edges meet.

    The mix keeps the contrast of both (Heitz and Neyret 2018).
    """
    mean = image.mean((0, 1))
    share = np.sin(np.pi * (np.arange(SIZE) + 0.5) / SIZE) ** 2
    for axis, own in ((0, share[:, None, None]), (1, share[None, :, None])):
        other = np.roll(image, SIZE // 2, axis=axis)
        mixed = own * (image - mean) + (1 - own) * (other - mean)
        image = mean + mixed / np.sqrt(own**2 + (1 - own) ** 2)
    return image


def _noise(random: np.random.Generator, exponent: float) -> Array:
    """Return periodic noise [SIZE, SIZE] in -1..1 whose amplitude falls as frequency^-exponent."""
    frequency = np.hypot(np.fft.fftfreq(SIZE)[:, None], np.fft.rfftfreq(SIZE)[None]) * SIZE
    spectrum = np.fft.rfft2(random.standard_normal((SIZE, SIZE)))
    shaped = spectrum * np.where(frequency > 1.5, np.maximum(frequency, 1.0) ** -exponent, 0.0)
    values = np.fft.irfft2(shaped, s=(SIZE, SIZE))
    return np.asarray(np.clip(values / (2.0 * values.std()), -1.0, 1.0))


def _contrast(image: Array, gain: float) -> Array:
    mean = image.mean((0, 1))
    return np.asarray(mean + gain * (image - mean))


def _strata(grey: Array, patches: Array) -> Array:
    """Return layers of rock that bend a little."""
    height = np.linspace(0.0, 8 * np.pi, SIZE)[:, None] + 1.2 * patches
    bands = (0.5 + 0.25 * np.sin(height) + 0.2 * np.sin(2.75 * height + 1.0))[..., None]
    colour = bands * np.array([0.80, 0.52, 0.36]) + (1 - bands) * np.array([0.48, 0.27, 0.20])
    return np.asarray(colour * (0.7 + 0.6 * grey))
