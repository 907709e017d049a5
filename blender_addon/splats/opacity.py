"""Opacity at the current time: the copies of what moves come and go.

The formula is that of :mod:`livescape_shared.conventions`: a copy with window w and opacity o
shows 1 - (1 - o)^w, and its window rises and falls at two loop times of its own.
"""

from __future__ import annotations

from livescape_shared import rendering

from . import constants, interface
from .graph import Graph, Wire


def stored_opacity(graph: Graph) -> Wire:
    """Return the opacity that the mesh stores, as a field."""
    rgba = graph.attribute(constants.RGBA, "FLOAT_COLOR")
    node = graph.node("FunctionNodeSeparateColor", {0: rgba})
    return Wire(graph, node.outputs["Alpha"])


def current_window(graph: Graph, given: dict[str, Wire]) -> Wire:
    """Return how much of each copy is there, 0..1, as a field on the face domain.

    Args:
        graph: Where nodes are added.
        given: Inputs of the group by name.
    """
    t = given[interface.LOOP_FRAME] / given[interface.LOOP_LENGTH]
    per_time = 1.0 / given[interface.FADE]
    appears, vanishes, _ = graph.attribute(constants.WINDOW, "FLOAT_VECTOR").xyz
    risen, left = (
        graph.wire(
            "ShaderNodeMath", {0: passed, 1: per_time, 2: 0.5},
            operation="MULTIPLY_ADD", use_clamp=True,
        )
        for passed in (t - appears, vanishes - t)
    )  # fmt: skip
    return risen * left


def current_opacity(graph: Graph, given: dict[str, Wire]) -> Wire:
    """Return the windowed opacity as a field on the face domain."""
    clear = graph.calculate("POWER", 1.0 - stored_opacity(graph), current_window(graph, given))
    return 1.0 - clear


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
