"""Generates with the server that the add-on starts itself, from a real photo, and renders."""

import json
import os
from pathlib import Path

import bpy
import common

given = common.arguments()
root = Path(given["folder"])
common.enable()
scene = bpy.context.scene
common.add_camera(lens=35.0)
common.set_render(160, 106)
scene.frame_start, scene.frame_end = 1, 4
scene.camera.keyframe_insert("location", frame=1)
scene.camera.location = (0.1, 0.1, 0.0)
scene.camera.keyframe_insert("location", frame=4)
bpy.ops.wm.save_as_mainfile(filepath=str(root / "shot.blend"))
group = scene.livescape
group.photo = given["photo"]
group.preset = "draft"
for name, value in given["settings"].items():
    setattr(group, name, value)
scene.livescape.show_early = False
said = vars(common.addon("generate.needs").needed(scene))
outcome = sorted(bpy.ops.livescape.generate())
note = bpy.context.window_manager.livescape.note
bpy.ops.livescape.prepare_render()
scene.frame_set(1)
image = common.render(root / "first")
played = common.addon("splats.object").SplatObject(scene.objects["Livescape"])
state_dir = Path(os.environ["LIVESCAPE_STATE_DIR"])
connection = json.loads((state_dir / "server" / "server.json").read_text())
common.leave(
    {
        "outcome": outcome,
        "said": said,
        "cache": str(common.addon("cache.cache_folder").played_folder(played)),
        "note": note,
        "image": image,
        "camera": common.current_camera(),
        "server_pid": connection["pid"],
    }
)
