"""Renders a generated scene, built anew by this Blender, from three cameras in mid loop."""

from __future__ import annotations

from pathlib import Path

import bpy
import common
from mathutils import Euler, Matrix

given = common.arguments()
folder = Path(given["folder"])
bpy.ops.preferences.addon_enable(module=common.MODULE)
bpy.ops.wm.open_mainfile(filepath=given["blend"])
bpy.ops.livescape.rebuild()
scene = bpy.context.scene
item = next(each for each in scene.objects if "livescape_name" in each)
middle = int(item["livescape_start"] + item["livescape_loop"] // 2)


def standing_camera(name: str, frame: int) -> bpy.types.Object:
    """Return a camera that stays as the shot's is at ``frame``."""
    scene.frame_set(frame)
    now = scene.camera.evaluated_get(bpy.context.evaluated_depsgraph_get())
    data = bpy.data.cameras.new(name)
    for attribute in ("lens", "sensor_width", "sensor_fit", "shift_x", "shift_y", "clip_end"):
        setattr(data, attribute, getattr(now.data, attribute))
    camera = bpy.data.objects.new(name, data)
    camera.matrix_world = now.matrix_world
    scene.collection.objects.link(camera)
    return camera


def cameras() -> list[bpy.types.Object]:
    """Return the photo's camera, the shot's last, and one that leaves the path."""
    reference = standing_camera("reference", scene.frame_start)
    last = standing_camera("end of the shot", scene.frame_end)
    aside = standing_camera("aside", scene.frame_start)
    turn = Euler((0.02, -0.08, 0.03)).to_matrix().to_4x4()
    aside.matrix_world = reference.matrix_world @ Matrix.Translation((-0.3, 0.15, 0.2)) @ turn
    aside.data.lens *= 1.3
    aside.data.shift_x = 0.06
    return [reference, last, aside]


def render_srgb(path: Path) -> str:
    """Render through the compositing that blends sRGB numbers."""
    setups = common.addon("compositing.setups")
    setups.set_up(scene, bpy.context.view_layer, "srgb")
    image = common.render(path)
    setups.restore(scene, "srgb")
    return image


shots = []
for index, camera in enumerate(cameras()):
    scene.camera = camera
    scene.frame_set(middle)
    read = common.addon("camera.path").read_camera
    described = read(scene, bpy.context.evaluated_depsgraph_get()).to_dict()
    images, srgb_images = {}, {}
    for engine in common.ENGINES:
        common.choose_engine(engine)
        common.addon("render_setup.prepare").prepare(scene)
        images[engine] = common.render(folder / f"{index}_{engine}")
        if index == 0:
            srgb_images[engine] = render_srgb(folder / f"{index}_{engine}_srgb")
    shots.append(
        {
            "camera": camera.name,
            "described": described,
            "images": images,
            "srgb_images": srgb_images,
        }
    )
common.leave({"shots": shots, "frame": middle})
