"""Exports a moving camera in every kind and imports it again, elsewhere and scaled."""

from pathlib import Path

import bpy
import common

given = common.arguments()
folder = Path(given["folder"])
common.enable()
scene = bpy.context.scene
read = common.addon("camera.path").read_camera_path
KINDS = {"json": "way.json", "nerfstudio": "transforms.json", "colmap": "model", "npz": "way.npz"}


def path_of_scene():
    return read(bpy.context, scene.frame_start).to_dict()["frames"]


def animated():
    item = common.add_camera(location=(1.0, 2.0, 3.0), rotation=(1.2, 0.3, -0.5))
    common.set_render(320, 180)
    scene.frame_start, scene.frame_end = 5, 24
    item.data.shift_x, item.data.shift_y = 0.1, -0.05
    for frame, x, turn, lens in ((5, 0.0, -3.0, 30.0), (24, 4.0, 3.4, 60.0)):
        item.location.x, item.rotation_euler.z, item.data.lens = x, turn, lens
        item.keyframe_insert("location", frame=frame)
        item.keyframe_insert("rotation_euler", frame=frame)
        item.data.keyframe_insert("lens", frame=frame)
    return item


def refused(path, act=bpy.ops.livescape.import_cameras):
    try:
        act(filepath=str(path))
    except RuntimeError as error:
        return str(error)
    return ""


animated()
wanted = path_of_scene()
result = {"wanted": wanted, "found": {}}
for kind, name in KINDS.items():
    bpy.ops.livescape.export_camera_path(filepath=str(folder / name), kind=kind)
    scene.frame_start, scene.frame_end = 1, 250
    scene.render.resolution_x = 999
    path = folder / name
    bpy.ops.livescape.import_cameras(filepath=str(path / "images.txt" if path.is_dir() else path))
    result["found"][kind] = {
        "path": path_of_scene(), "name": scene.camera.name,
        "keys": len(next(iter(common.addon("camera.keys").curves_of(
            scene.camera, ("location",)))).keyframe_points),
    }  # fmt: skip
scene.unit_settings.scale_length = 0.01
bpy.ops.livescape.import_cameras(filepath=str(folder / KINDS["npz"]), scale=2.0)
result["units"] = path_of_scene()
scene.unit_settings.scale_length = 1.0
scene.camera = common.add_camera(location=(10.0, 0.0, 1.0), rotation=(1.5, 0.0, 1.0))
bpy.context.view_layer.update()
here = common.current_camera()
bpy.ops.livescape.import_cameras(filepath=str(folder / KINDS["npz"]), place="CAMERA")
result["at_camera"] = [here, path_of_scene()]
bpy.ops.livescape.import_cameras(filepath=str(folder / KINDS["npz"]), place="Y_DOWN")
result["y_down"] = path_of_scene()
(folder / "wrong.json").write_text("{}")
count = len(bpy.data.objects)
result["refused"] = [refused(folder / "wrong.json"), len(bpy.data.objects) - count]
export = bpy.ops.livescape.export_camera_path
result["nameless"] = [refused(path, export) for path in ("/", "//", ".", "..")]
export(filepath=str(folder / "take.v2"))
result["exported"] = sorted(path.name for path in folder.glob("take*"))
common.leave(result)
