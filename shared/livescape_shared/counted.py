"""One or many: a sentence is never about *1 frames*."""

from __future__ import annotations


def counted(number: int, one: str, many: str) -> str:
    """Return what is said of one thing, or of any other number of them."""
    return one if number == 1 else many
