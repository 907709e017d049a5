"""Image files of any kind: bytes to pixels, upright, with what Exif says of them."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from livescape.imaging.exif import read_exif
from livescape_shared.errors import LivescapeError

Float32Image = NDArray[np.float32]

MIN_SIDE = 64
MAX_SIDE = 8192


@dataclass(frozen=True)
class Photo:
    """A decoded photograph.

    Attributes:
        image: [H, W, 3] float32 display sRGB 0..1.
        focal_35mm: 35 mm equivalent focal length from EXIF in millimetres; 0 if unknown.
    """

    image: Float32Image
    focal_35mm: float = 0.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.shape[1], self.image.shape[0]


def decode_photo(data: bytes) -> Photo:
    """Decode an image file of 8 or 16 bits, grey or colour, with or without alpha.

    EXIF orientation is applied; transparent pixels are laid over white.

    Raises:
        LivescapeError: ``photo_unreadable``, ``photo_too_small``, ``photo_too_large``.
    """
    excess = _announced_excess(data)
    if excess:
        raise _too_large(excess)
    pixels = decode_image(data, "photo_unreadable", "The photo cannot be read.")
    height, width = pixels.shape[:2]
    if max(width, height) > MAX_SIDE:
        raise _too_large(f"{width} x {height} pixels")
    if min(width, height) < MIN_SIDE:
        raise LivescapeError(
            "photo_too_small",
            f"The photo has {width} x {height} pixels; both sides need at least {MIN_SIDE}.",
            hint="Use a larger version of the photo.",
        )
    exif = read_exif(data)
    image = np.ascontiguousarray(_orient(_to_rgb(pixels), exif.orientation))
    return Photo(image, exif.focal_35mm)


def decode_image(data: bytes, code: str, sentence: str) -> NDArray[Any]:
    """Decode image file bytes as stored (BGR order, any depth).

    Raises:
        LivescapeError: With ``code`` and ``sentence``; also if a side exceeds :data:`MAX_SIDE`.
    """
    hint = "Open the file in an image editor and save it again as PNG or JPEG."
    if not data:
        raise LivescapeError(code, sentence, hint=hint)
    excess = _announced_excess(data)
    if excess:
        message = f"{sentence} It has {excess}; no side may exceed {MAX_SIDE}."
        raise LivescapeError(code, message, hint="Scale the image down first.")
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise LivescapeError(code, sentence, hint=hint) from error
    if pixels is None:
        raise LivescapeError(code, sentence, hint=hint)
    return np.asarray(pixels)


def _too_large(size: str) -> LivescapeError:
    return LivescapeError(
        "photo_too_large",
        f"The photo has {size}; no side may exceed {MAX_SIDE}.",
        hint="Scale the photo down first; 4096 pixels are more than a shot needs.",
    )


def _announced_excess(data: bytes) -> str:
    """Return in words the size that the file's header announces if it is over the limit, else "".

    Decoding first would already cost the memory that the limit protects.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as header:
                width, height = header.size
    except Image.DecompressionBombError:
        return "hundreds of millions of pixels"
    except (OSError, ValueError):
        return ""
    return f"{width} x {height} pixels" if max(width, height) > MAX_SIDE else ""


def unit_range(pixels: NDArray[Any]) -> Float32Image:
    """Return pixels of any type as float32 0..1; integers are scaled by their type's maximum."""
    values = pixels.astype(np.float32)
    if np.issubdtype(pixels.dtype, np.integer):
        values /= np.float32(np.iinfo(pixels.dtype).max)
    return np.clip(np.nan_to_num(values), 0.0, 1.0).astype(np.float32)


def _to_rgb(pixels: NDArray[Any]) -> Float32Image:
    image = unit_range(pixels)
    if image.ndim == 2:
        image = image[..., None]
    channels = image.shape[2]
    if channels in (2, 4):
        alpha = image[..., -1:]
        image = image[..., :-1] * alpha + (1.0 - alpha)
    if image.shape[2] == 1:
        return np.repeat(image, 3, axis=2)
    return np.asarray(image[..., 2::-1])


def _orient(image: Float32Image, orientation: int) -> Float32Image:
    flips = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False),
             7: (1, True), 8: (1, False)}  # fmt: skip
    turns, mirrored = flips.get(orientation, (0, False))
    turned = np.rot90(image, turns)
    return turned[:, ::-1] if mirrored else turned
