"""A depth pass of Gaussians and meshes alike, for fog, defocus and other compositing.

Blender's own depth pass takes one Gaussian among many in Cycles and none in EEVEE. Here one view
layer renders the depth of the Gaussians, blended as colour is, and another the depth pass of all
else (Cycles writes none where something is held out). The compositor joins them.
"""

from __future__ import annotations

from typing import Any

import bpy

from .. import compat
from ..splats.drivers import add_driver
from ..splats.graph import Graph, Wire
from ..splats.layer_switch import DEPTH, DEPTH_UNIT
from . import stage, view_layers, wiring

PURPOSE = "depth"
NAME = "Livescape Depth"
SPLATS_LAYER = "Livescape Depth"
OTHERS_LAYER = "Livescape Depth Others"

FAR = 1e10
"""Depth where nothing is, in Blender units, as Cycles writes it."""

_BEYOND = 1e9
_CLIP_SHARE = 0.9
_EMPTY = 1e-3


def set_up(scene: bpy.types.Scene, layer: bpy.types.ViewLayer) -> list[str]:
    """Add a depth pass that sees what ``layer`` sees; return everything that was changed."""
    phrases = stage.enter(scene, layer)
    splats = view_layers.make(scene, layer, SPLATS_LAYER, PURPOSE)
    splats[DEPTH] = 1.0
    splats.use_sky = False
    view_layers.keep_gaussians(splats)
    others = view_layers.make(scene, layer, OTHERS_LAYER, PURPOSE)
    others.use_pass_z = True
    others.samples = 1  # of Cycles, whose depth pass is that of the first sample
    others.cycles.use_denoising = False
    view_layers.drop_gaussians(others)
    phrases += [f"view layer {item.name} added" for item in (splats, others)]
    return phrases + _wire(scene)


def restore(scene: bpy.types.Scene) -> list[str]:
    """Undo :func:`set_up`; return what was changed."""
    tree = compat.compositor_tree(scene)
    phrases = wiring.take_out(tree, PURPOSE, stage.main_sources(scene))
    return phrases + view_layers.remove(scene, PURPOSE)


def _wire(scene: bpy.types.Scene) -> list[str]:
    tree = compat.compositor_tree(scene)
    graph = Graph(tree)
    front, back = (
        wiring.render_layers(scene, tree, item.name, PURPOSE)
        for item in view_layers.of_role(scene, PURPOSE)
    )
    inputs = {
        "Gaussians": Wire(graph, front.outputs["Image"]),
        "Others": Wire(graph, back.outputs["Depth"]),
    }
    node = wiring.add_group(tree, depth_group(scene.unit_settings.scale_length), inputs, PURPOSE)
    _drive_far(scene, node.inputs["Far"])
    return wiring.replace_outputs(tree, stage.main_sources(scene), node)


def _drive_far(scene: bpy.types.Scene, socket: bpy.types.NodeSocket) -> None:
    """Let meshes beyond the clip end count as nothing: up to 5.1 EEVEE's empty depth is there."""
    driver = add_driver(socket, "default_value", f"min(clip * {_CLIP_SHARE}, {_BEYOND})")
    variable = driver.variables.new()
    variable.name = "clip"
    variable.targets[0].id_type = "SCENE"
    variable.targets[0].id = scene
    variable.targets[0].data_path = "camera.data.clip_end"


def depth_group(metres: float) -> bpy.types.NodeTree:
    """Return a new compositor group: expected depth in Blender units and in metres, and a matte.

    Args:
        metres: Length of a Blender unit.

    With w the blending weights of the Gaussians in front of a mesh at Z, the depth is
    sum(w z) + (1 - sum(w)) Z; where no mesh is, sum(w z) / sum(w); where nothing is, 1e10.
    The matte is sum(w), for EEVEE, whose Cryptomatte leaves blended materials out.
    """
    tree = bpy.data.node_groups.new(NAME, "CompositorNodeTree")
    new: Any = tree.interface.new_socket
    new("Gaussians", in_out="INPUT", socket_type="NodeSocketColor")
    new("Others", in_out="INPUT", socket_type="NodeSocketFloat")
    new("Far", in_out="INPUT", socket_type="NodeSocketFloat").default_value = _BEYOND
    for name in ("Depth", "Metres", "Matte"):
        new(name, in_out="OUTPUT", socket_type="NodeSocketFloat")
    graph = Graph(tree)
    image, mesh, limit = (Wire(graph, item) for item in graph.node("NodeGroupInput").outputs[:3])
    channels = graph.node("CompositorNodeSeparateColor", {0: image}).outputs
    weighted = Wire(graph, channels[0]) * DEPTH_UNIT
    weight = Wire(graph, channels[1])
    calculate = graph.calculate
    expected = weighted / calculate("MAXIMUM", weight, _EMPTY)
    through = weighted + (1.0 - weight) * calculate("MINIMUM", mesh, limit)
    nothing_behind = calculate("GREATER_THAN", mesh, limit)
    something = calculate("GREATER_THAN", weight, _EMPTY)
    alone = expected * something + (1.0 - something) * FAR
    depth = alone * nothing_behind + through * (1.0 - nothing_behind)
    graph.node("NodeGroupOutput", {"Depth": depth, "Metres": depth * metres, "Matte": weight})
    graph.arrange()
    return tree
