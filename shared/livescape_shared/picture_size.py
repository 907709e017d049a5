"""Width and height of a PNG or JPEG, from its first bytes."""

from __future__ import annotations

_PNG = b"\x89PNG\r\n\x1a\n"
_NO_SIZE = (0xC4, 0xC8, 0xCC)
"""Markers between those of JPEG's frames that begin something else."""


def picture_size(head: bytes) -> tuple[int, int] | None:
    """Return width and height as stored; None if the bytes do not tell."""
    if head.startswith(_PNG) and head[12:16] == b"IHDR":
        return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
    at = 2 if head.startswith(b"\xff\xd8") else len(head)
    while at + 9 < len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in _NO_SIZE:
            return int.from_bytes(head[at + 7 : at + 9]), int.from_bytes(head[at + 5 : at + 7])
        at += 2 + max(length, 2)
    return None
