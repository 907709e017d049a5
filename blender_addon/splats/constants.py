"""Numbers and names that mesh, nodes, material and tests agree on."""

from __future__ import annotations

from livescape_shared.conventions import FOR_EVER, SINCE_EVER
from livescape_shared.rendering import IMAGE_MARGIN

CLAMP = 1.0 + 2.0 * IMAGE_MARGIN
"""The derivative of the projection is taken no further outside than this, in half images."""

DEPTH_JITTER = 3e-5
"""Relative depth offset that separates quads of exactly equal depth.

Cycles keeps one of several hits at the same distance; a fraction of this factor, different for
neighbouring Gaussians, keeps them all (measured best between 1e-6 and 1e-3).
"""

GOLDEN_FRACTION = 0.6180339887
"""Fractional parts of its multiples are evenly spread: the sequence of depth offsets."""

UV = "gs_uv"
"""POINT FLOAT2 attribute: the corner in standard deviations."""

RGBA = "gs_rgba"
"""FACE FLOAT_COLOR attribute: scene-linear colour and the untimed opacity."""

WINDOW = "gs_window"
"""FACE FLOAT2 attribute: loop times at which a copy appears and vanishes."""

OPACITY = "gs_opacity"
"""FACE FLOAT attribute that the nodes write: opacity at the current time."""

ALWAYS = (SINCE_EVER, FOR_EVER)
"""Value of ``gs_window`` of what never moves."""
