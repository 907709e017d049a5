"""Our nodes in the compositor tree of a scene: put in place of an output, and taken out again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import bpy

from ..splats.graph import Wire

PURPOSE = "livescape_purpose"
"""Custom property of every node of ours; its value names the set-up that added it."""

_CUT = "livescape_cut"
"""Custom property of a group node: JSON of the links that it replaced."""

_SPACING = 320.0


def render_layers(
    scene: bpy.types.Scene, tree: bpy.types.NodeTree, layer: str, purpose: str
) -> Any:
    """Return a new Render Layers node of ours."""
    node: Any = tree.nodes.new("CompositorNodeRLayers")
    node.scene, node.layer, node.label = scene, layer, layer
    node[PURPOSE] = purpose
    return node


def add_group(
    tree: bpy.types.NodeTree,
    group: bpy.types.NodeTree,
    inputs: Mapping[str, Wire],
    purpose: str,
) -> Any:
    """Return a new node of ours that runs ``group``, its inputs linked by name."""
    node: Any = tree.nodes.new("CompositorNodeGroup")
    node.node_tree, node.label = group, group.name
    node[PURPOSE] = purpose
    for name, wire in inputs.items():
        tree.links.new(wire.socket, node.inputs[name])
    lowest = min((other.location.y for other in tree.nodes if other is not node), default=0.0)
    node.location = (0.0, lowest - _SPACING)
    for row, source in enumerate({wire.socket.node for wire in inputs.values()}):
        source.location = (-_SPACING, node.location.y - row * _SPACING)
    return node


def artist_layers(
    scene: bpy.types.Scene, tree: bpy.types.NodeTree, layer: str
) -> list[bpy.types.Node]:
    """Return the Render Layers nodes of one view layer, without those of our set-ups."""
    return [
        node
        for node in tree.nodes
        if isinstance(node, bpy.types.CompositorNodeRLayers)
        and node.scene == scene
        and node.layer == layer
        and node.get(PURPOSE, STAGE) == STAGE
    ]


STAGE = "stage"
"""Purpose of the nodes that stand in for the artist's where there were none."""


def replace_outputs(
    tree: bpy.types.NodeTree, sources: list[bpy.types.Node], node: bpy.types.Node
) -> list[str]:
    """Feed from ``node`` what the outputs of ``sources`` with the same names fed.

    Returns:
        A phrase for each link.
    """
    cut: list[list[str]] = []
    phrases: list[str] = []
    links = [link for link in tree.links if link.from_node in sources]
    for link in links:
        output: bpy.types.NodeSocket | None = node.outputs.get(link.from_socket.name)
        if output is None or link.to_node.get(PURPOSE, STAGE) != STAGE:
            continue
        target = link.to_socket
        cut.append([link.from_node.name, *_address(target)])
        phrases.append(f"{link.to_node.name} {target.name}: now from {node.label} {output.name}")
        tree.links.new(output, target)
    node[_CUT] = json.dumps(cut)
    return phrases


def used_outputs(tree: bpy.types.NodeTree, sources: list[bpy.types.Node]) -> set[str]:
    """Return the names of the outputs of ``sources`` that something reads."""
    return {link.from_socket.name for link in tree.links if link.from_node in sources}


def take_out(tree: bpy.types.NodeTree, purpose: str, sources: list[bpy.types.Node]) -> list[str]:
    """Remove the nodes of one set-up; what they fed is fed by ``sources`` again.

    Returns:
        A phrase for each link that could not be made again.
    """
    ours = [node for node in tree.nodes if node.get(PURPOSE) == purpose]
    phrases = []
    groups = []
    for node in ours:
        if isinstance(node, bpy.types.CompositorNodeGroup):
            phrases += _relink(tree, node, sources)
            groups.append(node.node_tree)
    for node in ours:
        tree.nodes.remove(node)
    for group in groups:
        if group is not None and group.users == 0:
            bpy.data.node_groups.remove(group)
    return phrases


def _relink(
    tree: bpy.types.NodeTree, node: bpy.types.Node, sources: list[bpy.types.Node]
) -> list[str]:
    before = {(to, socket): name for name, to, socket in json.loads(node.get(_CUT, "[]"))}
    phrases = []
    for link in [link for link in tree.links if link.from_node == node]:
        name = before.get(_address(link.to_socket))
        source = next((item for item in sources if item.name == name), None)
        source = source or next(iter(sources), None)
        output = source.outputs.get(link.from_socket.name) if source else None
        if output is None:
            phrases.append(f"{link.to_node.name} {link.to_socket.name}: no longer fed")
        else:
            tree.links.new(output, link.to_socket)
    return phrases


def _address(socket: bpy.types.NodeSocket) -> tuple[str, str]:
    return socket.node.name, socket.identifier
