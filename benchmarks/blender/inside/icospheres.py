"""Renders Gaussians as other add-ons do: an icosphere each, instanced or realised.

The material is theirs too: emission mixed over transparency by opacity times the cosine between
normal and view. One node group serves both kinds.
"""

from __future__ import annotations

import time
from pathlib import Path

import bpy
import common
import numpy as np

SIGMAS = 3.0
"""Radius of a sphere; the best of 2, 2.5 and 3, each with and without the cosine."""

SUBDIVISIONS = 2
given = common.arguments()
realised = given["kind"] == "realised"


def points_object(gaussians: dict[str, np.ndarray]) -> bpy.types.Object:
    """Return a mesh of vertices that carry rotation, scale and colour with opacity."""
    mesh = bpy.data.meshes.new("Points")
    mesh.vertices.add(len(gaussians["means"]))
    mesh.vertices.foreach_set("co", gaussians["means"].ravel())
    rgba = np.concatenate([gaussians["linear"], gaussians["opacities"][:, None]], axis=1)
    for name, kind, key, values in (
        ("turn", "QUATERNION", "value", gaussians["quats"]),
        ("size", "FLOAT_VECTOR", "vector", gaussians["scales"] * SIGMAS),
        ("rgba", "FLOAT_COLOR", "color", rgba),
    ):
        attribute = mesh.attributes.new(name, kind, "POINT")
        attribute.data.foreach_set(key, np.ascontiguousarray(values, np.float32).ravel())
    item = bpy.data.objects.new("Icospheres", mesh)
    bpy.context.scene.collection.objects.link(item)
    return item


def sphere_material() -> bpy.types.Material:
    """Return the material; the attribute sits on the instance or, realised, on the mesh."""
    material = bpy.data.materials.new("Icosphere")
    material.use_nodes = True
    material.surface_render_method = "BLENDED"
    tree = material.node_tree
    tree.nodes.clear()
    new, link = tree.nodes.new, tree.links.new
    attribute, view = new("ShaderNodeAttribute"), new("ShaderNodeNewGeometry")
    attribute.attribute_name = "rgba"
    attribute.attribute_type = "GEOMETRY" if realised else "INSTANCER"
    cosine, size, alpha = new("ShaderNodeVectorMath"), new("ShaderNodeMath"), new("ShaderNodeMath")
    cosine.operation, size.operation, alpha.operation = "DOT_PRODUCT", "ABSOLUTE", "MULTIPLY"
    link(view.outputs["Normal"], cosine.inputs[0])
    link(view.outputs["Incoming"], cosine.inputs[1])
    link(cosine.outputs["Value"], size.inputs[0])
    link(size.outputs[0], alpha.inputs[0])
    link(attribute.outputs["Alpha"], alpha.inputs[1])
    emission, mix = new("ShaderNodeEmission"), new("ShaderNodeMixShader")
    link(attribute.outputs["Color"], emission.inputs["Color"])
    link(alpha.outputs[0], mix.inputs[0])
    link(new("ShaderNodeBsdfTransparent").outputs[0], mix.inputs[1])
    link(emission.outputs[0], mix.inputs[2])
    link(mix.outputs[0], new("ShaderNodeOutputMaterial").inputs["Surface"])
    return material


def sphere_group(material: bpy.types.Material) -> bpy.types.NodeTree:
    """Return the node group that puts a sphere on every point."""
    tree = bpy.data.node_groups.new("Icospheres", "GeometryNodeTree")
    tree.is_modifier = True
    for direction in ("INPUT", "OUTPUT"):
        tree.interface.new_socket("Geometry", in_out=direction, socket_type="NodeSocketGeometry")
    new, link = tree.nodes.new, tree.links.new
    sphere, place = new("GeometryNodeMeshIcoSphere"), new("GeometryNodeInstanceOnPoints")
    smooth = new("GeometryNodeSetShadeSmooth")
    sphere.inputs["Subdivisions"].default_value = SUBDIVISIONS
    link(sphere.outputs[0], smooth.inputs[0])
    link(new("NodeGroupInput").outputs[0], place.inputs["Points"])
    link(smooth.outputs[0], place.inputs["Instance"])
    for name, kind, target in (("turn", "QUATERNION", "Rotation"),
                               ("size", "FLOAT_VECTOR", "Scale")):  # fmt: skip
        read = new("GeometryNodeInputNamedAttribute")
        read.data_type = kind
        read.inputs["Name"].default_value = name
        link(read.outputs["Attribute"], place.inputs[target])
    done = place
    if realised:
        done = new("GeometryNodeRealizeInstances")
        link(place.outputs[0], done.inputs[0])
    dress = new("GeometryNodeSetMaterial")
    dress.inputs["Material"].default_value = material
    link(done.outputs[0], dress.inputs["Geometry"])
    link(dress.outputs[0], new("NodeGroupOutput").inputs[0])
    return tree


bpy.ops.wm.open_mainfile(filepath=given["blend"])
scene = bpy.context.scene
for item in [each for each in scene.objects if each.type == "MESH"]:
    bpy.data.objects.remove(item)
scene.frame_set(scene.frame_start)
common.choose_engine("cycles")
common.exact_cycles()
common.warm_up()
splats = points_object(dict(np.load(given["gaussians"])))
splats.modifiers.new("Spheres", "NODES").node_group = sphere_group(sphere_material())
started, used = time.perf_counter(), time.process_time()
image = common.render(Path(given["folder"]) / f"icospheres_{given['kind']}")
common.leave(
    {
        "image": image,
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - used,
        "peak_mb": common.peak_mb(),
    }
)
