"""Limits of input sizes; both sides refuse the same."""

from __future__ import annotations

PHOTO_MIN_SIDE = 64
"""Pixels of the shorter side of a photo."""

PHOTO_MAX_SIDE = 8192
"""Pixels of the longer side of a photo, or of another picture that comes with it."""

MAX_GAUSSIANS = 50_000_000
"""Gaussians of a scene, or rows of an element of a file."""
