"""The kind of a file, determined by its first bytes and never by its name."""

from __future__ import annotations

from typing import Final, Literal

_PHOTOMETRIC, _MAKER, _SUB_PICTURES, _DNG_VERSION = 262, 271, 330, 50706
_COLOR_FILTER_ARRAY: Final = 32803

CAMERA_RAW: Final = "camera RAW"

_TRANSPORT: Final = ((0, 188), (4, 192), (0, 204))
"""Where packets of transport streams begin, and their length: broadcast, AVCHD, with correction."""

_HEVC: Final = (b"heic", b"heix", b"heim", b"heis", b"hevc")

_STARTS: Final = (
    ("JPEG", b"\xff\xd8\xff"),
    ("PNG", b"\x89PNG\r\n\x1a\n"),
    ("GIF", b"GIF87a"),
    ("GIF", b"GIF89a"),
    ("WebP", b"RIFF....WEBP"),
    ("AVIF", b"....ftypavif"),
    ("AVIF", b"....ftypavis"),
    ("AVIF", b"....ftypmif1"),
    ("AVIF", b"....ftypmsf1"),
    *(("HEIC", b"....ftyp" + brand) for brand in _HEVC),
    ("JPEG XL", b"\xff\x0a"),
    ("JPEG XL", b"\0\0\0\x0cJXL \r\n\x87\n"),
    *(
        (CAMERA_RAW, start)
        for start in (
            b"....ftypcrx ",
            b"FUJIFILMCCD-RAW",
            b"IIRO",
            b"IIRS",
            b"IIU\0",
            b"II*\0....CR",
            b"\0MRM",
            b"FOVb",
        )
    ),
    ("JPEG 2000", b"\0\0\0\x0cjP  \r\n\x87\n"),
    ("JPEG 2000", b"\xff\x4f\xff\x51"),
    ("TIFF", b"II*\0"),
    ("TIFF", b"MM\0*"),
    ("TIFF", b"II+\0"),  # BigTIFF
    ("TIFF", b"MM\0+"),
    ("BMP", b"BM"),
    ("Radiance HDR", b"#?RADIANCE"),
    ("Radiance HDR", b"#?RGBE"),
    ("PFM", b"PF"),
    ("PFM", b"Pf"),
    ("PAM", b"P7"),
    *(("PNM", b"P%d" % number) for number in range(1, 7)),
    ("Sun raster", b"\x59\xa6\x6a\x95"),
    ("OpenEXR", b"\x76\x2f\x31\x01"),
    ("SGI", b"\x01\xda"),
    ("DPX", b"SDPX"),
    ("DPX", b"XPDS"),
    ("Cineon", b"\x80\x2a\x5f\xd7"),
    ("Photoshop", b"8BPS"),
    ("DirectDraw Surface", b"DDS "),
    ("Middlebury flow", b"PIEH"),  # and depth of Sintel
    ("QOI", b"qoif"),
    ("PCX", b"\x0a\x05\x01"),
    ("Windows icon", b"\0\0\1\0"),
    ("Apple icon", b"icns"),
    ("FITS", b"SIMPLE  ="),
    ("XCF of GIMP", b"gimp xcf"),
    ("PDF", b"%PDF"),
    ("SVG", b"<svg"),
    ("NumPy array", b"\x93NUMPY"),
    ("NumPy archive", b"PK\x03\x04"),
    ("Matroska", b"\x1a\x45\xdf\xa3"),  # WebM is one
    ("AVI", b"RIFF....AVI "),
    ("MPEG program stream", b"\0\0\1\xba"),
    ("MPEG video", b"\0\0\1\xb3"),
    ("Windows Media", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    ("Flash video", b"FLV\1"),
    ("Ogg", b"OggS"),
    ("MXF", b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02"),
    ("YUV4MPEG2", b"YUV4MPEG2 "),
    ("IVF", b"DKIF"),
    ("DV", b"\x1f\7\0"),
    ("H.264", b"\0\0\0\1\x67"),
    ("H.264", b"\0\0\0\1\x09"),
    ("H.265", b"\0\0\0\1\x40\x01"),
    *(("MP4", b"...." + box) for box in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")),
)
"""Kinds and how their files begin; a dot is any byte, and the first that fits counts."""


def file_kind(data: bytes) -> str:
    """Return the kind of the file whose bytes are ``data``; empty if the kind is unknown."""
    for kind, start in _STARTS:
        if len(data) >= len(start) and all(
            want in (have, ord(".")) for have, want in zip(data, start, strict=False)
        ):
            if kind == "TIFF" and _is_raw(data):
                return CAMERA_RAW
            return "HEIC" if kind == "AVIF" and _is_hevc(data) else kind
    if any(_has_packets(data, *sizes) for sizes in _TRANSPORT):
        return "MPEG transport stream"
    return "Targa" if _is_targa(data) else ""


def _has_packets(data: bytes, start: int, length: int) -> bool:
    """Whether each of the first packets of a transport stream begins with its mark."""
    marks = data[start : start + 3 * length : length]
    return len(marks) == 3 and marks == b"G" * 3


def _is_hevc(data: bytes) -> bool:
    """Whether a file that begins as any of images is packed as HEIC, by its further brands."""
    brands = {data[at : at + 4] for at in range(8, min(int.from_bytes(data[:4]), 256), 4)}
    return not brands.isdisjoint(_HEVC) and b"avif" not in brands


def _is_raw(data: bytes) -> bool:
    """Whether a TIFF is what a camera's sensor saw, with a thumbnail as its first picture."""
    order: Literal["little", "big"] = "little" if data.startswith(b"II") else "big"
    at = int.from_bytes(data[4:8], order)
    entries = int.from_bytes(data[at : at + 2], order)
    for entry in range(at + 2, at + 2 + 12 * entries, 12):
        tag = int.from_bytes(data[entry : entry + 2], order)
        value = int.from_bytes(data[entry + 8 : entry + 10], order)
        if tag == _DNG_VERSION or (tag == _PHOTOMETRIC and value == _COLOR_FILTER_ARRAY):
            return True
        if tag == _SUB_PICTURES and _MAKER in _tags(data, at, entries, order):
            return True
        if entry > len(data):
            break
    return False


def _tags(data: bytes, at: int, entries: int, order: Literal["little", "big"]) -> set[int]:
    starts = range(at + 2, min(at + 2 + 12 * entries, len(data)), 12)
    return {int.from_bytes(data[start : start + 2], order) for start in starts}


def _is_targa(data: bytes) -> bool:
    """Targa has no mark at its start: its header is told by values that all are plausible."""
    if len(data) < 18 or data[1] > 1 or data[2] not in (1, 2, 3, 9, 10, 11):
        return False
    has_map = data[1] == 1
    return (
        has_map == (data[2] in (1, 9))
        and (has_map or data[3:8] == bytes(5))
        and data[16] in (8, 15, 16, 24, 32)
        and data[17] & 0xC0 == 0
    )
