"""Switches an object to Blender's own splats and back, as far as this Blender can."""

from pathlib import Path

import bpy
import common
import numpy as np
from tests.addon import synthetic

common.enable()
folder = Path(common.arguments()["folder"])
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
scene = bpy.context.scene
common.add_camera()
common.set_render(160, 90)
native = common.addon("splats.native")
result = {
    "available": common.addon("compat").HAS_NATIVE_SPLATS,
    "can build": bpy.app.version >= (5, 2, 0),
}
bpy.ops.livescape.import_splats(filepath=common.arguments()["colored"], axes="z_up")
imported = bpy.context.active_object
item = common.write_scene(synthetic.scene(static=300, pairs=100))
result["operator"] = bool(bpy.ops.livescape.switch_native.poll())


def points(owner, frame):
    """Return the attributes of the point cloud that ``owner`` shows at ``frame``."""
    scene.frame_set(frame)
    evaluated = owner.evaluated_get(bpy.context.evaluated_depsgraph_get())
    geometry = evaluated.evaluated_geometry()  # owns the cloud
    cloud = geometry.pointcloud
    kinds = {"FLOAT_VECTOR": ("vector", 3), "QUATERNION": ("value", 4), "FLOAT4": ("vector", 4)}
    values = {}
    for attribute in cloud.attributes:
        if attribute.name.startswith(("position", "scale", "rotation", "radiance")):
            key, width = kinds[attribute.data_type]
            array = np.empty(len(cloud.points) * width, np.float32)
            attribute.data.foreach_get(key, array)
            values[attribute.name.replace(":", "__")] = array.reshape(-1, width)
    return values


if result["can build"]:
    scene.frame_set(9)
    result["before"] = common.render(folder / "before")
    blocks = [len(bpy.data.node_groups), len(bpy.data.materials), len(item.data.attributes)]
    for owner in (item, imported):
        native.show_natively(owner)
    result["is native"] = [native.is_native(item), native.is_native(imported)]
    for frame in (5, 9, 16):
        np.savez(folder / f"moving_{frame}.npz", **points(item, frame))
    np.savez(folder / "imported.npz", **points(imported, 9))
    for owner in (item, imported):
        native.show_as_billboards(owner)
    result["blocks"] = [
        blocks,
        [len(bpy.data.node_groups), len(bpy.data.materials), len(item.data.attributes)],
    ]
    scene.frame_set(9)
    result["after"] = common.render(folder / "after")
    native.show_natively(item)
    common.addon("generate.place").restore_object(scene, "Livescape")
    result["rebuilt"] = [
        native.is_native(item),
        len(bpy.data.node_groups) - blocks[0],
        len(bpy.data.materials) - blocks[1],
    ]
common.leave(result)
