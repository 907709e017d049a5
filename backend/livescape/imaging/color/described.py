"""Which colour description a file carries, in the order in which viewers prefer them."""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from livescape.imaging.color.encodings import (
    ADOBE_RGB,
    REC709,
    Chromaticities,
    Encoding,
    by_code_points,
    decode_srgb,
    gamma,
    linear,
    to_rec709,
)
from livescape.imaging.color.icc import is_linear, primaries, read_profile
from livescape.imaging.faults import Unreadable, decoding
from livescape.imaging.tiff import first_directory

Floats = NDArray[np.floating]
ToSrgb = Callable[[NDArray[Any]], Floats]
"""From pixels [..., C], of 8 bits or floats 0..1, to display sRGB [..., 3] 0..1."""


@dataclass(frozen=True)
class Conversion:
    """What a picture's numbers mean.

    Attributes:
        to_srgb: To what a display shows, clipped.
        light: From the same pixels to linear light of sRGB's primaries, 1 being white and more
            being brighter; None where nothing is.
    """

    to_srgb: ToSrgb
    light: ToSrgb | None = None


_MOST_PROFILE_BYTES: Final = 16 << 20
_HEAD: Final = 1 << 20
_ICC_TAG: Final = 34675
_ADOBE_GAMMA: Final = 563.0 / 256.0
_NARROW: Final = (np.float32(16 / 255), np.float32(235 / 255))
"""Black and white of video's range, which a picture may keep."""
_SRGB_GAMMA: Final = (0.43, 0.48)
"""What gAMA says of pictures that are sRGB."""


def described_conversion(
    kind: str, data: bytes, pixels: NDArray[Any], exposure: float = 0.0
) -> Conversion | None:
    """Return the conversion to sRGB that a picture's own description asks for, if any.

    A description that is damaged is left aside, as viewers do.

    Args:
        kind: From :func:`~livescape.imaging.kinds.file_kind`.
        data: The file.
        pixels: [H, W] or [H, W, C], of whole or of floating-point numbers.
        exposure: Stops by which linear light of floating-point numbers is brightened.
    """
    has_color = pixels.ndim == 3 and pixels.shape[2] >= 3
    chunks = _png_chunks(data) if kind == "PNG" else {}
    with suppress(Unreadable), decoding("its colour description is damaged"):
        points = _code_points(kind, data, chunks)
        if points is not None:
            return _conversion(by_code_points(*points), is_narrow=_is_narrow(chunks))
        embedded = _icc_profile(kind, data, chunks)
        if embedded:
            if _is_float(pixels) and is_linear(embedded):
                return linear_conversion(primaries(embedded), exposure)
            return _by_profile(embedded, pixels)
        if b"gAMA" in chunks and b"sRGB" not in chunks:
            return _conversion(_by_png_gamma(chunks))
        if has_color and _is_adobe_rgb(data):
            return _conversion(gamma(_ADOBE_GAMMA, ADOBE_RGB))
    return None


def _by_profile(embedded: bytes, pixels: NDArray[Any]) -> Conversion | None:
    """Return the conversion by an ICC profile; None if it is not for these pixels."""
    profile = read_profile(embedded)
    has_color = pixels.ndim == 3 and pixels.shape[2] >= 3
    if profile is None or (profile.mode == "RGB") > has_color:
        return None
    if profile.is_srgb():
        return Conversion(lambda values: np.clip(values, 0.0, 1.0)) if _is_float(pixels) else None
    if profile.mode == "L" and has_color:  # some decoders make three channels of grey and alpha
        is_grey = all(np.array_equal(pixels[..., 0], pixels[..., other]) for other in (1, 2))
        return Conversion(lambda values: profile.to_srgb(values[..., :1])) if is_grey else None
    return Conversion(profile.to_srgb)


def _is_float(pixels: NDArray[Any]) -> bool:
    return bool(np.issubdtype(pixels.dtype, np.floating))


def linear_conversion(chromaticities: Chromaticities | None, exposure: float) -> Conversion:
    """Return the conversion of scene-linear light, brightened by ``exposure`` stops."""
    named = chromaticities or REC709
    try:
        to_rec709(named)
    except (ValueError, np.linalg.LinAlgError):
        named = REC709
    encoding = linear(named, exposure)
    return Conversion(encoding.to_srgb, encoding.light)


