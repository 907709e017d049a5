"""A compositor tree of our own where the artist has none in use.

From 5.0 a scene points to its tree: ours takes the place of one that is switched off. Up to 4.5 a
scene owns its tree: the nodes of one that is switched off stay in it, cut off and muted.
"""

from __future__ import annotations

import json
from typing import Any

import bpy

from .. import compat
from . import wiring

NAME = "Livescape Compositing"

_BEFORE = "livescape_compositor_before"
"""Custom property of the scene: the tree that ours replaces, or JSON of what was cut off."""

_WRITERS = ("CompositorNodeOutputFile", "CompositorNodeViewer")


def open_tree(scene: bpy.types.Scene, layer: str) -> list[str]:
    """Give ``scene`` a tree that passes ``layer`` through; return what was done."""
    idle = compat.compositor_tree(scene)
    if idle is None or not idle.nodes or compat.HAS_COMPOSITOR_GROUP:
        if idle is not None and compat.HAS_COMPOSITOR_GROUP:
            scene[_BEFORE] = idle
        tree = compat.add_compositor_tree(scene, NAME)
        phrases = ["compositor nodes: own ones, in use"]
    else:
        tree = idle
        scene[_BEFORE] = json.dumps({"use_nodes": scene.use_nodes, **_cut_off(tree)})
        scene.use_nodes = True
        phrases = ["compositor nodes: switched on, the idle ones cut off and muted"]
    _pass_through(scene, tree, layer)
    return phrases


def close_tree(scene: bpy.types.Scene) -> list[str]:
    """Undo :func:`open_tree`, unless the artist has added nodes; return what was done."""
    tree = compat.compositor_tree(scene)
    stand_ins = [node for node in tree.nodes if node.get(wiring.PURPOSE) == wiring.STAGE]
    before = scene.pop(_BEFORE, None)
    idle = json.loads(before) if isinstance(before, str) else None
    known = {node.name for node in stand_ins} | set(idle["nodes"] if idle else ())
    if not stand_ins:
        return []
    if any(node.name not in known for node in tree.nodes):
        return ["compositor nodes: kept, there are new ones"]
    for node in stand_ins:
        tree.nodes.remove(node)
    if compat.HAS_COMPOSITOR_GROUP:
        compat.use_compositor_group(scene, before)
        bpy.data.node_groups.remove(tree)
    else:
        scene.use_nodes = idle["use_nodes"] if idle else False
        if idle:
            _join_again(tree, idle)
    return ["compositor nodes: as before"]


def _pass_through(scene: bpy.types.Scene, tree: bpy.types.NodeTree, layer: str) -> None:
    source = wiring.render_layers(scene, tree, layer, wiring.STAGE)
    kind = compat.compositor_output_type()
    output = next((node for node in tree.nodes if node.bl_idname == kind), None)
    if output is None:
        output = tree.nodes.new(kind)
        output[wiring.PURPOSE] = wiring.STAGE
        output.location = (400.0, 0.0)
    tree.links.new(source.outputs["Image"], output.inputs[0])


def _cut_off(tree: bpy.types.NodeTree) -> dict[str, Any]:
    """Mute what writes files and unlink the output; return how to undo it."""
    silenced = [node for node in tree.nodes if node.bl_idname in _WRITERS and not node.mute]
    for node in silenced:
        node.mute = True
    kind = compat.compositor_output_type()
    return {
        "nodes": [node.name for node in tree.nodes],
        "silenced": [node.name for node in silenced],
        "links": [
            [link.from_node.name, link.from_socket.identifier, link.to_node.name]
            for link in tree.links
            if link.to_node.bl_idname == kind
        ],
    }


def _join_again(tree: bpy.types.NodeTree, idle: dict[str, Any]) -> None:
    for name in idle["silenced"]:
        if name in tree.nodes:
            tree.nodes[name].mute = False
    for source, identifier, output in idle["links"]:
        if source in tree.nodes and output in tree.nodes:
            sockets = {socket.identifier: socket for socket in tree.nodes[source].outputs}
            tree.links.new(sockets[identifier], tree.nodes[output].inputs[0])
