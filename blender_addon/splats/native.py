"""Blender's own Gaussian splats, from 5.3 on: the same object, drawn by Blender's rasterizer.

A second node group with the same inputs turns the control points of each quad into one point with
the attributes that Blender reads: ``scale`` (linear), ``rotation``, ``radiance:base`` (SH degree 0
and opacity) and ``radiance:sh_0`` and following. Cache, drivers and modifiers are those of the
billboards, so an object can be switched either way.

Nodes cannot write ``radiance:base`` (four numbers), so opacities cannot fade. Instead each copy of
a moving Gaussian is there or not: it comes and goes in the middle of its fade.
"""

from __future__ import annotations

from typing import cast

import bpy
import numpy as np

from livescape_shared.conventions import linear_to_srgb
from livescape_shared.rendering import SH_C0, SH_COEFFICIENTS

from .. import compat
from . import constants, interface
from .attributes import add_attribute, read_attribute
from .billboard import billboard_group, join_static, moving_quads
from .graph import Graph, Wire
from .material import new_material
from .object import NATIVE, PART, SplatObject
from .opacity import current_window
from .view_color import ATTRIBUTE

NAME = "Livescape Native Splats"

BASE = "radiance:base"
"""POINT FLOAT4 attribute: raw coefficients of degree 0 and opacity 0..1."""

REST = "radiance:sh_"
"""POINT FLOAT_VECTOR attributes ``radiance:sh_0``, ...: coefficients beyond degree 0 (rgb)."""

HALF = 0.49999
"""Window from which on a copy shows: of two that hand over, one shows in the very middle too."""

SMALLEST = 1e-6
"""Scales are kept above this, in Blender units: Blender stores their logarithms."""


def is_native(item: bpy.types.Object) -> bool:
    """Return whether an object of ours is shown as Blender's own splats."""
    nodes = SplatObject(item).nodes
    return nodes is not None and nodes.get(PART) == NATIVE


def show_natively(item: bpy.types.Object) -> None:
    """Show an object of ours, which has its nodes, as Blender's own splats."""
    for mesh in SplatObject(item).meshes:
        add_radiance(mesh)
    material = native_material()
    SplatObject(item).meshes[0].materials.append(material)
    means_alone = SplatObject(item).moving is not None
    _change_group(item, native_group(material, means_alone=means_alone))


def show_as_billboards(item: bpy.types.Object) -> None:
    """Undo :func:`show_natively`."""
    meshes = SplatObject(item).meshes
    degree, means_alone = max(map(_degree, meshes)), SplatObject(item).moving is not None
    _change_group(item, billboard_group(degree, means_alone=means_alone))
    _remove_materials(meshes[0])
    for mesh in meshes:
        for name in [name for name in mesh.attributes.keys() if name.startswith("radiance:")]:
            mesh.attributes.remove(mesh.attributes[name])


def _remove_materials(mesh: bpy.types.Mesh) -> None:
    """Take the material of native splats off ``mesh``."""
    for index in reversed(range(len(mesh.materials))):
        material = mesh.materials[index]
        if material is not None and material.get(PART) == NATIVE:
            mesh.materials.pop(index=index)
            if material.users == 0:
                bpy.data.materials.remove(material)


