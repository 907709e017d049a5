"""Image files of any kind: bytes to upright pixels, with their Exif data.

All pictures are decoded by :func:`read_image`: the photo, the mask and depth maps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.color.described import (
    Conversion,
    described_conversion,
    linear_conversion,
)
from livescape.imaging.color.encodings import BRIGHTEST, encode_srgb
from livescape.imaging.decoders import decode_pixels
from livescape.imaging.exif import Exif, read_exif, upright
from livescape.imaging.exr import exr_chromaticities
from livescape.imaging.faults import Oversized, Unreadable
from livescape.imaging.headers import check_size
from livescape.imaging.kinds import CAMERA_RAW, file_kind
from livescape.imaging.netpbm import to_full_range
from livescape.imaging.radiance import radiance_header
from livescape.imaging.sides import MAX_SIDE, check_sides
from livescape_shared.errors import LivescapeError
from livescape_shared.limits import PHOTO_MIN_SIDE

Float32Image = NDArray[np.float32]

MIN_SIDE = PHOTO_MIN_SIDE

DEVELOP = "Develop it in a raw converter and export it as JPEG or as TIFF of 16 bits."
SAVE_AGAIN = "Open the file in an image editor and save it again as PNG or JPEG."

LEAST_HIGHLIGHT = 0.01
"""Light beyond white that is worth its Gaussians; less is what rounding leaves."""

_TURNED = ("TIFF", "HEIC", "JPEG XL")
"""Kinds that their decoders turn upright; in the last two, the file says so outside Exif."""

_BAND_PIXELS = 2**15
"""Pixels that are converted at a time."""


@dataclass(frozen=True)
class Photo:
    """A decoded photograph.

    Attributes:
        image: [H, W, 3] float32 display sRGB 0..1.
        focal_35mm: 35 mm equivalent focal length from EXIF in millimetres; 0 if unknown.
        highlights: [H, W, 3] linear light beyond white, which ``image`` lacks; None if nothing is
            brighter than white. Half floats: a large photo of single ones fills the memory.
    """

    image: Float32Image
    focal_35mm: float = 0.0
    highlights: NDArray[np.float16] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.shape[1], self.image.shape[0]


def read_image(data: bytes) -> tuple[NDArray[Any], Exif]:
    """Decode an image file.

    Args:
        data: The file, of any kind in :mod:`~livescape.imaging.headers`.

    Returns:
        Pixels [H, W] or [H, W, C], upright, of the file's own type and in OpenCV's order (BGR,
        BGRA), and what Exif says.

    Raises:
        Oversized: Before anything is decoded.
        Unreadable: If the file is no image, or damaged.
    """
    kind = file_kind(data)
    check_size(kind, data)
    pixels = decode_pixels(kind, data)
    check_sides(pixels.shape[1], pixels.shape[0])
    exif = read_exif(data)
    return pixels if kind in _TURNED else upright(pixels, exif.orientation), exif


def decode_photo(data: bytes, exposure: float = 0.0) -> Photo:
    """Decode an image file, grey or colour, with or without alpha, to display sRGB.

    The file's own colour description decides what its numbers mean; without one, whole numbers are
    sRGB and floating-point numbers are linear light. EXIF orientation is applied; transparent
    pixels are shown on white.

    Args:
        data: The file.
        exposure: Stops by which linear light is brightened.

    Raises:
        LivescapeError: ``photo_unreadable``, ``photo_too_small``, ``photo_too_large``.
    """
    try:
        picture = shown_picture(data, exposure)
    except Oversized as fault:
        raise LivescapeError(
            "photo_too_large",
            f"The photo has {fault}; no side may exceed {MAX_SIDE}.",
            hint="Scale the photo down first; more than 4096 pixels add nothing to a shot.",
        ) from fault
    except Unreadable as fault:
        message = f"The photo cannot be read: {fault}."
        hint = DEVELOP if file_kind(data) == CAMERA_RAW else SAVE_AGAIN
        raise LivescapeError("photo_unreadable", message, hint=hint) from fault
    width, height = picture.size
    if min(width, height) < MIN_SIDE:
        raise LivescapeError(
            "photo_too_small",
            f"The photo has {width} x {height} pixels; both sides need at least {MIN_SIDE}.",
            hint="Use a larger version of the photo.",
        )
    return picture


def shown_picture(data: bytes, exposure: float = 0.0) -> Photo:
    """Decode an image file of any size to what a display shows; see :func:`decode_photo`.

    Raises:
        Oversized: Before anything is decoded.
        Unreadable: If the file is no image, or damaged.
    """
    pixels, exif = read_image(data)
    height, width = pixels.shape[:2]
    pixels = to_full_range(data, pixels)
    convert = _conversion(data, pixels, exposure)
    beyond = _Highlights((height, width, 3))
    image = by_bands(
        pixels,
        lambda rows: _rgb_over_white(rows, convert, beyond),
        np.empty((height, width, 3), np.float32),
    )
    return Photo(image, exif.focal_35mm, beyond.found)


def _conversion(data: bytes, pixels: NDArray[Any], exposure: float) -> Conversion | None:
    kind = file_kind(data)
    described = described_conversion(kind, data, pixels, exposure)
    if described is not None or np.issubdtype(pixels.dtype, np.integer):
        return described
    named = None
    if kind == "OpenEXR":
        named = exr_chromaticities(data)
    elif kind == "Radiance HDR":
        named = radiance_header(data).chromaticities
    return linear_conversion(named, exposure)


class _Highlights:
    """Light beyond white, of bands from the top; takes no memory before there is any."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.found: NDArray[np.float16] | None = None
        self._shape = shape
        self._row = 0

    def take(self, light: NDArray[np.floating], alpha: Float32Image | None) -> None:
        """Note the next rows [h, W, C] of light, of which so much is seen."""
        top, self._row = self._row, self._row + len(light)
        if light.max(initial=0.0) <= 1.0 + LEAST_HIGHLIGHT:
            return
        if self.found is None:
            self.found = np.zeros(self._shape, np.float16)
        beyond = np.clip(light, 1.0, BRIGHTEST) - np.float32(1.0)
        self.found[top : self._row] = beyond if alpha is None else beyond * alpha


