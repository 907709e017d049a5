"""Paints a mask by its pixels and looks what the backend would be told, and what loses it."""

from pathlib import Path
from types import SimpleNamespace

import bpy
import common
import numpy as np
from mathutils import Vector
from stub_layout import Layout

given = common.arguments()
root = Path(given["folder"])
ops = bpy.ops.livescape
MOVES, STANDS = (0.2, 0.9, 0.65, 1.0), (1.0, 0.4, 0.1, 1.0)


def told():
    """Return the labelme file that the backend would get, None if there is none."""
    scene, graph = bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    plan = common.addon("motion.request").plan_of(scene, graph, "motion")
    return plan.hints.decode() or None


def mask():
    """Return the object of the painted mask."""
    (item,) = common.addon("motion.canvas").canvases(bpy.context.scene)
    return item


def paint(color, rows, columns):
    """Paint a part of the mask, rows from the top, as a brush would."""
    image = mask().livescape_motion.mask
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    pixels.reshape(height, width, 4)[::-1][rows, columns] = color
    image.pixels.foreach_set(pixels)
    return [width, height]


def corners_seen():
    """Return where on the frame, in shares from its lower left, the camera sees the pane."""
    bpy.context.view_layer.update()
    scene, graph = bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    camera, item = scene.camera.evaluated_get(graph), mask().evaluated_get(graph)
    render = scene.render
    matrix = camera.calc_matrix_camera(graph, x=render.resolution_x, y=render.resolution_y)
    matrix = matrix @ camera.matrix_world.normalized().inverted()
    ends = [matrix @ item.matrix_world @ Vector((*v.co, 1.0)) for v in item.data.vertices]
    return [[(end.x / end.w + 1) / 2, (end.y / end.w + 1) / 2] for end in ends]


def faults():
    """Return what the panel says is wrong."""
    scene = bpy.context.scene
    known = common.addon("motion.known")
    known.changed()
    return known.known_faults(scene, None, common.addon("motion.reference").photo_size(scene))


def outlined(*corners):
    """Let a server have found a region: add it as the answer does."""
    context = bpy.context
    sketch, regions = common.addon("bridge.sketch"), common.addon("motion.regions")
    stage = common.addon("motion.reference").stage_now(context.scene)
    outline = sketch.Outline("water", np.array(corners, np.float32))
    return [each.type for each in regions.add_regions(context.scene, stage, [outline])]


common.enable()
scene = bpy.context.scene
common.add_camera((1.0, 2.0, 3.0), (1.4, 0.1, 0.6))
common.set_render(240, 160)
scene.livescape.photo = common.write_noise(root / "noise.png", 240, 160)
bpy.context.view_layer.update()
result = {}
image_paint = scene.tool_settings.image_paint
bleeds = [image_paint.seam_bleed]
ops.paint_mask(meaning="MOVES")
bleeds.append(image_paint.seam_bleed)
result["mode"] = bpy.context.mode
result["empty"] = told()
result["again"] = [ops.paint_mask(meaning="STANDS") == {"FINISHED"}, mask().name]
log = []
panel = common.addon("ui.motion_panel").LIVESCAPE_PT_motion
panel.draw(SimpleNamespace(layout=Layout(log)), bpy.context)
result["panel"] = log
ops.end_painting()
result["mode_after"] = bpy.context.mode
result["bleeds"] = [*bleeds, image_paint.seam_bleed]
result["seen"] = corners_seen()
scene.camera.data.lens = 55.0
scene.camera.location.x += 2.0
result["seen_after"] = corners_seen()
result["size"] = paint(STANDS, slice(0, 160), slice(0, 40))
result["standing_alone"] = told()
paint(MOVES, slice(80, 160), slice(60, 240))
paint((1.0, 1.0, 1.0, 1.0), slice(0, 20), slice(200, 240))
paint((0.0, 0.0, 0.0, 1.0), slice(140, 160), slice(200, 240))
paint((0.2, 0.9, 0.65, 0.3), slice(30, 60), slice(100, 160))
result["told"] = told()
path = common.addon("camera.path").read_camera_path(bpy.context, scene.frame_start)
request = common.addon("generate.request_files").build_request(scene.livescape, path)
result["generated"] = request.hints.decode() == result["told"]
ops.draw_motion(kind="FLOW", points="100,120 140,121 180,120")
ops.draw_motion(kind="FLOW", points="10,20 20,21 30,20")
ops.draw_motion(kind="FLOW", points="100,30 120,31 140,30")
result["faults"] = faults()
ops.export_motion(filepath=str(root / "out.json"))

