"""Numbers and names that mesh, nodes, material and tests agree on."""

from __future__ import annotations

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

MIDDLE = "gs_middle"
"""FACE FLOAT_COLOR attribute of moving meshes: what ``gs_rgba`` becomes half-way through a loop."""

COPY = "gs_copy"
"""FACE INT attribute: one of the values below."""

OPACITY = "gs_opacity"
"""FACE FLOAT attribute that the nodes write: opacity at the current time."""

STATIC_COPY, OUTGOING_COPY, INCOMING_COPY, UNPAIRED_COPY = 0, 1, 2, 3
"""All but the first are one more than the copy index of :mod:`livescape_shared.conventions`."""
