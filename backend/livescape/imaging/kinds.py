"""The kind of a file, determined by its first bytes and never by its name."""

from __future__ import annotations

from typing import Final

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
    *(("HEIC", b"....ftyp" + brand) for brand in (b"heic", b"heix", b"heim", b"heis")),
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
    ("NumPy array", b"\x93NUMPY"),
    ("NumPy archive", b"PK\x03\x04"),
    ("Matroska", b"\x1a\x45\xdf\xa3"),  # WebM is one
    ("AVI", b"RIFF....AVI "),
    *(("MP4", b"...." + box) for box in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")),
)
"""Kinds and how their files begin; a dot is any byte, and the first that fits counts."""


def file_kind(data: bytes) -> str:
    """Return the kind of the file whose bytes are ``data``; empty if the kind is unknown."""
    for kind, start in _STARTS:
        if len(data) >= len(start) and all(
            want in (have, ord(".")) for have, want in zip(data, start, strict=False)
        ):
            return kind
    return ""
