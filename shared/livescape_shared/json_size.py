"""How much memory a JSON file takes, known before it is parsed."""

from __future__ import annotations

from typing import Final

MOST_BYTES: Final = 1600 * 2**20
"""Memory that the values of a file may take."""

_WEIGHTS: Final = {b"[": 80, b"{": 64, b":": 130, b",": 60, b"0,": -40, b"1,": -40}
"""Bytes of memory that each of these stands for; zeros and ones are the same object each."""

_TEXT: Final = 4
"""Bytes of memory for a byte of the file, which is there as bytes, text and values."""


def memory_of(data: bytes) -> int:
    """Return about how many bytes of memory the values of a JSON file take, its text included."""
    return _TEXT * len(data) + sum(each * data.count(sign) for sign, each in _WEIGHTS.items())
