"""The sRGB transfer curve as nodes (IEC 61966-2-1), both ways.

The curve is the sum of its linear part up to the knee and its power part above, so no node has
to choose between them. Values under 0 follow the linear part, as in the rasterizer.
"""

from __future__ import annotations

from livescape_shared.rendering import (
    LINEAR_KNEE,
    SRGB_GAMMA,
    SRGB_KNEE,
    SRGB_OFFSET,
    SRGB_SCALE,
    SRGB_SLOPE,
)

from .graph import Graph, Wire


def to_linear(graph: Graph, display: Wire) -> Wire:
    """Decode a vector of display sRGB to scene-linear."""
    low = graph.calculate("MINIMUM", display, SRGB_KNEE) / SRGB_SLOPE
    high = graph.calculate("MAXIMUM", display, SRGB_KNEE)
    curve = graph.calculate("POWER", (high + SRGB_OFFSET) / SRGB_SCALE, SRGB_GAMMA)
    return low + curve - SRGB_KNEE / SRGB_SLOPE


def to_display(graph: Graph, linear: Wire) -> Wire:
    """Encode a vector of scene-linear to display sRGB."""
    low = graph.calculate("MINIMUM", linear, LINEAR_KNEE) * SRGB_SLOPE
    high = graph.calculate("MAXIMUM", linear, LINEAR_KNEE)
    curve = graph.calculate("POWER", high, 1.0 / SRGB_GAMMA) * SRGB_SCALE
    return low + curve - (SRGB_OFFSET + LINEAR_KNEE * SRGB_SLOPE)
