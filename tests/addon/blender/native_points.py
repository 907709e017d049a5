"""Makes points of moving splats, converts them, and renders under a keyed camera."""

from pathlib import Path

import bpy
import common
import numpy as np
import stage

common.enable()
given = common.arguments()
folder = Path(given["folder"])
scene = bpy.context.scene
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
result = {"can hold": bpy.app.version >= (5, 2, 0)}
if not result["can hold"]:
    common.leave(result)
scene.frame_start, scene.frame_end = 3, 6
frames = np.load(given["frames"])
WIDTHS = {"FLOAT_VECTOR": 3, "QUATERNION": 4, "FLOAT4": 4}


def filled(cloud, values):
    """Fill a point cloud with a frame's attributes."""
    kinds = {"scale": "FLOAT_VECTOR", "rotation": "QUATERNION", "radiance:base": "FLOAT4"}
    kinds |= {f"radiance:sh_{k}": "FLOAT_VECTOR" for k in range(8)}
    cloud.resize(len(values["position"]))
    cloud.attributes["position"].data.foreach_set("vector", values["position"].ravel())
    for name, kind in kinds.items():
        found = cloud.attributes.get(name) or cloud.attributes.new(name, kind, "POINT")
        key = "value" if kind == "QUATERNION" else "vector"
        found.data.foreach_set(key, np.ascontiguousarray(values[name]).ravel())


def at(index):
    return {key.split("|")[1]: frames[key] for key in frames.files if key.startswith(f"{index}|")}


clouds = []
for index in range(4):
    clouds.append(bpy.data.pointclouds.new(f"Frame {index}"))
    filled(clouds[-1], at(index))
source = bpy.data.objects.new("Wave", clouds[0])
scene.collection.objects.link(source)
source.location, source.rotation_euler = (0.1, 0.2, -0.1), (0.0, 0.0, 0.1)


def played(scene, _depsgraph=None):
    """Play another cloud in every frame, as add-ons for moving splats do."""
    source.data = clouds[min(max(scene.frame_current - 3, 0), 3)]


bpy.app.handlers.frame_change_pre.append(played)
camera = common.add_camera()
camera.keyframe_insert("location", frame=3)
camera.location = (0.4, 0.1, 0.2)
camera.keyframe_insert("location", frame=6)
common.set_render(160, 90)
stage.use_engine(given["engine"])
common.addon("render_setup.prepare").prepare(scene)
bpy.context.view_layer.objects.active = source
result["poll"] = bool(bpy.ops.livescape.convert_points.poll())
scene.frame_set(4)
bpy.ops.livescape.convert_points()
result["note"] = bpy.context.window_manager.livescape.note
result["frame"] = scene.frame_current
item = bpy.context.active_object
result["ours"] = common.addon("splats.object").is_ours(item)
result["hidden"] = [source.hide_render, item.hide_render]
bpy.app.handlers.frame_change_pre.remove(played)
for frame, sub_frame in ((3, 0.0), (4, 0.0), (4, 0.5), (6, 0.0)):
    scene.frame_set(frame, subframe=sub_frame)
    name = f"{frame + sub_frame:g}"
    result[f"image {name}"] = common.render(folder / f"native{10 * float(name):.0f}")
    result[f"camera {name}"] = common.current_camera()
result["place"] = [list(row) for row in item.matrix_world]
count = len(bpy.data.objects)
plain = bpy.data.objects.new("Plain", bpy.data.pointclouds.new("Plain"))
plain.data.resize(3)
scene.collection.objects.link(plain)
bpy.context.view_layer.objects.active = plain
result["plain polls"] = bool(bpy.ops.livescape.convert_points.poll())
plain.data.attributes.new("radiance:base", "FLOAT4", "POINT")
try:
    bpy.ops.livescape.convert_points()
except RuntimeError as error:
    result["plain"] = str(error)
result["left"] = [len(bpy.data.objects) - count - 1, len(list((folder / "livescape").iterdir()))]
common.leave(result)
