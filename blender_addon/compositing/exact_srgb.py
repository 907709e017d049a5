"""Scenes trained in sRGB (``blend="srgb"``) blended in sRGB by Blender, which blends in linear.

One view layer renders the Gaussians with their sRGB numbers as if these were linear, everything
else held out; another renders everything else. The compositor decodes the first, on straight
colours, and lays it over the second in linear light.
"""

from __future__ import annotations

import bpy

from .. import compat
from ..shot.ledger import Ledger
from ..splats.graph import Graph, Wire
from ..splats.layer_switch import EXACT
from . import layers, stage, wiring

PURPOSE = "srgb"
NAME = "Livescape sRGB"
SPLATS_LAYER = "Livescape Gaussians"
OTHERS_LAYER = "Livescape Others"

_LEDGER = "livescape_srgb_before"


def set_up(scene: bpy.types.Scene, layer: bpy.types.ViewLayer) -> list[str]:
    """Render ``scene`` with exact sRGB blending in the place of ``layer``.

    Returns:
        Everything that was changed, a phrase each.
    """
    phrases = stage.enter(scene, layer)
    opaque = not scene.render.film_transparent
    phrases += map(str, Ledger(scene, _LEDGER).change("render.film_transparent", True))
    splats = layers.make(scene, layer, SPLATS_LAYER, PURPOSE)
    splats[EXACT] = 1.0
    layers.keep_gaussians(splats)
    others = layers.make(scene, layer, OTHERS_LAYER, PURPOSE)
    others.use_pass_environment = opaque
    layers.drop_gaussians(others)
    phrases += [f"view layer {item.name} added" for item in (splats, others)]
    return phrases + _wire(scene, layer, splats, others)


def restore(scene: bpy.types.Scene) -> list[str]:
    """Undo :func:`set_up`; return what was changed."""
    tree = compat.compositor_tree(scene)
    sources = wiring.artist_layers(scene, tree, stage.main_layer(scene))
    phrases = wiring.take_out(tree, PURPOSE, sources)
    phrases += layers.remove(scene, PURPOSE)
    phrases += map(str, Ledger(scene, _LEDGER).restore())
    return phrases


def _wire(
    scene: bpy.types.Scene,
    layer: bpy.types.ViewLayer,
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
    return wiring.replace_outputs(tree, wiring.artist_layers(scene, tree, layer.name), node)


def srgb_group() -> bpy.types.NodeTree:
    """Return a new compositor group: decode the Gaussians, lay them over the rest.

    An *Environment* that is not linked is black and without alpha: the film stays transparent.
    """
    tree = bpy.data.node_groups.new(NAME, "CompositorNodeTree")
    for name in ("Gaussians", "Others", "Environment"):
        socket = tree.interface.new_socket(name, in_out="INPUT", socket_type="NodeSocketColor")
        socket.default_value = (0.0, 0.0, 0.0, 0.0)
    tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    tree.interface.new_socket("Alpha", in_out="OUTPUT", socket_type="NodeSocketFloat")
    graph = Graph(tree)
    given = graph.node("NodeGroupInput")
    splats, others, environment = (Wire(graph, socket) for socket in given.outputs[:3])
    behind = _over(graph, others, environment)
    result = _over(graph, _decoded(graph, splats), behind)
    alpha = graph.node("CompositorNodeSeparateColor", {0: result}).outputs["Alpha"]
    graph.node("NodeGroupOutput", {"Image": result, "Alpha": Wire(graph, alpha)})
    graph.arrange()
    return tree


def _decoded(graph: Graph, image: Wire) -> Wire:
    """Return premultiplied scene-linear colour of an image blended from sRGB numbers."""
    alpha = Wire(graph, graph.node("CompositorNodeSeparateColor", {0: image}).outputs["Alpha"])
    straight = graph.node("CompositorNodePremulKey", {0: image})
    compat.set_compositor_mode(straight, "TO_STRAIGHT")
    linear = graph.wire(
        "CompositorNodeConvertColorSpace",
        {0: Wire(graph, straight.outputs[0])},
        from_color_space="sRGB",
        to_color_space="Linear Rec.709",
    )
    covered = graph.node("CompositorNodeSetAlpha", {0: linear, 1: alpha})
    compat.set_compositor_mode(covered, "REPLACE_ALPHA")
    premultiplied = graph.node("CompositorNodePremulKey", {0: Wire(graph, covered.outputs[0])})
    compat.set_compositor_mode(premultiplied, "TO_PREMULTIPLIED")
    return Wire(graph, premultiplied.outputs[0])


def _over(graph: Graph, foreground: Wire, background: Wire) -> Wire:
    below, above = compat.alpha_over_inputs()
    return graph.wire("CompositorNodeAlphaOver", {below: background, above: foreground})
