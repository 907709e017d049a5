"""Renders without any preparation, and walks the checklist as the scene changes."""

from dataclasses import replace
from pathlib import Path

import bpy
import common
import numpy as np
import stage
from tests.addon import synthetic

common.enable()
folder = Path(common.arguments()["folder"])
checklist = common.addon("render_setup.checklist")
SplatObject = common.addon("splats.object").SplatObject
scene = bpy.context.scene
result = {}


def layered():
    """Many layers of the same picture behind each other, as a photograph's scene has."""
    made = synthetic.scene(static=20_000, pairs=10)
    means = made.static.means
    across, up = means[:, 0] / means[:, 1], means[:, 2] / means[:, 1]
    colors = np.stack([0.5 + 0.4 * across, 0.5 + 0.5 * up, np.full(len(means), 0.6)], axis=1)
    static = replace(
        made.static,
        colors=colors.clip(0.2, 0.95).astype(np.float32),
        opacities=(made.static.opacities * 0.4).astype(np.float32),
    )
    return replace(made, static=static)


def lines():
    """The checklist as it is now: label, present value, whether it is right."""
    bpy.context.view_layer.update()
    return {each.label: [each.now, each.is_right] for each in checklist.checklist(scene)}


def defaults():
    """Put everything back to what a new scene has."""
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
    common.add_camera()
    global scene
    scene = bpy.context.scene


def pictures():
    """F12 in Cycles with nothing set but the size, with and without the last layer closed."""
    defaults()
    result["without an object"] = lines()
    item = common.write_scene(layered())
    common.set_render(120, 68)
    scene.render.film_transparent = False
    scene.cycles.samples = 16
    scene.cycles.use_denoising = False
    shots = {"unprepared": common.render(folder / "unprepared")}
    result["lacking"] = bpy.context.window_manager.livescape.lacking
    material = SplatObject(item).material
    depth = next(n for n in material.node_tree.nodes if n.bl_idname == "ShaderNodeLightPath")
    (link,) = depth.outputs["Transparent Depth"].links
    socket = link.to_socket
    material.node_tree.links.remove(link)
    shots["black behind"] = common.render(folder / "black")
    material.node_tree.links.new(depth.outputs["Transparent Depth"], socket)
    bpy.ops.livescape.prepare_render()
    shots["prepared"] = common.render(folder / "prepared")
    result["lacking when prepared"] = bpy.context.window_manager.livescape.lacking
    shots["camera"] = common.current_camera()
    result["shots"] = shots


def engines():
    """Change the engine without another press: the object sorts its faces as it needs to."""
    item = bpy.data.objects["Livescape"]
    found = {}
    for engine in (common.addon("compat").eevee_engine(), "CYCLES"):
        scene.render.engine = engine
        bpy.context.view_layer.update()
        found["EEVEE" if "EEVEE" in engine else engine] = SplatObject(item).are_faces_sorted
    result["sorted"] = found


def walk():
    """Every line, put right one by one; then the scene changes."""
    defaults()
    item = common.write_scene(synthetic.scene(static=300, pairs=10))
    item.scale = (200.0, 200.0, 200.0)
    item.visible_shadow = True
    steps = {}
    for engine in ("CYCLES", common.addon("compat").eevee_engine()):
        scene.render.engine = engine
        name = "EEVEE" if "EEVEE" in engine else engine
        steps[name] = {"before": lines()}
        for line in checklist.checklist(scene):
            bpy.ops.livescape.put_right(line=line.key)
        steps[name]["after"] = lines()
    scene.render.engine = "CYCLES"
    bpy.ops.livescape.prepare_render()
    steps["prepared"] = lines()
    sphere = stage.add_sphere()
    steps["with a mesh"] = lines()
    bpy.ops.livescape.put_right(line="sampling")
    steps["with a mesh, put right"] = lines()
    bpy.data.objects.remove(sphere)
    steps["alone again"] = lines()
    scene.render.use_motion_blur = True
    steps["blurred"] = lines()
    scene.render.use_motion_blur = False
    scene.view_settings.view_transform = "AgX"
    steps["AgX"] = lines()
    bpy.ops.livescape.restore_render()
    steps["restored"] = lines()
    result["steps"] = steps


def together():
    """A mesh and Gaussians in one picture, prepared, with the artist's samples and filter."""
    defaults()
    item = common.write_scene(synthetic.scene(static=1500, pairs=300))
    common.set_render(160, 90)
    scene.cycles.samples, scene.cycles.use_denoising = 64, False
    sphere = stage.add_sphere()
    bpy.ops.livescape.prepare_render()
    shots = {"both": common.render(folder / "both")}
    scene.cycles.samples = 1
    scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BOX", 0.01
    shots["exact"] = common.render(folder / "exact")
    for child in (item,):
        child.hide_render = True
    shots["mesh exact"] = common.render(folder / "mesh_exact")
    scene.cycles.samples = 64
    scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BLACKMAN_HARRIS", 1.5
    shots["mesh"] = common.render(folder / "mesh")
    assert sphere
    result["together"] = shots


pictures()
engines()
walk()
together()
common.leave(result)
