"""The material: an emitting, transparent Gaussian in the plane of its quad."""

from __future__ import annotations

from typing import Any

import bpy

from livescape_shared import rendering

from . import constants
from .drivers import drive_by_scene
from .graph import Graph, Wire
from .held import held
from .layer_switch import switched_emission
from .object import GAUSSIANS

NAME = "Livescape Gaussians"

UNLIMITED = 1024.0
"""Most transparent bounces that Cycles can be set to."""


def gaussian_material() -> bpy.types.Material:
    """Return a new material with alpha = min(0.999, opacity * exp(-|uv|^2 / 2)).

    Cycles ends a path after the scene's transparent bounces, in black. So the last Gaussian that it
    would let through is drawn as if nothing could be seen behind it; with the bounces that
    *Prepare Render* sets, no path is that long.

    Reads the attributes ``gs_uv``, ``gs_rgba`` and ``gs_opacity``; alpha under 1/255 is nothing,
    as in the rasterizer. Lamps neither light it nor are lit by it.
    """
    material, graph = new_material(NAME, GAUSSIANS)
    material.surface_render_method = "BLENDED"
    material.use_backface_culling = False
    uv = _attribute(graph, constants.UV, "Vector")
    color = _attribute(graph, constants.RGBA, "Color")
    opacity = _attribute(graph, constants.OPACITY, 2)  # 'Fac' up to 4.5, 'Factor' from 5.0
    density = graph.calculate("EXPONENT", uv.dot(uv) * -0.5)
    alpha = graph.calculate("MINIMUM", opacity * density, rendering.ALPHA_MAX)
    visible = graph.calculate("GREATER_THAN", alpha, rendering.ALPHA_MIN)
    emission = switched_emission(graph, color)
    transparent = graph.wire("ShaderNodeBsdfTransparent")
    shown = graph.calculate("MAXIMUM", alpha * visible, _is_last(graph))
    mixed = graph.wire("ShaderNodeMixShader", {0: shown, 1: transparent, 2: emission})
    graph.node("ShaderNodeOutputMaterial", {"Surface": mixed})
    graph.arrange()
    return material


def _is_last(graph: Graph) -> Wire:
    """Return 1 where Cycles would see nothing of what lies behind, else 0; EEVEE has no last."""
    light_path = graph.node("ShaderNodeLightPath")
    limit = graph.node("ShaderNodeValue")
    limit.outputs[0].default_value = UNLIMITED
    drive_by_scene(limit.outputs[0], "default_value", "cycles.transparent_max_bounces")
    depth = Wire(graph, light_path.outputs["Transparent Depth"])
    return graph.calculate("GREATER_THAN", depth, Wire(graph, limit.outputs[0]) - 0.5)


def new_material(name: str, part: str) -> tuple[bpy.types.Material, Graph]:
    """Return a new material marked as ``part`` of an object, and its node tree, still empty.

    Cycles does not look for lights among what it covers.
    """
    material = held(bpy.data.materials.new(name), part)
    material.use_nodes = True
    cycles: Any = getattr(material, "cycles", None)
    if cycles is not None:
        cycles.emission_sampling = "NONE"
    graph = Graph(material.node_tree)
    graph.tree.nodes.clear()
    return material, graph


def _attribute(graph: Graph, name: str, output: str | int) -> Wire:
    node = graph.node("ShaderNodeAttribute", attribute_type="GEOMETRY", attribute_name=name)
    return Wire(graph, node.outputs[output])