def _conversion(encoding: Encoding | None, *, is_narrow: bool = False) -> Conversion | None:
    if encoding is None and is_narrow:
        encoding = Encoding(REC709, decode_srgb)
    if encoding is None:
        return None
    to_rec709(encoding.chromaticities)  # raises here, where it is left aside

    def values(pixels: NDArray[Any]) -> Floats:
        full = _floats(pixels)
        return (full - _NARROW[0]) / np.float32(_NARROW[1] - _NARROW[0]) if is_narrow else full

    def to_srgb(pixels: NDArray[Any]) -> Floats:
        return encoding.to_srgb(values(pixels))

    def light(pixels: NDArray[Any]) -> Floats:
        return encoding.light(values(pixels))

    return Conversion(to_srgb, light if encoding.is_hdr else None)


def _floats(pixels: NDArray[Any]) -> Floats:
    return np.asarray(pixels / np.float32(255.0) if pixels.dtype == np.uint8 else pixels)


def _png_chunks(data: bytes) -> dict[bytes, bytes]:
    """Return the chunks before the pixels, the last of each name."""
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if name == b"IDAT":
            break
        chunks[name] = data[at + 8 : at + 8 + length]
        at += 12 + length
    return chunks


def _code_points(kind: str, data: bytes, chunks: dict[bytes, bytes]) -> tuple[int, int] | None:
    """Return H.273's primaries and transfer from PNG's cICP or an nclx box."""
    if len(chunks.get(b"cICP", b"")) >= 4:
        return chunks[b"cICP"][0], chunks[b"cICP"][1]
    if kind in ("AVIF", "HEIC"):
        at = data[:_HEAD].find(b"colrnclx")
        if at >= 0 and b"colrprof" not in data[:_HEAD]:
            return int.from_bytes(data[at + 8 : at + 10]), int.from_bytes(data[at + 10 : at + 12])
    return None


def _is_narrow(chunks: dict[bytes, bytes]) -> bool:
    """Return whether a PNG keeps video's range; of other kinds, decoders widen it."""
    return chunks.get(b"cICP", b"")[3:4] == b"\0"


def _icc_profile(kind: str, data: bytes, chunks: dict[bytes, bytes]) -> bytes:
    if kind == "PNG":
        _, _, packed = chunks.get(b"iCCP", b"").partition(b"\0")
        return zlib.decompressobj().decompress(packed[1:], _MOST_PROFILE_BYTES) if packed else b""
    if kind == "TIFF":
        return first_directory(data).content(_ICC_TAG)
    if kind == "JPEG 2000":
        return _jp2_profile(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data)) as header:
            return bytes(header.info.get("icc_profile") or b"")


def _jp2_profile(data: bytes) -> bytes:
    at = data[:_HEAD].find(b"colr\x02")  # its method 2 is a profile
    length = int.from_bytes(data[at - 4 : at]) if at >= 4 else 0
    return data[at + 7 : at - 4 + length] if length > 11 else b""


def _by_png_gamma(chunks: dict[bytes, bytes]) -> Encoding | None:
    exponent = int.from_bytes(chunks[b"gAMA"][:4]) / 100_000.0
    chromaticities = REC709
    if len(chunks.get(b"cHRM", b"")) >= 32:
        values = [int.from_bytes(chunks[b"cHRM"][at : at + 4]) / 1e5 for at in range(0, 32, 4)]
        chromaticities = (*values[2:], *values[:2])  # type: ignore[assignment]
    is_plain = bool(np.abs(np.subtract(chromaticities, REC709)).max() < 2e-3)
    low, high = _SRGB_GAMMA
    if exponent <= 0.0 or (is_plain and low < exponent < high):
        return None
    if low < exponent < high:
        return Encoding(chromaticities, decode_srgb)
    return gamma(1.0 / exponent, chromaticities)


def _is_adobe_rgb(data: bytes) -> bool:
    """Whether Exif says so: by DCF's interoperability index, or the value that cameras write."""
    with Image.open(io.BytesIO(data)) as header:
        exif = Image.Image.getexif(header)
        interop = exif.get_ifd(ExifTags.IFD.Interop)
        space = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.ColorSpace)
    return interop.get(1) == "R03" or space == 2