def native_group(material: bpy.types.Material, *, means_alone: bool = False) -> bpy.types.NodeTree:
    """Return a new geometry node group that takes the inputs of the billboards.

    Args:
        material: Draws the splats.
        means_alone: As :func:`.billboard.billboard_group` takes it.
    """
    tree = cast(bpy.types.GeometryNodeTree, bpy.data.node_groups.new(NAME, "GeometryNodeTree"))
    tree.is_modifier = True
    tree[PART] = NATIVE
    interface.add_interface(tree)
    graph = Graph(tree)
    inputs = graph.node("NodeGroupInput")
    given = {socket.name: Wire(graph, socket) for socket in inputs.outputs if socket.name}
    moving = moving_quads(graph, given, means_alone=means_alone)
    quads = join_static(graph, moving, given[interface.STATIC])
    mean, axes = _axes(graph)
    lengths = [graph.calculate("MAXIMUM", _length(graph, axis), SMALLEST) for axis in axes]
    rotation = graph.wire(
        "FunctionNodeAxesToRotation",
        {"Primary Axis": axes[0], "Secondary Axis": axes[1]},
        primary_axis="X",
        secondary_axis="Y",
    )
    quads = graph.store(quads, "scale", graph.vector(*lengths), "FACE", "FLOAT_VECTOR")
    quads = graph.store(quads, "rotation", rotation, "FACE", "QUATERNION")
    geometry = graph.wire(
        "GeometryNodeMeshToPoints",
        {"Mesh": quads, "Selection": _is_shown(graph, given), "Position": mean},
        mode="FACES",
    )
    if compat.HAS_NATIVE_SPLATS:
        node = graph.node("GeometryNodePointsSetType", {"Points": geometry})
        compat.set_splat_type(node)
        geometry = Wire(graph, node.outputs[0])
    geometry = graph.wire("GeometryNodeSetMaterial", {"Geometry": geometry, "Material": material})
    graph.node("NodeGroupOutput", {"Geometry": geometry})
    graph.arrange()
    return tree


def add_radiance(mesh: bpy.types.Mesh) -> None:
    """Give a mesh of quads the radiance of each as Blender's splats store it."""
    rgba = read_attribute(mesh, constants.RGBA, "color", 4)
    base = np.concatenate([(linear_to_srgb(rgba[:, :3]) - 0.5) / SH_C0, rgba[:, 3:]], axis=1)
    add_attribute(mesh, BASE, "FLOAT4", "FACE", "vector", base)
    for index in range(SH_COEFFICIENTS[_degree(mesh)]):
        coefficient = read_attribute(mesh, f"{ATTRIBUTE}{index + 1}", "vector", 3)
        add_attribute(mesh, f"{REST}{index}", "FLOAT_VECTOR", "FACE", "vector", coefficient)


def native_material() -> bpy.types.Material:
    """Return a new material that emits what the splats hold, as Blender's default one does."""
    material, graph = new_material(NAME, NATIVE)
    radiance = graph.node(
        "ShaderNodeAttribute", attribute_type="GEOMETRY", attribute_name="radiance"
    )
    emission = graph.wire("ShaderNodeEmission", {"Color": Wire(graph, radiance.outputs["Color"])})
    graph.node("ShaderNodeOutputMaterial", {"Surface": emission})
    graph.arrange()
    return material


def _axes(graph: Graph) -> tuple[Wire, list[Wire]]:
    """Return mean and scaled axes of each face as fields."""
    position = graph.wire("GeometryNodeInputPosition")
    first_vertex = graph.integer("MULTIPLY", graph.wire("GeometryNodeInputIndex"), 4)
    mean, *ends = (
        graph.at_index(position, graph.integer("ADD", first_vertex, corner)) for corner in range(4)
    )
    return mean, [end - mean for end in ends]


def _length(graph: Graph, vector: Wire) -> Wire:
    node = graph.node("ShaderNodeVectorMath", {0: vector}, operation="LENGTH")
    return Wire(graph, node.outputs["Value"])


def _is_shown(graph: Graph, given: dict[str, Wire]) -> Wire:
    """Return a field: the copies of which at least half is there."""
    return graph.calculate("GREATER_THAN", current_window(graph, given), HALF)


def _degree(mesh: bpy.types.Mesh) -> int:
    count = sum(name.startswith(ATTRIBUTE) for name in mesh.attributes.keys())
    return SH_COEFFICIENTS.index(count)


def _change_group(item: bpy.types.Object, tree: bpy.types.NodeTree) -> None:
    """Give the modifier another group of the same inputs, whose values stay."""
    modifier, old = SplatObject(item).nodes_modifier, SplatObject(item).nodes
    if modifier is None or old is None:
        return
    values = {
        identifier: compat.modifier_input(modifier, identifier)
        for identifier in interface.value_inputs(old)
    }
    modifier.node_group = tree
    for identifier, value in values.items():
        compat.set_modifier_input(modifier, identifier, value)
    if old.users == 0:  # a duplicate may show it too
        bpy.data.node_groups.remove(old)
    item.update_tag()
