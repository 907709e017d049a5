"""Pixels of a TIFF as its tags mean them, which OpenCV leaves aside in part.

OpenCV multiplies 8-bit colours by their alpha, takes any fourth channel for alpha, reads planes of
more than 8 bits as if they were interleaved, and knows neither CIE L*a*b* nor what is white at 0
beyond 8 bits. Here the directory is rewritten so that it gives numbers as they are stored.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.color.lab import lab_to_srgb
from livescape.imaging.faults import Unreadable
from livescape.imaging.tiff import (
    BITS,
    EXTRA_SAMPLES,
    FLOATING,
    PHOTOMETRIC,
    PLANAR,
    SAMPLE_FORMAT,
    SAMPLES,
    STRIP_BYTES,
    STRIPS,
    TILE_BYTES,
    TILES,
    WHOLE,
    Directory,
    first_directory,
    with_tags,
)

_WHITE_IS_0, _BLACK_IS_0, _RGB, _CIE_LAB, _ICC_LAB = 0, 1, 2, 8, 9
_NO_ALPHA, _ASSOCIATED, _STRAIGHT = (0,), (1,), (2,)
_LABS: Final = ((_CIE_LAB,), (_ICC_LAB,))
_PLANES: Final = 2
_BAND_PIXELS: Final = 2**16


def tiff_pixels(data: bytes) -> NDArray[Any]:
    """Decode a TIFF that is not of inks.

    Returns:
        Pixels [H, W] or [H, W, C] in OpenCV's order, upright, with straight alpha; CIE L*a*b* comes
        as display sRGB.

    Raises:
        Unreadable: If it is damaged, or OpenCV does not know its kind of pixels.
    """
    directory = first_directory(data)
    is_half = {(16, FLOATING)} == set(
        zip(directory.numbers(BITS), directory.numbers(SAMPLE_FORMAT), strict=False)
    )
    changes: dict[int, tuple[int, ...] | None] = {}
    if is_half:  # neither library opens it
        changes[SAMPLE_FORMAT] = (WHOLE,) * len(directory.numbers(SAMPLE_FORMAT))
    shown = directory.numbers(PHOTOMETRIC)
    is_lab = shown in _LABS
    if is_lab:
        changes |= {PHOTOMETRIC: (_RGB,), EXTRA_SAMPLES: None}
    in_planes = directory.numbers(PLANAR) == (_PLANES,) and shown in ((_RGB,), *_LABS)
    if in_planes:
        pixels = _of_planes(data, directory, changes)
    else:
        pixels = _decoded(with_tags(data, changes) if changes else data)
    if is_half:
        if pixels.dtype != np.uint16:
            raise Unreadable("it is damaged or cut off")
        pixels = pixels.view(np.float16).astype(np.float32)
    if is_lab:
        return _of_lab(pixels[..., :3], icc=shown == (_ICC_LAB,))
    if shown == (_WHITE_IS_0,) and pixels.dtype != np.uint8:  # of 8 bits and less, libtiff does it
        return np.asarray(_most(pixels) - pixels, dtype=pixels.dtype)
    extra = directory.numbers(EXTRA_SAMPLES)
    # OpenCV multiplies colours of 8 bits by the alpha beside them.
    is_multiplied = pixels.dtype == np.uint8 and extra == _STRAIGHT and not in_planes
    return _with_straight_alpha(pixels, _ASSOCIATED if is_multiplied else extra)


def _decoded(data: bytes) -> NDArray[Any]:
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None:
        raise Unreadable("it is damaged or cut off")
    return np.asarray(decoded)


def _of_planes(
    data: bytes, directory: Directory, changes: dict[int, tuple[int, ...] | None]
) -> NDArray[Any]:
    """Decode each plane as a grey picture."""
    count = max(directory.numbers(SAMPLES), default=1)
    tags = (TILES, TILE_BYTES) if directory.numbers(TILES) else (STRIPS, STRIP_BYTES)
    parts = [directory.numbers(tag) for tag in tags]
    each = len(parts[0]) // count
    if not 1 <= count <= 4 or not each or any(len(part) != each * count for part in parts):
        raise Unreadable("it is damaged or cut off")
    grey: dict[int, tuple[int, ...] | None] = {
        SAMPLES: (1,), PHOTOMETRIC: (_BLACK_IS_0,), PLANAR: (1,), EXTRA_SAMPLES: None,
        BITS: directory.numbers(BITS)[:1],
        SAMPLE_FORMAT: (changes.get(SAMPLE_FORMAT) or directory.numbers(SAMPLE_FORMAT))[:1] or None,
    }  # fmt: skip
    planes = [
        _decoded(
            with_tags(
                data,
                grey
                | {
                    tag: part[at * each : (at + 1) * each]
                    for tag, part in zip(tags, parts, strict=True)
                },
            )
        )
        for at in range(count)
    ]
    if count < 3:
        return planes[0]
    return np.stack([*planes[2::-1], *planes[3:]], axis=-1)


def _with_straight_alpha(pixels: NDArray[Any], extra: tuple[int, ...]) -> NDArray[Any]:
    if pixels.ndim != 3 or pixels.shape[2] != 4:
        return pixels
    if extra[:1] == _NO_ALPHA:
        return pixels[..., :3]
    if extra != _ASSOCIATED:
        return pixels
    straight = pixels.copy()
    most = _most(pixels)
    for rows in _bands(pixels):
        alpha = pixels[rows, :, 3:].astype(np.float32)
        share = np.float32(most) / np.where(alpha > 0, alpha, np.float32(most))
        colour = pixels[rows, :, :3] * share
        if pixels.dtype.kind != "f":
            colour = np.rint(np.minimum(colour, most))
        straight[rows, :, :3] = colour
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
