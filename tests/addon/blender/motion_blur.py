"""Renders with motion blur - in mid loop, where the loop closes, by a moving camera - and defocus.

Besides, what the blur averages: instants of moving Gaussians, cameras of the moving camera.
"""

from dataclasses import replace
from pathlib import Path

import bpy
import common
import stage
from tests.addon import synthetic

INSTANTS = [step / 12 - 0.5 for step in range(13)]

common.enable()
given = common.arguments()
folder = Path(given["folder"])
engine = given["engine"]
scene = bpy.context.scene
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
calm = synthetic.scene(static=200, pairs=300)
item = common.write_scene(replace(calm, velocity=calm.velocity * 5.0))
camera = common.add_camera()
common.set_render(160, 90)
result = {}


def at(time) -> None:
    scene.frame_set(int(time), subframe=time - int(time))


def use_blur(wanted) -> None:
    """Switch motion blur, prepared as Prepare Render does it."""
    scene.render.use_motion_blur = wanted
    scene.render.motion_blur_shutter = 1.0
    common.addon("render_setup.prepare").prepare(scene)
    scene.cycles.samples = 64 if wanted else 1


def defocus() -> None:
    """Open the lens far; focus at six metres."""
    camera.data.dof.use_dof = True
    camera.data.dof.focus_distance, camera.data.dof.aperture_fstop = 6.0, 0.1
    scene.cycles.samples = 128
    result["defocused"] = {
        "image": common.render(folder / "defocused"),
        "camera": common.current_camera(),
        "focus": 6.0,
        "radius": camera.data.lens * 1e-3 / (2.0 * 0.1),
    }
    camera.data.dof.use_dof = False


def moments() -> None:
    """Blur in mid loop and at its end."""
    stage.use_engine("CYCLES")
    for name, frame in (("seam", 17), ("middle", 10)):
        images = []
        for step, offset in enumerate(INSTANTS):
            at(frame + offset)
            images.append(common.render(folder / f"{name}_{step}"))
        result[name] = {"instants": images}
    stage.use_engine(engine)
    use_blur(True)
    for name, frame in (("seam", 17), ("middle", 10)):
        at(frame)
        result[name]["blurred"] = common.render(folder / f"{name}_blurred")


def moving_camera() -> None:
    """Blur by a camera that travels and turns, the Gaussians at half their speed."""
    for frame, x, turn in ((8, 0.0, 0.0), (12, 1.0, 0.3)):
        camera.location.x, camera.rotation_euler.z = x, turn
        camera.keyframe_insert("location", frame=frame)
        camera.keyframe_insert("rotation_euler", frame=frame)
    cameras = []
    for offset in INSTANTS:
        at(10 + offset)
        cameras.append(common.current_camera())
    at(10)
    result["camera"] = {"blurred": common.render(folder / "camera_blurred"), "cameras": cameras}
    camera.animation_data_clear()


def jump() -> None:
    """Blur at the loop's end if the copies did not exchange their quads."""
    modifier = item.modifiers["Livescape Billboards"]
    find = common.addon("splats.interface").input_identifier
    identifier = find(modifier.node_group, "Paired Copies")
    common.addon("compat").set_modifier_input(modifier, identifier, False)
    item.update_tag()
    scene.frame_set(17)
    result["jumping seam"] = common.render(folder / "jumping")


moments()
moving_camera()
if engine == "CYCLES":
    camera.location, camera.rotation_euler.z = (0.0, 0.0, 0.0), 0.0
    jump()
    use_blur(False)
    defocus()
common.leave(result)
