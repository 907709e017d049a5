"""Opacity at the current time: the two copies of a moving Gaussian fade into one another.

The formula is that of :mod:`livescape_shared.conventions`: a copy with window w and opacity o
shows 1 - (1 - o)^w, where w is 1 - t for the outgoing copy and t for the incoming one.
"""

from __future__ import annotations

from livescape_shared import rendering

from . import constants
from .graph import Graph, Wire


def stored_opacity(graph: Graph) -> Wire:
    """Return the opacity that the mesh stores, as a field."""
    rgba = graph.attribute(constants.RGBA, "FLOAT_COLOR")
    node = graph.node("FunctionNodeSeparateColor", {0: rgba})
    return Wire(graph, node.outputs["Alpha"])


def current_opacity(graph: Graph, loop_frame: Wire, loop_length: Wire) -> Wire:
    """Return the windowed opacity as a field on the face domain."""
    t = loop_frame / loop_length
    copy_index = graph.attribute(constants.COPY, "INT")
    # 1 at the named copy and 0 elsewhere, so that w is a sum of products
    is_outgoing = _equals(graph, copy_index, constants.OUTGOING_COPY)
    is_incoming = _equals(graph, copy_index, constants.INCOMING_COPY)
    window = 1.0 - is_outgoing * t - is_incoming * (1.0 - t)
    return 1.0 - graph.calculate("POWER", 1.0 - stored_opacity(graph), window)


def current_extent(graph: Graph, opacity: Wire) -> Wire:
    """Return the factor by which a quad shrinks when only ``opacity`` is left; 0 hides it.

    The stored corners reach to where the full opacity falls to ``ALPHA_MIN``.
    """
    stored = _log_ratio(graph, stored_opacity(graph))
    ratio = _log_ratio(graph, opacity) / graph.calculate("MAXIMUM", stored, 1e-6)
    return graph.calculate("SQRT", graph.calculate("MINIMUM", ratio, 1.0))


def _log_ratio(graph: Graph, opacity: Wire) -> Wire:
    ratio = graph.calculate("MAXIMUM", opacity / rendering.ALPHA_MIN, 1.0)
    return graph.calculate("LOGARITHM", ratio, 2.718281828459045)


def _equals(graph: Graph, value: Wire, number: int) -> Wire:
    return graph.calculate("COMPARE", value, float(number), 0.5)
