"""Netpbm's headers: the largest value of PNM and PAM, and PFM, whose scale is no factor."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_MOST_HEADER: Final = 4096
_COMMENT: Final = rb"(?:\s|#[^\n]*\n)+"
_PNM: Final = re.compile(rb"P[2356]" + (_COMMENT + rb"(\d{1,9})") * 3 + rb"\s")
_PAM: Final = re.compile(rb"^MAXVAL[ \t]+(\d{1,5})\s*$", re.MULTILINE)
_PFM: Final = re.compile(
    rb"(P[Ff])" + (_COMMENT + rb"(\d{1,9})") * 2 + _COMMENT + rb"(-?)[\d.eE+-]+\s"
)


def pfm_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PFM; None if its header is damaged."""
    found = _PFM.match(data[:_MOST_HEADER])
    return (int(found[2]), int(found[3])) if found else None


def plain_pfm(data: bytes) -> bytes:
    """Return a PFM without comments and scale: only its sign counts, for the order of bytes.

    OpenCV divides by the scale, and no other program does; disparities of data sets have one.
    """
    found = _PFM.match(data[:_MOST_HEADER])
    if found is None:
        return data
    sign = found[4].decode()
    head = f"{found[1].decode()}\n{int(found[2])} {int(found[3])}\n{sign}1.0\n"
    return head.encode() + data[found.end() :]


def to_full_range(data: bytes, pixels: NDArray[Any]) -> NDArray[Any]:
    """Return the grey levels of a PNM or PAM as shares of their type's largest number.

    Other kinds of files come back as they are.
    """
    head = data[:_MOST_HEADER]
    found = _PAM.search(head) if head.startswith(b"P7") else _PNM.match(head)
    if found is None or pixels.dtype not in (np.uint8, np.uint16):
        return pixels
    most, full = int(found[found.lastindex or 1]), int(np.iinfo(pixels.dtype).max)
    if most in (0, 1, full):
        return pixels
    scaled = np.arange(full + 1, dtype=np.float64) * (full / most)
    levels: NDArray[Any] = np.rint(np.minimum(scaled, full)).astype(pixels.dtype)
    return np.asarray(levels[pixels])
