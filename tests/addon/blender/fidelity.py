"""Renders a synthetic scene at several times, from several cameras, with the object moved."""

from pathlib import Path

import bpy
import common
from mathutils import Euler, Matrix
from tests.addon import synthetic

common.enable()
folder = Path(common.arguments()["folder"])
scene = bpy.context.scene
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
item = common.write_scene(synthetic.scene())
camera = common.add_camera()
camera.data.keyframe_insert("lens", frame=1)
camera.data.lens = 45.0
camera.data.keyframe_insert("lens", frame=30)
common.set_render()
changes = [str(change) for change in common.addon("render_setup.prepare").prepare(scene)]
shots = []


def shoot(name, frame, subframe=0.0):
    scene.frame_set(frame, subframe=subframe)
    image = common.render(folder / name)
    shots.append(
        {
            "name": name,
            "frame": frame + subframe,
            "loop": bool(item["livescape_repeats"]),
            "image": image,
            "camera": common.current_camera(),
            "object": [list(row) for row in item.matrix_world],
        }
    )


shoot("start", 5)
shoot("middle", 10)
shoot("half frame, third loop", 34, 0.5)
shoot("before the start", -9)
camera.location, camera.rotation_euler = (0.4, -1.0, 0.3), (1.5, 0.1, 0.05)
camera.scale = (2.0, 3.0, 2.0)
camera.data.shift_x, camera.data.shift_y = 0.1, -0.06
shoot("moved and shifted camera", 11)
camera.data.shift_x = camera.data.shift_y = 0.0
camera.data.sensor_fit = "VERTICAL"
scene.render.resolution_x, scene.render.resolution_percentage = 301, 73
scene.render.pixel_aspect_x = 1.5
shoot("odd percentage, wide pixels", 8)
scene.render.pixel_aspect_x, scene.render.resolution_percentage = 1.0, 100
item.matrix_world = (
    Matrix.Translation((0.3, 1.0, -0.2))
    @ Euler((0.1, -0.2, 0.3)).to_matrix().to_4x4()
    @ Matrix.Diagonal((1.2, 1.2, 1.2, 1.0))
)
bpy.context.view_layer.update()
shoot("moved object", 9)
common.write_scene(synthetic.scene(loop=False))
for name, frame, subframe in (
    ("a shot, before it", -3, 0.0),
    ("a shot, in its middle", 10, 0.0),
    ("a shot, half a frame", 13, 0.5),
    ("a shot, at its end", 17, 0.0),
    ("a shot, after it", 40, 0.0),
):
    shoot(name, frame, subframe)
common.leave({"shots": shots, "changes": changes, "paths": bpy.utils.blend_paths()})
