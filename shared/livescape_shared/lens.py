"""What a photo's own words about its lens mean for the pixels that are left of it."""

from __future__ import annotations

_SAME_SHAPE = 0.01
"""Relative difference of two aspect ratios up to which a picture was only scaled."""


def cropped_focal(focal: float, taken: tuple[float, float], shown: tuple[int, int]) -> float:
    """Return a focal length for what is left of a picture whose shape says that it was cropped.

    It is taken for the largest part of that shape: a picture may have been scaled, too.

    Args:
        focal: Millimetres, for a sensor whose long side is 36 mm.
        taken: Width and height of the picture as it was taken, in pixels; 0 if unknown.
        shown: Width and height of the file, either way up.

    Returns:
        Millimetres, for a long side of 36 mm of what is shown.
    """
    if min(*taken, *shown) <= 0:
        return focal
    long, short = max(taken), min(taken)
    aspect, left = long / short, max(shown) / min(shown)
    if (taken[0] > taken[1]) != (shown[0] > shown[1]) and left > 1.0 + _SAME_SHAPE:
        if abs(aspect / left - 1.0) <= _SAME_SHAPE:
            return focal  # turned, by a program that has left the rest as it was
        left = 1.0 / left
    if abs(aspect / left - 1.0) <= _SAME_SHAPE:
        return focal
    width = min(long, short * left)
    return focal * long / max(width, width / left)
