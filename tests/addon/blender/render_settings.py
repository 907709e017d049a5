"""Prepares scenes for rendering by both engines and restores what was, also after reloading."""

from pathlib import Path

import bpy
import common
import stage
from tests.addon import synthetic

common.enable()
blend = str(Path(common.arguments()["folder"]) / "shot.blend")
bpy.ops.wm.save_as_mainfile(filepath=blend)
item = common.write_scene(synthetic.scene(static=50, pairs=10))
common.add_camera()
near_enough = len(common.addon("render_setup.clipping").too_short(bpy.context.scene))
item.scale = (1000.0, 1000.0, 1000.0)
item.visible_shadow = True
item.data.materials[0].cycles.emission_sampling = "AUTO"
item.data.materials[0].surface_render_method = "DITHERED"
bpy.context.view_layer.update()
prepare = common.addon("render_setup.prepare").prepare
look = common.addon("render_setup.look")
SplatObject = common.addon("splats.object").SplatObject


def values():
    """What Prepare Render may change."""
    scene = bpy.context.scene
    ours = next(item for item in scene.objects if "livescape_name" in item)
    material = ours.data.materials[0]
    return {
        "bounces": [scene.cycles.transparent_max_bounces, scene.cycles.min_transparent_bounces],
        "filter": [scene.cycles.pixel_filter_type, round(scene.cycles.filter_width, 4)],
        "samples": [scene.cycles.samples, scene.eevee.taa_render_samples],
        "view": scene.view_settings.view_transform,
        "clip_end": round(scene.camera.data.clip_end, 3),
        "blur": [scene.eevee.motion_blur_steps, ours.cycles.motion_steps],
        "shadow": ours.visible_shadow,
        "material": [material.cycles.emission_sampling, material.surface_render_method],
    }


def go_through(engine, reload=False, **settings):
    """Prepare twice and restore; return the values at each step."""
    scene = bpy.context.scene
    scene.render.engine = engine
    scene.view_settings.view_transform = "AgX"
    for name, value in settings.items():
        setattr(scene.render, name, value)
    before = values()
    bpy.ops.livescape.prepare_render()
    steps = {"before": before, "prepared": values()}
    steps["sorted"] = SplatObject(bpy.data.objects["Livescape"]).are_faces_sorted
    bpy.ops.livescape.prepare_render()
    steps["again"] = values()
    if reload:
        bpy.ops.wm.save_mainfile()
        bpy.ops.wm.open_mainfile(filepath=blend)
    restorable = bpy.ops.livescape.restore_render.poll()
    bpy.ops.livescape.restore_render()
    steps["restored"] = values()
    steps["restorable"] = [restorable, bpy.ops.livescape.restore_render.poll()]
    return steps


eevee = common.addon("compat").eevee_engine()
cases = {
    "cycles": go_through("CYCLES", reload=True),
    "eevee": go_through(eevee),
    "cycles blurred": go_through("CYCLES", use_motion_blur=True),
    "eevee blurred": go_through(eevee, use_motion_blur=True),
}
bpy.context.scene.render.use_motion_blur = False
stage.add_sphere()
cases["cycles with a sphere"] = go_through("CYCLES")
scene = bpy.context.scene
scene.view_settings.view_transform = "AgX"
looks = [look.foreign_look(scene)]
prepare(scene, standard_look=False)
looks.append(look.foreign_look(scene))
bpy.ops.livescape.use_standard_look()
looks.append(look.foreign_look(scene))
bpy.ops.livescape.restore_render()
looks.append(look.foreign_look(scene))
said = [str(change) for change in prepare(scene)]
scene.render.engine = eevee
said += [str(change) for change in prepare(scene)]
common.leave({"near_enough": near_enough, "cases": cases, "looks": looks, "said": said})
