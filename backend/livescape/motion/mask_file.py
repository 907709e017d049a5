"""A motion mask as the artist's tool wrote it: grey levels, labels or transparency."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.decode import SAVE_AGAIN, by_bands, read_image, unit_range
from livescape.imaging.faults import Oversized, Unreadable
from livescape.imaging.netpbm import to_full_range
from livescape.imaging.sides import MAX_SIDE
from livescape_shared.errors import LivescapeError

Float32Array = NDArray[np.float32]

_FLAT: Final = 0.02
"""Brightness varies by less than this where a mask lies in the transparency alone."""

_HALF: Final = 0.5
_VISIBLE: Final = 0.15
"""Brightness from which on a level is no noise on black: a third of a blue of half brightness."""

_8_BITS: Final = 255


def read_mask(data: bytes, moves: str = "bright") -> Float32Array:
    """Read an image file that says what moves.

    Colours are averaged. Whole numbers are grey levels of their type, unless none is above 1
    (labels) or, in more than 8 bits, above 255 (grey levels of 8 bits in a larger type). What is
    brightest counts as white if nothing is brighter than half. A picture
    whose visible part has one brightness is a mask by its transparency; any other moves as far as
    it is opaque.

    Args:
        data: An image of any kind.
        moves: ``bright`` or ``dark``: which pixels move.

    Returns:
        [H, W] in 0..1, upright; 1 moves.

    Raises:
        LivescapeError: ``mask_invalid``.
    """
    try:
        pixels, _ = read_image(data)
    except Oversized as fault:
        message = f"The mask has {fault}; no side may exceed {MAX_SIDE}."
        raise LivescapeError("mask_invalid", message, hint="Scale the mask down.") from fault
    except Unreadable as fault:
        message = f"The mask cannot be read: {fault}."
        raise LivescapeError("mask_invalid", message, hint=SAVE_AGAIN) from fault
    pixels = to_full_range(data, pixels)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    has_alpha = pixels.shape[2] in (2, 4)
    colour = pixels[..., :-1] if has_alpha else pixels
    unit = _unit(colour)
    mask = by_bands(
        colour,
        lambda rows: np.asarray((unit_range(rows) * unit).clip(0.0, 1.0).mean(axis=-1)),
        np.empty(pixels.shape[:2], np.float32),
    )
    mask = stretched(mask)
    alpha = unit_range(pixels[..., -1]) if has_alpha else np.ones_like(mask)
    if alpha.min() < 1.0:
        visible = mask[alpha > 0.5]
        if not visible.size or np.ptp(visible) < _FLAT:
            return alpha if moves == "bright" else np.asarray(1.0 - alpha, dtype=np.float32)
    if moves == "dark":
        mask = np.subtract(1.0, mask, out=mask)
    return np.multiply(mask, alpha, out=mask)


def stretched(mask: Float32Array) -> Float32Array:
    """Return a mask [H, W] 0..1 whose brightest pixels are white, if none is brighter than half.

    Colours of labels (a dark red, a blue), their numbers and a brush that was grey are meant to
    move; faint levels that are many, as compression leaves, are not.
    """
    brightest = float(mask.max(initial=0.0))
    if not 0.0 < brightest <= _HALF:
        return mask
    some = mask if brightest >= _VISIBLE else np.unique(mask)
    if brightest < _VISIBLE and (len(some) != 2 or some[0] != 0.0):
        return mask
    return np.asarray(mask / np.float32(brightest), dtype=np.float32)


def shares(values: NDArray[Any]) -> Float32Array:
    """Return an array of a mask [H, W] as shares 0..1.

    Floating-point numbers beyond 0 and 1 are scores, of which positive ones move.
    """
    if values.dtype.kind == "f":
        known = np.nan_to_num(values.astype(np.float32), copy=False)
        if known.min() < 0.0 or known.max() > 1.0:
            return np.asarray(known > 0.0, dtype=np.float32)
        return known
    if values.dtype.kind == "b" or not 1 < int(values.max()) <= _8_BITS:
        return np.asarray(values > 0, dtype=np.float32)
    scaled = values.astype(np.float32) / np.float32(_8_BITS)
    return stretched(np.asarray(np.clip(scaled, 0.0, 1.0), dtype=np.float32))


def _unit(pixels: NDArray[Any]) -> np.float32:
    """Return by what a share of the type's range is multiplied to be a share of the mask's."""
    if not np.issubdtype(pixels.dtype, np.integer):
        return np.float32(1.0)
    most, largest = int(pixels.max()), int(np.iinfo(pixels.dtype).max)
    if 0 < most <= 1:
        return np.float32(largest)
    if largest > _8_BITS >= most > 0:
        return np.float32(largest / _8_BITS)
    return np.float32(1.0)
