"""Chooses photos in every way, and saves the .blend here and there."""

import os
import shutil
from pathlib import Path

import bpy
import common
import numpy as np

given = common.arguments()
folder = Path(given["folder"])
common.enable()
scene = bpy.context.scene
group = scene.livescape
state = bpy.context.window_manager.livescape
paths = common.addon("paths")
looking = common.addon("photo.looking")
missing = common.addon("generate.missing")


def refused(call):
    try:
        call()
    except RuntimeError as error:
        return str(error)
    return ""


def codes():
    return [error.code for error in missing.missing(bpy.context)]


(folder / "a" / "photos").mkdir(parents=True)
(folder / "b" / "deep").mkdir(parents=True)
photo = folder / "a" / "photos" / "lake.png"
common.write_noise(photo)
shutil.copy(photo, folder / "a" / "mask.png")
result = {"at_first": codes()}
result["all_at_once"] = refused(lambda: bpy.ops.livescape.generate())
result["error_code"] = state.error_code
unsaved = bpy.data.images.new("Unsaved", 64, 64)
result["unsaved"] = refused(lambda: bpy.ops.livescape.use_image(image="Unsaved"))
result["no_image"] = refused(lambda: bpy.ops.livescape.use_image(image="Nobody"))

bpy.ops.wm.save_as_mainfile(filepath=str(folder / "a" / "shot.blend"))
bpy.ops.livescape.choose_photo(filepath=str(photo))
result["chosen"] = group.photo
bpy.ops.livescape.choose_photo(filepath=str(photo), relative_path=False)
result["absolute"] = group.photo == str(photo)
result["no_file"] = refused(
    lambda: bpy.ops.livescape.choose_photo(filepath=str(folder / "nowhere.png"))
)
result["kept"] = group.photo == str(photo)

image = bpy.data.images.load(str(photo))
bpy.ops.livescape.use_image(image=image.name)
result["image_with_file"] = group.photo
image.pack()
bpy.ops.livescape.use_image(image=image.name)
result["packed"] = [group.photo, looking.look_at(paths.named_path(group.photo)).size,
                    image.packed_file is not None, image.filepath]  # fmt: skip
painted = bpy.data.images.new("My: painting", 96, 72)
painted.pixels.foreach_set(np.linspace(0, 1, 96 * 72 * 4, dtype=np.float32))
bpy.ops.livescape.use_image(image=painted.name)
result["painted"] = [group.photo, looking.look_at(paths.named_path(group.photo)).size]

group.photo, group.mask_file = "//photos/lake.png", "//mask.png"
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "b" / "deep" / "shot.blend"))
result["moved"] = [
    group.photo,
    group.mask_file,
    paths.named_path(group.photo).samefile(photo),
]
bpy.ops.wm.open_mainfile(filepath=str(folder / "b" / "deep" / "shot.blend"))
group = bpy.context.scene.livescape
result["opened"] = [group.photo, paths.named_path(group.photo).samefile(photo)]
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "a" / "copy.blend"), copy=True)
result["after_a_copy"] = group.photo
bpy.ops.wm.open_mainfile(filepath=str(folder / "a" / "copy.blend"))
group = bpy.context.scene.livescape
result["copy"] = [group.photo, paths.named_path(group.photo).samefile(photo)]
blocked = folder / "blocked"
blocked.mkdir()
(blocked / "there.blend").mkdir()
refused(lambda: bpy.ops.wm.save_as_mainfile(filepath=str(blocked / "there.blend")))
result["after_a_failure"] = group.photo

result["windows"] = {}
for text in ("//photos\\lake.png", "//..\\a\\photos\\lake.png", str(photo).replace("/", "\\")):
    group.photo = text
    result["windows"][text] = paths.named_path(group.photo) == photo or paths.named_path(
        group.photo
    ).samefile(photo)
group.photo = "C:\\Users\\me\\lake.png"
result["drive"] = [str(error) for error in missing.missing(bpy.context) if error.code ==
                   "photo_missing"]  # fmt: skip
group.mask_file, group.flow_file = "D:\\masks\\m.png", "\\\\server\\share\\f.npy"
result["drives"] = [str(error) for error in missing.missing(bpy.context) if error.code ==
                    "input_unreadable"]  # fmt: skip
group.mask_file = group.flow_file = ""
os.environ["HOME"] = str(folder)
result["home"] = paths.named_path("~/a/photos/lake.png") == photo
result["beside"] = []
for text in (
    "//away.png",
    "//photos/away.png",
    "//photos\\away.png",
    str(photo.with_name("away.png")),
):
    group.photo = text
    result["beside"] += [str(error) for error in missing.missing(bpy.context)
                         if error.code == "photo_missing"]  # fmt: skip
group.photo, group.depth_file, group.clip_file = "//photos/lake.png", "//no.npy", "//no.mp4"
result["files"] = [str(error) for error in missing.missing(bpy.context)]
group.photo = "//shot.blend"
group.depth_file = group.clip_file = ""
result["not_a_photo"] = codes()
handler = common.addon("ui.photo_panel").LIVESCAPE_FH_photo
result["drop"] = [handler.bl_import_operator, handler.bl_file_extensions]
common.leave(result)
