"""Renames everything of ours and gives its names to blocks of the artist and of a library."""

from pathlib import Path

import bpy
import common
from tests.addon import synthetic

common.enable()
folder = Path(common.arguments()["folder"])
objects = common.addon("splats.object")
prepare = common.addon("render_setup.prepare")
setups = common.addon("compositing.setups")
made = synthetic.scene(static=200, pairs=50)
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "asset.blend"))
common.write_scene(made)
bpy.ops.wm.save_mainfile()
common.enable()
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
scene = bpy.context.scene
common.add_camera()
common.set_render(64, 36)
with bpy.data.libraries.load(str(folder / "asset.blend"), link=True) as (_, into):
    into.materials = ["Livescape Gaussians", "Livescape Viewport"]
    into.node_groups = ["Livescape Billboards"]
item = common.write_scene(made)
item.name = "Waterfall"
played = objects.SplatObject(item)
mesh_names = ["Livescape Gaussians", "Livescape Viewport"]
theirs = []
for material, name in zip(list(item.data.materials), mesh_names, strict=True):
    material.name = f"{name} of the artist's liking"
    other = bpy.data.materials.new(name)
    other.surface_render_method = "DITHERED"
    theirs.append(other)
nodes = played.nodes
nodes.name = "Quads"
other_nodes = bpy.data.node_groups.new("Livescape Billboards", "GeometryNodeTree")
native_name = bpy.data.node_groups.new("Livescape Native Splats", "GeometryNodeTree")
for block in (*theirs, other_nodes, native_name):
    block.use_fake_user = True
user = bpy.data.objects.new("User of the linked", bpy.data.meshes.new("User of the linked"))
scene.collection.objects.link(user)
for material in into.materials:
    user.data.materials.append(material)
user.modifiers.new("Linked", "NODES").node_group = into.node_groups[0]
names = [block.name for block in (*theirs, other_nodes, native_name)]
item.modifiers["Livescape Cache"].name = "Motion"
item.modifiers["Livescape Billboards"].name = "Draw"
extra = item.modifiers.new("Livescape Billboards", "NODES")
extra.node_group = other_nodes
extra.show_render = extra.show_viewport = False
extra_cache = item.modifiers.new("Artist's Cache", "MESH_CACHE")
extra_cache.filepath = "//nowhere.pc2"
extra_cache.show_render = extra_cache.show_viewport = False
item.data.materials[0].surface_render_method = "DITHERED"
bpy.ops.wm.save_mainfile()
bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
scene, item = bpy.context.scene, bpy.data.objects["Waterfall"]
played = objects.SplatObject(item)
found = {
    "nodes": played.nodes.name,
    "cache": played.cache_modifier.name,
    "native": common.addon("splats.native").is_native(item),
    "problem": str(common.addon("cache.check").cache_problem(played)),
}
scene.render.engine = common.addon("compat").eevee_engine()
prepare.prepare(scene)
bpy.context.view_layer.update()
found["prepared"] = [
    played.material.surface_render_method,
    played.are_faces_sorted,
    [bpy.data.materials[name, None].surface_render_method for name in mesh_names],
]
prepare.restore(scene)
found["restored"] = played.material.surface_render_method
setups.set_up(scene, bpy.context.view_layer, "srgb")
bpy.context.scene.view_layers[0].name = "Beauty"
found["set up"] = setups.is_active(scene, "srgb")
other_layer = scene.view_layers.new("ViewLayer")
setups.restore(scene, "srgb")
found["layers"] = sorted(layer.name for layer in scene.view_layers)
bpy.context.view_layer.objects.active = item
bpy.ops.livescape.rebuild()
played = objects.SplatObject(item)
found["rebuilt"] = [
    sorted(modifier.name for modifier in item.modifiers),
    str(common.addon("cache.check").cache_problem(played)),
    len(item.animation_data.drivers),
]
found["theirs are there"] = [
    name in [block.name for block in (*bpy.data.materials, *bpy.data.node_groups)] for name in names
]
found["linked are there"] = sum(
    block.library is not None for block in (*bpy.data.materials, *bpy.data.node_groups)
)
common.leave(found)
