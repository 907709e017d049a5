"""Numbers of bytes as people say them."""

from __future__ import annotations

_UNITS = ("bytes", "KB", "MB", "GB")


def size_text(size: float) -> str:
    """Return a number of bytes in the unit that suits it."""
    for unit in _UNITS[:-1]:
        if size < 1000.0:
            return f"{size:.0f} {unit}"
        size /= 1000.0
    return f"{size:.1f} {_UNITS[-1]}"
