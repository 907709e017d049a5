"""Scenes trained in sRGB (``blend="srgb"``) blended in sRGB by Blender, which blends in linear.

One view layer renders the Gaussians with their sRGB numbers as if these were linear, everything
else held out; another renders everything else. The compositor encodes the second, lays the first
over it and decodes the result: as if everything else were made of Gaussians too. Where none is
seen, the picture is what it was.
"""

from __future__ import annotations

from typing import Any

import bpy

from .. import compat
from ..render_setup.ledger import Ledger
from ..splats.graph import Graph, Wire
from ..splats.layer_switch import EXACT
from . import stage, view_layers, wiring

PURPOSE = "srgb"
NAME = "Livescape sRGB"
SPLATS_LAYER = "Livescape Gaussians"
OTHERS_LAYER = "Livescape Others"

_SRGB, _LINEAR = "sRGB", "Linear Rec.709"
_TINY = 1e-6
_LEDGER = "livescape_srgb_before"


def set_up(scene: bpy.types.Scene, layer: bpy.types.ViewLayer) -> list[str]:
    """Render ``scene`` with exact sRGB blending in the place of ``layer``.

    Returns:
        Everything that was changed, a phrase each.
    """
    phrases = stage.enter(scene, layer)
    opaque = not scene.render.film_transparent
    phrases += map(str, Ledger(scene, _LEDGER).change("render.film_transparent", True))
    splats = view_layers.make(scene, layer, SPLATS_LAYER, PURPOSE)
    splats[EXACT] = 1.0
    view_layers.keep_gaussians(splats)
    others = view_layers.make(scene, layer, OTHERS_LAYER, PURPOSE)
    others.use_pass_environment = opaque
    view_layers.drop_gaussians(others)
    phrases += [f"view layer {item.name} added" for item in (splats, others)]
    return phrases + _wire(scene, splats, others)


def restore(scene: bpy.types.Scene) -> list[str]:
    """Undo :func:`set_up`; return what was changed."""
    tree = compat.compositor_tree(scene)
    phrases = wiring.take_out(tree, PURPOSE, stage.main_sources(scene))
    phrases += view_layers.remove(scene, PURPOSE)
    phrases += map(str, Ledger(scene, _LEDGER).restore())
    return phrases


def _wire(
    scene: bpy.types.Scene,
    splats: bpy.types.ViewLayer,
    others: bpy.types.ViewLayer,
) -> list[str]:
    tree = compat.compositor_tree(scene)
    graph = Graph(tree)
    front = wiring.render_layers(scene, tree, splats.name, PURPOSE)
    back = wiring.render_layers(scene, tree, others.name, PURPOSE)
    inputs = {
        "Gaussians": Wire(graph, front.outputs["Image"]),
        "Others": Wire(graph, back.outputs["Image"]),
    }
    if others.use_pass_environment:
        inputs["Environment"] = Wire(graph, back.outputs[compat.environment_output()])
    node = wiring.add_group(tree, srgb_group(), inputs, PURPOSE)
    return wiring.replace_outputs(tree, stage.main_sources(scene), node)


def srgb_group() -> bpy.types.NodeTree:
    """Return a new compositor group: the Gaussians over the rest, blended in sRGB.

    An *Environment* that is not linked is black and without alpha: the film stays transparent.
    """
    tree = bpy.data.node_groups.new(NAME, "CompositorNodeTree")
    for name in ("Gaussians", "Others", "Environment"):
        socket: Any = tree.interface.new_socket(name, in_out="INPUT", socket_type="NodeSocketColor")
        socket.default_value = (0.0, 0.0, 0.0, 0.0)
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    tree.interface.new_socket("Alpha", in_out="OUTPUT", socket_type="NodeSocketFloat")
    graph = Graph(tree)
    given = graph.node("NodeGroupInput")
    splats, others, environment = (Wire(graph, socket) for socket in given.outputs[:3])
    result, alpha = _blended(graph, splats, _over(graph, others, environment))
    graph.node("NodeGroupOutput", {"Image": result, "Alpha": alpha})
    graph.arrange()
    return tree


def _blended(graph: Graph, splats: Wire, behind: Wire) -> tuple[Wire, Wire]:
    """Return image and alpha of ``splats``, blended from sRGB numbers, over linear ``behind``.

    What is held out covers the edges of its pixels in both layers, so what is behind counts with
    alpha a / max(a, 1 - A), A that of the Gaussians: the edges neither darken nor shine through.
    """
    coverage, behind_alpha = _alpha(graph, splats), _alpha(graph, behind)
    most = graph.calculate("MAXIMUM", behind_alpha, 1.0 - coverage)
    share = behind_alpha / graph.calculate("MAXIMUM", most, _TINY)
    encoded = _convert(graph, _mode(graph, behind, "TO_STRAIGHT"), _LINEAR, _SRGB)
    encoded = _mode(graph, _with_alpha(graph, encoded, share), "TO_PREMULTIPLIED")
    blended = _over(graph, splats, encoded)
    alpha = _alpha(graph, blended)
    decoded = _convert(graph, _with_alpha(graph, blended, 1.0), _SRGB, _LINEAR)
    seen = graph.calculate("GREATER_THAN", coverage, 0.0)
    mix = graph.node("ShaderNodeMix", {0: seen, 6: behind, 7: decoded}, data_type="RGBA")
    return _with_alpha(graph, Wire(graph, mix.outputs[2]), alpha), alpha


def _alpha(graph: Graph, image: Wire) -> Wire:
    return Wire(graph, graph.node("CompositorNodeSeparateColor", {0: image}).outputs["Alpha"])


def _mode(graph: Graph, image: Wire, mode: str) -> Wire:
    """Convert alpha, to straight or to premultiplied."""
    node = graph.node("CompositorNodePremulKey", {0: image})
    compat.set_compositor_mode(node, mode)
    return Wire(graph, node.outputs[0])


def _with_alpha(graph: Graph, image: Wire, alpha: Wire | float) -> Wire:
    node = graph.node("CompositorNodeSetAlpha", {0: image, 1: alpha})
    compat.set_compositor_mode(node, "REPLACE_ALPHA")
    return Wire(graph, node.outputs[0])


def _convert(graph: Graph, image: Wire, source: str, target: str) -> Wire:
    spaces = {"from_color_space": source, "to_color_space": target}
    return graph.wire("CompositorNodeConvertColorSpace", {0: image}, **spaces)


def _over(graph: Graph, foreground: Wire, background: Wire) -> Wire:
    below, above = compat.alpha_over_inputs()
    return graph.wire("CompositorNodeAlphaOver", {below: background, above: foreground})