# Undone, saved, opened, of another photo, read again from a file.
blend = str(root / "painted.blend")
bpy.ops.ed.undo_push(message="Painted")
before = told()
result["filled"] = outlined((0.0, 0.0), (1.0, 0.0), (1.0, 0.25), (0.0, 0.25))
result["with_water"] = told()
bpy.ops.ed.undo_push(message="Filled")
bpy.ops.ed.undo()
result["undone"] = told() == before
bpy.ops.ed.redo()
result["redone"] = told() == result["with_water"]
bpy.ops.wm.save_as_mainfile(filepath=blend)
bpy.ops.wm.open_mainfile(filepath=blend)
scene = bpy.context.scene
result["reopened"] = told() == result["with_water"]
result["unused"] = sorted(each.name for each in bpy.data.images if each.users == 0)
scene.livescape.drawn.is_used = False
result["not_used"] = told()
scene.livescape.drawn.is_used = True
for item in [each for each in scene.objects if each.type == "CURVE"]:
    bpy.data.objects.remove(item)
scene.livescape.photo = common.write_noise(root / "other.png", 160, 240)
bpy.context.view_layer.update()
result["of_another_shape"] = [told(), faults()]
scene.livescape.photo = str(root / "noise.png")
(collection,) = scene.collection.children
collection.hide_viewport = True
bpy.context.view_layer.update()
try:
    ops.paint_mask()
except RuntimeError as error:
    result["hidden"] = str(error)
collection.hide_viewport = False
mask().hide_set(True)
result["shown"] = [ops.paint_mask() == {"FINISHED"}, bpy.context.mode, mask().visible_get()]
ops.end_painting()
ops.remove_stroke(name=mask().name)
result["removed"] = [len(each) for each in (scene.objects, bpy.data.meshes, bpy.data.materials)]
ops.import_motion(filepath=str(root / "out.json"))
result["imported"] = told()


def drawn_now():
    """Return the names of what is drawn and painted."""
    return sorted(item.name for item in scene.objects if item.type != "CAMERA")


before = drawn_now()
ops.import_motion(filepath=str(root / "out.json"))
result["imported_again"] = [told() == result["imported"], drawn_now() == before]

# A mask of another file is left alone, and read, whether it is linked or overridden.
linked = {}
bpy.ops.wm.save_as_mainfile(filepath=str(root / "asset.blend"))
for kind in ("link", "override"):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.preferences.addon_enable(module=common.MODULE)
    with bpy.data.libraries.load(str(root / "asset.blend"), link=True) as (_, target):
        target.collections = ["Livescape Motion"]
    scene = bpy.context.scene
    scene.collection.children.link(target.collections[0])
    if kind == "override":
        target.collections[0].override_hierarchy_create(scene, bpy.context.view_layer)
        scene.collection.children.unlink(target.collections[0])
    common.add_camera()
    common.set_render(240, 160)
    scene.livescape.photo = str(root / "noise.png")
    bpy.context.view_layer.update()
    before = told()
    added = outlined((0.0, 0.0), (1.0, 0.0), (1.0, 0.25), (0.0, 0.25))
    linked[kind] = [before == result["imported"], added]
result["of_another_file"] = linked
common.leave(result)
