"""The size of an image from its file's header, so that nothing too large is decoded."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from typing import Final

from PIL import Image

from livescape.imaging.exr import exr_size
from livescape.imaging.faults import Oversized, Unreadable, decoding
from livescape.imaging.netpbm import pfm_size
from livescape.imaging.plugins import pillow_plugins
from livescape.imaging.radiance import radiance_header
from livescape.imaging.sides import check_sides
from livescape.imaging.tiff import HEIGHT, WIDTH, first_directory

Size = tuple[int, int]

_PAM_FIELD = re.compile(rb"^(WIDTH|HEIGHT)[ \t]+(\d{1,9})\s*$", re.MULTILINE)


def check_size(kind: str, data: bytes) -> None:
    """Read the size of an image from its header and refuse what is too large to decode.

    Args:
        kind: From :func:`~livescape.imaging.kinds.file_kind`.
        data: The file.

    Raises:
        Oversized: With the size in words.
        Unreadable: If the header is damaged, or the kind cannot be read as an image.
    """
    if kind not in _READERS:
        raise Unreadable(
            f"{kind} is not a kind of image that can be read" if kind else "it is not an image"
        )
    with decoding("its header is damaged, or it is cut off"):
        width, height = _READERS[kind](data)
    check_sides(width, height)


def _by_pillow(kind: str) -> Callable[[bytes], Size]:
    def read(data: bytes) -> Size:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(io.BytesIO(data), formats=[kind]) as header:
                    width, height = header.size
        except Image.DecompressionBombError as error:
            raise Oversized("hundreds of millions of pixels") from error
        return width, height

    return read


def _heic_size(data: bytes) -> Size:
    pillow_plugins()
    return _by_pillow("HEIF")(data)


def _jpeg_xl_size(data: bytes) -> Size:
    """Read the codestream's first bits (ISO/IEC 18181-1, D.2): the plugin decodes when it opens."""
    at = data.find(b"\xff\x0a") if data.startswith(b"\xff\x0a") else _jpeg_xl_codestream(data)
    bits = int.from_bytes(data[at + 2 : at + 14], "little")

    def take(count: int) -> int:
        nonlocal bits
        value = bits & ((1 << count) - 1)
        bits >>= count
        return value

    in_eights = take(1)

    def side() -> int:
        return (take(5) + 1) * 8 if in_eights else take((9, 13, 18, 30)[take(2)]) + 1

    height = side()
    ratio = take(3)
    if ratio == 0:
        return side(), height
    numerator, denominator = _JPEG_XL_RATIOS[ratio - 1]
    return height * numerator // denominator, height


_JPEG_XL_RATIOS: Final = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))


def _jpeg_xl_codestream(data: bytes) -> int:
    """Return where the codestream begins in a file of boxes."""
    at = 0
    while at + 8 <= len(data):
        length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        head = 8
        if length == 1:
            length, head = int.from_bytes(data[at + 8 : at + 16]), 16
        if name in (b"jxlc", b"jxlp"):
            return at + head + (4 if name == b"jxlp" else 0)
        if length < head:
            break
        at += length
    raise Unreadable("its header is damaged")


def _png_size(data: bytes) -> Size:
    """Also check the chunks: decoders allocate what a chunk claims to hold."""
    at = 8
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        at += 12 + length
        if name == b"IEND":
            break
    if at > len(data):
        raise Unreadable("it is damaged or cut off")
    if data[12:16] != b"IHDR":
        raise Unreadable("its header is damaged")
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def _tiff_size(data: bytes) -> Size:
    directory = first_directory(data)
    return directory.numbers(WIDTH)[0], directory.numbers(HEIGHT)[0]


def _jpeg2000_size(data: bytes) -> Size:
    """Read the codestream's own size, which is the one that is decoded, not the box around it."""
    at, name = 0, b""
    while not data.startswith(b"\xff\x4f\xff\x51", at):
        if name == b"jp2c" or at + 8 > len(data):
            raise Unreadable("its header is damaged")
        length, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        head = 16 if length == 1 else 8
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16])
        at += head if name == b"jp2c" else max(length, head)
    right, below, left, above = (
        int.from_bytes(data[at + start : at + start + 4]) for start in (8, 12, 16, 20)
    )
    return right - left, below - above


def _hdr_size(data: bytes) -> Size:
    return radiance_header(data).size


def _pfm_size(data: bytes) -> Size:
    size = pfm_size(data)
    if size is None:
        raise Unreadable("its header is damaged")
    return size


def _pam_size(data: bytes) -> Size:
    fields = _PAM_FIELD.findall(data, 0, data.index(b"ENDHDR"))
    if sorted(name for name, _ in fields) != [b"HEIGHT", b"WIDTH"]:
        raise Unreadable("its header is damaged")
    sizes = dict(fields)
    return int(sizes[b"WIDTH"]), int(sizes[b"HEIGHT"])


_READERS: Final[dict[str, Callable[[bytes], Size]]] = {
    "JPEG": _by_pillow("JPEG"),
    "PNG": _png_size,
    "GIF": _by_pillow("GIF"),
    "WebP": _by_pillow("WEBP"),
    "AVIF": _by_pillow("AVIF"),
    "JPEG 2000": _jpeg2000_size,
    "TIFF": _tiff_size,
    "BMP": _by_pillow("BMP"),
    "Radiance HDR": _hdr_size,
    "PFM": _pfm_size,
    "PAM": _pam_size,
    "PNM": _by_pillow("PPM"),
    "Sun raster": _by_pillow("SUN"),
    "Targa": _by_pillow("TGA"),
    "SGI": _by_pillow("SGI"),
    "HEIC": _heic_size,
    "JPEG XL": _jpeg_xl_size,
    "OpenEXR": exr_size,
}
"""Readers of the size (width, height) from the header of each kind of image that can be decoded."""