def by_bands(
    pixels: NDArray[Any], convert: Callable[[NDArray[Any]], Float32Image], into: Float32Image
) -> Float32Image:
    """Fill ``into`` [H, W, ...] with ``convert`` of a few rows of ``pixels`` at a time.

    Floating-point copies of a large photo as a whole would take several times its own memory, and
    more time than the few rows that stay in the processor's cache.
    """
    rows = max(1, _BAND_PIXELS // max(1, pixels.shape[1]))
    for top in range(0, len(pixels), rows):
        into[top : top + rows] = convert(pixels[top : top + rows])
    return into


def unit_range(pixels: NDArray[Any]) -> Float32Image:
    """Return pixels of any type as float32 0..1; integers are scaled by their type's maximum."""
    if not np.issubdtype(pixels.dtype, np.integer):
        return np.clip(np.nan_to_num(pixels.astype(np.float32)), 0.0, 1.0)
    most = np.float32(np.iinfo(pixels.dtype).max)
    values: Float32Image = np.divide(pixels, most, dtype=np.float32, casting="unsafe")
    return np.maximum(values, 0.0, out=values) if pixels.dtype.kind == "i" else values


def _rgb_over_white(
    pixels: NDArray[Any], conversion: Conversion | None, beyond: _Highlights
) -> Float32Image:
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    colour, alpha = pixels, None
    if pixels.shape[2] in (2, 4):
        colour, alpha = pixels[..., :-1], unit_range(pixels[..., -1:])
    if colour.shape[2] == 3:
        colour = colour[..., ::-1]
    if conversion is None:
        image = unit_range(colour)
    else:
        exact = colour.dtype == np.uint8 or not np.issubdtype(colour.dtype, np.integer)
        values = colour if exact else unit_range(colour)
        if conversion.light is None:
            image = conversion.to_srgb(values)
        else:
            light = conversion.light(values)
            beyond.take(light, alpha)
            image = encode_srgb(light)
    if image.shape[2] == 1:
        image = np.repeat(image, 3, axis=2)
    return image if alpha is None else _over_white(image, alpha)


def _over_white(image: Float32Image, alpha: Float32Image) -> Float32Image:
    if alpha.min() == 1.0:
        return image
    return image * alpha + (np.float32(1.0) - alpha)
