"""Renders with motion blur where the loop closes, and the instants that the blur averages."""

from dataclasses import replace
from pathlib import Path

import bpy
import common
from tests.addon import synthetic

common.enable()
folder = Path(common.arguments()["folder"])
scene = bpy.context.scene
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
calm = synthetic.scene(static=200, pairs=300)
item = common.write_scene(replace(calm, velocity=calm.velocity * 5.0))
common.add_camera()
common.set_render(160, 90)
common.addon("shot.render_settings").prepare(scene)
images = {}
for name, frame in (("seam", 17), ("middle", 10)):
    instants = []
    for step in range(13):
        time = frame - 0.5 + step / 12
        scene.frame_set(int(time), subframe=time - int(time))
        instants.append(common.render(folder / f"{name}_{step}"))
    images[name] = {"instants": instants}
scene.render.use_motion_blur = True
scene.render.motion_blur_shutter = 1.0
scene.cycles.samples = 64
item.cycles.use_motion_blur = True
item.cycles.motion_steps = 3
for name, frame in (("seam", 17), ("middle", 10)):
    scene.frame_set(frame)
    images[name]["blurred"] = common.render(folder / f"{name}_blurred")
modifier = item.modifiers["Livescape Billboards"]
identifier = common.addon("splats.interface").input_identifier(modifier.node_group, "Paired Copies")
common.addon("compat").set_modifier_input(modifier, identifier, False)
item.update_tag()
scene.frame_set(17)
images["jumping seam"] = common.render(folder / "jumping")
common.leave(images)
