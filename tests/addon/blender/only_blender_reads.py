"""Writes pictures of kinds that only Blender reads, and hands them over as the add-on does."""

import struct
from pathlib import Path

import bpy
import common
import numpy as np

common.enable()
folder = Path(common.arguments()["folder"])
scene = bpy.context.scene
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
scene.view_settings.view_transform = "Standard"
shown = np.load(common.arguments()["picture"])
height, width = shown.shape[:2]
image = bpy.data.images.new("Picture", width, height)
pixels = np.ones((height, width, 4), np.float32)
pixels[..., :3] = shown[::-1]
image.pixels.foreach_set(pixels.ravel())
files = {}
for kind, suffix in (("DPX", "dpx"), ("CINEON", "cin"), ("PNG", "png")):
    scene.render.image_settings.file_format = kind
    files[suffix] = folder / f"picture.{suffix}"
    image.save_render(str(files[suffix]), scene=scene)
files["psd"] = folder / "picture.psd"
head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, height, width, 8, 3) + bytes(12) + bytes(2)
planes = np.round(shown * 255).astype(np.uint8).transpose(2, 0, 1)
files["psd"].write_bytes(head + planes.tobytes())
files["broken"] = folder / "broken.dpx"
files["broken"].write_bytes(b"SDPX" + bytes(50))

group = common.addon("properties").settings_of(scene)
build = common.addon("generate.request_files").build_request
common.add_camera()
read = common.addon("camera.path").read_camera_path
result, images = {}, len(bpy.data.images)
for name, path in files.items():
    group.photo = str(path)
    try:
        request = build(group, read(bpy.context, 1))
    except common.shared("errors").LivescapeError as error:
        result[name] = error.code
        continue
    (folder / f"{name}.sent").write_bytes(request.photo)
    result[name] = str(folder / f"{name}.sent")
group.photo, group.mask_file = str(files["png"]), str(files["psd"])
request = build(group, read(bpy.context, 1))
result["mask"] = request.mask[:4].hex()
result["images left"] = len(bpy.data.images) - images
common.leave(result)
