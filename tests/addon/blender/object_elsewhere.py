"""Opens the shot in a Blender, unless told otherwise without the add-on, and renders frames."""

from pathlib import Path

import bpy
import common

given = common.arguments()
if given.get("addon"):
    common.enable()
else:
    bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.wm.open_mainfile(filepath=given["blend"])
images = {}
for frame in given["frames"]:
    bpy.context.scene.frame_set(frame)
    images[frame] = common.render(Path(given["folder"]) / f"elsewhere_{frame}")
common.leave(
    {
        "images": images,
        "has_addon": hasattr(bpy.types.Scene, "livescape"),
        "autorun": bpy.context.preferences.filepaths.use_scripts_auto_execute,
    }
)
