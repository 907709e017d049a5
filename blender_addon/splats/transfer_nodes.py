"""The sRGB transfer curve as nodes (IEC 61966-2-1), both ways.

The curve is the sum of its linear part up to the knee and its power part above, so no node has
to choose between them. Values under 0 follow the linear part, as in the rasterizer.
"""

from __future__ import annotations

from .graph import Graph, Wire

_SLOPE, _GAMMA, _OFFSET = 12.92, 2.4, 0.055
_DISPLAY_KNEE, _LINEAR_KNEE = 0.04045, 0.0031308


def to_linear(graph: Graph, display: Wire) -> Wire:
    """Decode a vector of display sRGB to scene-linear."""
    low = graph.calculate("MINIMUM", display, _DISPLAY_KNEE) / _SLOPE
    high = graph.calculate("MAXIMUM", display, _DISPLAY_KNEE)
    curve = graph.calculate("POWER", (high + _OFFSET) / (1.0 + _OFFSET), _GAMMA)
    return low + curve - _DISPLAY_KNEE / _SLOPE


def to_display(graph: Graph, linear: Wire) -> Wire:
    """Encode a vector of scene-linear to display sRGB."""
    low = graph.calculate("MINIMUM", linear, _LINEAR_KNEE) * _SLOPE
    high = graph.calculate("MAXIMUM", linear, _LINEAR_KNEE)
    curve = graph.calculate("POWER", high, 1.0 / _GAMMA) * (1.0 + _OFFSET)
    return low + curve - (_OFFSET + _LINEAR_KNEE * _SLOPE)
