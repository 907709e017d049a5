"""How large a picture, depth map or flow may be."""

from __future__ import annotations

from typing import Final

from livescape.imaging.faults import Oversized, Unreadable
from livescape_shared.limits import PHOTO_MAX_SIDE

MAX_SIDE: Final = PHOTO_MAX_SIDE
"""Longest side in pixels of any image, depth map or flow that is read."""


def check_sides(width: int, height: int) -> None:
    """Refuse a size over :data:`MAX_SIDE` or of nothing.

    Raises:
        Oversized: With the size in words.
        Unreadable: If a side is not positive.
    """
    if width < 1 or height < 1:
        raise Unreadable("it has no pixels")
    if max(width, height) > MAX_SIDE:
        raise Oversized(f"{width} x {height} pixels")
