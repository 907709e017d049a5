"""Collects a shot: a still and a moving object, a texture beside the file, a camera that moves."""

import shutil
from pathlib import Path

import bpy
import common
from tests.addon import synthetic

common.enable()
given = common.arguments()
folder = Path(given["folder"])
scene = bpy.context.scene
result = {}


def collected(place):
    """Return the sentence of a refusal, or nothing."""
    try:
        bpy.ops.livescape.collect_for_farm(directory=str(place))
    except RuntimeError as error:
        return str(error)
    return ""


result["unsaved"] = collected(folder / "unsaved")
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
result["empty"] = collected(folder / "empty")
item = common.write_scene(synthetic.scene(static=300, pairs=80))
noise = bpy.data.images.load(common.write_noise(folder / "noise.png"))
noise.use_fake_user = True
bpy.ops.wm.save_mainfile()
noise.filepath = bpy.path.relpath(noise.filepath)
scene.frame_start, scene.frame_end = 5, 9
common.add_camera()
common.set_render(96, 54)
common.addon("render_setup.prepare").prepare(scene)
scene.frame_set(7)
result["image"] = common.render(folder / "here")
bpy.ops.wm.save_mainfile()
result["frame"] = scene.frame_current
(folder / "full").mkdir()
(folder / "full" / "mine.txt").write_text("mine")
result["full"] = collected(folder / "full")
result["whole"] = collected(folder / "farm")
result["again"] = collected(folder / "farm")
result["still ours"] = [bpy.data.filepath, scene.frame_current, noise.packed_file is None]
shutil.rmtree(folder / "livescape")
result["lost"] = collected(folder / "lost")
common.leave(result)
