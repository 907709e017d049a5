"""What the Gaussians emit, chosen by the view layer that is being rendered.

A view layer with the custom property ``gs_exact`` = 1 gets the sRGB numbers of the colours, so
that they blend as in classic 3DGS; one with ``gs_depth`` = 1 gets depth. Where neither is set,
Cycles skips the nodes of both: a Mix Shader at 0 evaluates only its first input.
"""

from __future__ import annotations

from .graph import Graph, Wire
from .transfer_nodes import to_display

EXACT = "gs_exact"
"""Custom property of a view layer: emit the colours' sRGB numbers."""

DEPTH = "gs_depth"
"""Custom property of a view layer: emit (depth / ``DEPTH_UNIT``, 1, 0)."""

DEPTH_UNIT = 1000.0
"""Blender units that are 1 in the depth emission: EEVEE's half floats end at 65504."""


def switched_emission(graph: Graph, color: Wire) -> Wire:
    """Return the emission of scene-linear ``color``, or of what the view layer asks for.

    Blended front to back, the depth emission gives sum(w z) in red and sum(w) in green; their
    quotient is the expected depth, whatever lies behind.
    """
    linear = _emission(graph, color)
    encoded = _emission(graph, to_display(graph, graph.vector(*color.xyz)))
    shown = _mix(graph, _layer_property(graph, EXACT), linear, encoded)
    camera = graph.node("ShaderNodeCameraData")
    z = Wire(graph, camera.outputs["View Z Depth"])
    depth = _emission(graph, graph.vector(z / DEPTH_UNIT, 1.0, 0.0))
    return _mix(graph, _layer_property(graph, DEPTH), shown, depth)


def _emission(graph: Graph, color: Wire) -> Wire:
    return graph.wire("ShaderNodeEmission", {"Color": color, "Strength": 1.0})


def _layer_property(graph: Graph, name: str) -> Wire:
    node = graph.node("ShaderNodeAttribute", attribute_type="VIEW_LAYER", attribute_name=name)
    return Wire(graph, node.outputs[2])  # 'Fac' up to 4.5, 'Factor' from 5.0


def _mix(graph: Graph, factor: Wire, first: Wire, second: Wire) -> Wire:
    return graph.wire("ShaderNodeMixShader", {0: factor, 1: first, 2: second})
