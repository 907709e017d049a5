"""Pixels of a TIFF as its tags mean them, which OpenCV leaves aside in part.

OpenCV multiplies 8-bit colours by their alpha, takes any fourth channel for alpha, and knows
neither CIE L*a*b* nor what is white at 0 beyond 8 bits.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.color.lab import lab_to_srgb
from livescape.imaging.faults import Unreadable
from livescape.imaging.tiff import EXTRA_SAMPLES, PHOTOMETRIC, first_directory
from livescape.imaging.tiff_stored import Tags, is_rewritten, stored_pixels

_WHITE_IS_0, _RGB, _CIE_LAB, _ICC_LAB = 0, 2, 8, 9
_NO_ALPHA, _ASSOCIATED, _STRAIGHT = (0,), (1,), (2,)
_LABS: Final = ((_CIE_LAB,), (_ICC_LAB,))
_BAND_PIXELS: Final = 2**16


def tiff_pixels(data: bytes) -> NDArray[Any]:
    """Decode a TIFF that is not of inks.

    Returns:
        Pixels [H, W] or [H, W, C] in OpenCV's order, upright, with straight alpha; CIE L*a*b* comes
        as display sRGB. A channel that is neither colour nor alpha is left out.

    Raises:
        Unreadable: If it is damaged, or OpenCV does not know its kind of pixels.
    """
    directory = first_directory(data)
    shown, extra = directory.numbers(PHOTOMETRIC), directory.numbers(EXTRA_SAMPLES)
    is_lab = shown in _LABS
    as_rgb: Tags = {PHOTOMETRIC: (_RGB,), EXTRA_SAMPLES: None}
    pixels = stored_pixels(data, directory, as_rgb if is_lab else None)
    if is_lab:
        return _of_lab(pixels[..., :3], icc=shown == (_ICC_LAB,))
    is_stored = is_rewritten(directory)
    if shown == (_WHITE_IS_0,) and (is_stored or pixels.dtype != np.uint8):
        # Of 8 bits and less, libtiff does it.
        grey = pixels if pixels.ndim == 2 else pixels[..., 0]
        np.subtract(grey.dtype.type(_most(pixels)), grey, out=grey)
    # OpenCV multiplies colours of 8 bits by the alpha beside them.
    is_multiplied = pixels.dtype == np.uint8 and extra == _STRAIGHT and not is_stored
    return _with_straight_alpha(pixels, _ASSOCIATED if is_multiplied else extra)


def _with_straight_alpha(pixels: NDArray[Any], extra: tuple[int, ...]) -> NDArray[Any]:
    if pixels.ndim != 3 or pixels.shape[2] not in (2, 4):
        return pixels
    if extra[:1] == _NO_ALPHA:
        return pixels[..., :3] if pixels.shape[2] == 4 else pixels[..., 0]
    if extra != _ASSOCIATED:
        return pixels
    straight = pixels.copy()
    most = _most(pixels)
    for rows in _bands(pixels):
        alpha = pixels[rows, :, -1:].astype(np.float32)
        share = np.float32(most) / np.where(alpha > 0, alpha, np.float32(most))
        colour = pixels[rows, :, :-1] * share
        if pixels.dtype.kind != "f":
            colour = np.rint(np.minimum(colour, most))
        straight[rows, :, :-1] = colour
    return straight


def _of_lab(pixels: NDArray[Any], *, icc: bool) -> NDArray[Any]:
    """Return display sRGB of L, a, b, which stand in the order b, a, L."""
    if pixels.dtype not in (np.uint8, np.uint16):
        raise Unreadable(f"its colours are L*a*b* of {pixels.dtype}; save it as RGB")
    step = np.float32(1.0 if pixels.dtype == np.uint8 else 256.0)
    most = _most(pixels)
    full = np.float32(65280.0 if icc and pixels.dtype == np.uint16 else most)
    signed = np.int8 if pixels.dtype == np.uint8 else np.int16
    srgb = np.empty_like(pixels)
    for rows in _bands(pixels):
        stored: NDArray[Any] = np.ascontiguousarray(pixels[rows, :, ::-1])
        ab: NDArray[Any] = stored[..., 1:] if icc else stored[..., 1:].view(signed)
        colour = ab.astype(np.float32) / step - np.float32(128.0 if icc else 0.0)
        lab = np.concatenate([stored[..., :1] * (np.float32(100.0) / full), colour], axis=-1)
        srgb[rows] = np.rint(lab_to_srgb(lab.astype(np.float32))[..., ::-1] * most)
    return srgb


def _bands(pixels: NDArray[Any]) -> list[slice]:
    rows = max(1, _BAND_PIXELS // max(1, pixels.shape[1]))
    return [slice(top, top + rows) for top in range(0, len(pixels), rows)]


def _most(pixels: NDArray[Any]) -> float:
    return 1.0 if pixels.dtype.kind == "f" else float(np.iinfo(pixels.dtype).max)
