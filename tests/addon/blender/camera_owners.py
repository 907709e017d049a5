"""Prepares renders through linked, overridden and local cameras of one name; and instances."""

from pathlib import Path

import bpy
import common
from tests.addon import synthetic

folder = Path(common.arguments()["folder"])
common.enable()
scene = bpy.context.scene
linked_from = folder / "cameras.blend"
item = common.add_camera()
item.data.clip_end = 5.0
bpy.data.libraries.write(str(linked_from), {item}, fake_user=True)
bpy.data.cameras.remove(item.data)  # its object goes too

bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
common.set_render()
played = common.write_scene(synthetic.scene(300, 100))
prepare = common.addon("render_setup.prepare")
with bpy.data.libraries.load(str(linked_from), link=True) as (there, here):
    here.objects = ["Camera"]
linked = here.objects[0]
scene.collection.objects.link(linked)
local = common.add_camera()
local.data.clip_end = 5.0
result = {"names": [linked.name, local.name, linked.data.name, local.data.name]}


def ends():
    return {"linked": linked.data.clip_end, "local": local.data.clip_end}


scene.camera = linked
bpy.ops.livescape.prepare_render()
result["linked"] = [ends(), prepare.out_of_reach(scene)]
scene.camera = local
bpy.ops.livescape.prepare_render()
result["local"] = [ends(), prepare.out_of_reach(scene)]
bpy.ops.livescape.restore_render()
result["restored"] = ends()
overridden = linked.override_create(remap_local_usages=True)
overridden.data.override_create(remap_local_usages=True)
scene.camera = bpy.data.objects[overridden.name, None]
bpy.ops.livescape.prepare_render()
result["overridden"] = [scene.camera.data.clip_end, ends()["local"], prepare.out_of_reach(scene)]

remarks = common.addon("camera.remarks").remarks
inner = bpy.data.collections.new("Place")
inner.objects.link(played)
instance = bpy.data.objects.new("Copy", None)
instance.instance_type, instance.instance_collection = "COLLECTION", inner
scene.collection.objects.link(instance)
bpy.context.view_layer.update()
result["in_place"] = [line for line in remarks(scene) if "instance" in line]
instance.location.x = 2.0
bpy.context.view_layer.update()
result["elsewhere"] = [line for line in remarks(scene) if "instance" in line]

chosen = common.addon("splats.chosen")
local.select_set(True)
chosen.select(scene, played)
result["selected"] = [each.name for each in bpy.context.selected_objects]
result["active"] = bpy.context.view_layer.objects.active.name
common.leave(result)
