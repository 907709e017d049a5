"""Prepares scenes for rendering by both engines and restores what was, also after reloading."""

import json
from dataclasses import replace
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
    material, in_viewport = ours.data.materials
    return {
        "bounces": [scene.cycles.transparent_max_bounces, scene.cycles.min_transparent_bounces],
        "filter": [scene.cycles.pixel_filter_type, round(scene.cycles.filter_width, 4)],
        "samples": [scene.cycles.samples, scene.eevee.taa_render_samples],
        "view": scene.view_settings.view_transform,
        "clip_end": round(scene.camera.data.clip_end, 3),
        "blur": [scene.eevee.motion_blur_steps, ours.cycles.motion_steps],
        "shadow": ours.visible_shadow,
        "material": [material.cycles.emission_sampling, material.surface_render_method],
        "viewport material": [
            in_viewport.cycles.emission_sampling,
            in_viewport.surface_render_method,
        ],
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
    bpy.context.view_layer.update()
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


def sphere_later(engine):
    """Prepare, add a mesh, prepare again, take it away, prepare again, restore."""
    scene = bpy.context.scene
    scene.render.engine = engine
    steps = {"before": values()}
    bpy.ops.livescape.prepare_render()
    steps["alone"] = values()
    sphere = stage.add_sphere()
    bpy.ops.livescape.prepare_render()
    steps["with a sphere"] = values()
    bpy.data.objects.remove(sphere)
    bpy.ops.livescape.prepare_render()
    steps["alone again"] = values()
    bpy.ops.livescape.restore_render()
    steps["restored"] = values()
    return steps


later = {"cycles": sphere_later("CYCLES"), "eevee": sphere_later(eevee)}
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
prepare_module = common.addon("render_setup.prepare")
prepare_module.restore(scene)


def renamed_owners():
    """Names change and others take them; a choice of the artist since then stays."""
    ours = next(item for item in scene.objects if "livescape_name" in item)
    material, camera = ours.data.materials[0], scene.camera.data
    material.cycles.emission_sampling = "AUTO"
    before = [material.cycles.emission_sampling, round(camera.clip_end, 2)]
    prepare(scene)
    prepared = [material.cycles.emission_sampling, round(camera.clip_end, 2)]
    scene.cycles.transparent_max_bounces = 77
    others = []
    for kind, block in (("materials", material), ("cameras", camera)):
        name = block.name
        block.name = f"{name} renamed"
        other = getattr(bpy.data, kind).new(name)
        others.append(other)
        assert other.name == name
    others[0].cycles.emission_sampling = "FRONT"
    others[1].clip_end = 55.0
    prepare_module.restore(scene)
    return {
        "before": before,
        "prepared": prepared,
        "restored": [material.cycles.emission_sampling, round(camera.clip_end, 2)],
        "others": [others[0].cycles.emission_sampling, others[1].clip_end],
        "chosen since": scene.cycles.transparent_max_bounces,
    }


def shared_by_two_scenes():
    """Two scenes prepare one camera and one object; the last to restore puts them back."""
    second = scene.copy()
    camera = scene.camera.data
    ends = [round(camera.clip_end, 2)]
    for step in (prepare, prepare_module.restore):
        for each in (scene, second):
            step(each)
            ends.append(round(camera.clip_end, 2))
    prepare(scene)
    copied = scene.copy()  # and is prepared too
    for each in (scene, copied):
        prepare_module.restore(each)
        ends.append(round(camera.clip_end, 2))
    bounces = [each.cycles.min_transparent_bounces for each in (scene, copied)]
    for each in (second, copied):
        bpy.data.scenes.remove(each)
    return [ends, bounces]


def early_ledger():
    """What an early version changed, the viewport's material too, is put right by Prepare."""
    ours = next(item for item in scene.objects if "livescape_name" in item)
    in_viewport = ours.data.materials[1]
    in_viewport.surface_render_method = "BLENDED"
    scene[prepare_module.KEPT] = json.dumps(
        [
            {"path": "cycles.min_transparent_bounces", "before": 3, "after": 256, "owner": ""},
            {
                "path": "surface_render_method",
                "before": "DITHERED",
                "after": "BLENDED",
                "owner": f"materials/{in_viewport.name}",
            },
        ]
    )
    scene.render.engine = "CYCLES"
    scene.cycles.min_transparent_bounces = 256
    prepare(scene)
    healed = in_viewport.surface_render_method
    prepare_module.restore(scene)
    return [healed, scene.cycles.min_transparent_bounces]


def reach_of(stray):
    """Return how far the camera must see a scene, by itself and with one Gaussian far away."""
    made = synthetic.scene(static=3000, pairs=10)
    means, scales = made.static.means.copy(), made.static.scales.copy()
    if stray:
        means[0], scales[0] = (0.0, 1e6, 0.0), 0.1
    static = replace(made.static, means=means, scales=scales)
    item = common.write_scene(replace(made, static=static), "Stray")
    bpy.context.view_layer.update()
    reach = common.addon("render_setup.clipping").reaches(scene)[scene.camera.data]
    needs_more = bool(common.addon("render_setup.clipping").too_short(scene))
    bpy.data.objects.remove(item)
    return [reach, needs_more]


def far_sky():
    """A sky far away that is much of the picture counts, however few Gaussians it is made of."""
    made = synthetic.scene(static=3000, pairs=10)
    means, scales = made.static.means.copy(), made.static.scales.copy()
    means[:20] *= 1000.0
    scales[:20] *= 1000.0
    item = common.write_scene(
        replace(made, static=replace(made.static, means=means, scales=scales))
    )
    bpy.context.view_layer.update()
    reach = common.addon("render_setup.clipping").reaches(scene)[scene.camera.data]
    bpy.data.objects.remove(item)
    return reach


more = {
    "later": later,
    "renamed": renamed_owners(),
    "shared": shared_by_two_scenes(),
    "early": early_ledger(),
}
bpy.data.objects.remove(bpy.data.objects["Livescape"])
scene.camera.data.clip_end = 100.0
more["reach"] = [reach_of(stray=False), reach_of(stray=True), far_sky()]
common.leave({**more, "near_enough": near_enough, "cases": cases, "looks": looks, "said": said})
