"""Opens a collected shot where the original is not, without the add-on, and renders it."""

from pathlib import Path

import bpy
import common

given = common.arguments()
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.wm.open_mainfile(filepath=given["blend"])
bpy.context.scene.frame_set(7)
images = [image for image in bpy.data.images if image.name.startswith("noise")]
common.leave({
    "image": common.render(Path(given["folder"]) / "there"),
    "packed": [image.packed_file is not None for image in images],
    "addon": hasattr(bpy.types.Scene, "livescape"),
})  # fmt: skip
