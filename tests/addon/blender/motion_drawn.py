"""Draws strokes by points, looks where the camera sees them and what the backend would be told."""

import json
from pathlib import Path
from types import SimpleNamespace

import bpy
import common
import numpy as np
from mathutils import Vector
from stub_layout import Layout

given = common.arguments()
root = Path(given["folder"])
POINTS = [(10.0, 20.0), (120.0, 33.0), (150.5, 100.0), (60.0, 70.0)]


def draw(kind, points, **named):
    """Draw a stroke as a script does and return its object."""
    ops = bpy.ops.livescape
    text = " ".join(f"{x},{y}" for x, y in points)
    assert ops.draw_motion(kind=kind, points=text, **named) == {"FINISHED"}
    return bpy.context.object


def on_frame(places):
    """Return the pixels of the frame [n, 2] at which Blender itself shows places in the world."""
    scene, graph = bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    raster = common.addon("camera.path").raster_of(scene)
    camera = scene.camera.evaluated_get(graph)
    matrix = (
        camera.calc_matrix_camera(
            graph, x=raster.width, y=raster.height, scale_x=raster.aspect_x, scale_y=raster.aspect_y
        )
        @ camera.matrix_world.normalized().inverted()
    )
    ends = [matrix @ Vector((*place, 1.0)) for place in places]
    return [
        [(end.x / end.w + 1) / 2 * raster.width, (1 - end.y / end.w) / 2 * raster.height]
        for end in ends
    ]


def seen(item):
    """Return the pixels of the frame [n, 2] at which the camera sees a stroke."""
    bpy.context.view_layer.update()
    return on_frame([item.matrix_world @ Vector(p.co[:3]) for p in item.data.splines[0].points])


def told():
    """Return the labelme file that the backend would get, and how it would move."""
    scene, graph = bpy.context.scene, bpy.context.evaluated_depsgraph_get()
    plan = common.addon("motion.request").plan_of(scene, graph, "motion")
    values = json.loads(plan.hints) if plan.hints else None
    return {"hints": values, "motion": plan.settings.motion}


def cameras():
    """Return the camera that takes the photo, as it is and as it is framed."""
    scene = bpy.context.scene
    path = common.addon("camera.path").read_camera_path(bpy.context, scene.frame_start)
    group = scene.livescape
    size = common.addon("motion.reference").photo_size(scene)
    framed = common.addon("generate.framing").framed(path, size, group.frame)
    return {"whole": path.reference.to_dict(), "framed": framed.reference.to_dict()}


def mapped(
    photo, frame="CROP", size=(240, 135), percentage=100, aspect=1.0, scale=(1, 1, 1), **lens
):
    """Draw in a fresh scene; return what is seen and told before and after the camera moves."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.preferences.addon_enable(module=common.MODULE)
    scene = bpy.context.scene
    camera = common.add_camera((1.0, 2.0, 3.0), (1.4, 0.1, 0.6))
    camera.scale = scale
    for name, value in lens.items():
        setattr(camera.data, name, value)
    common.set_render(*size, percentage)
    scene.render.pixel_aspect_x = aspect
    scene.livescape.photo = common.write_noise(root / "noise.png", *photo)
    scene.livescape.frame = frame
    bpy.context.view_layer.update()
    item = draw("MOVES", POINTS)
    result = {"photo": photo, **cameras(), "seen": seen(item), "told": told()}
    camera.location, camera.rotation_euler = (-4.0, 0.5, 1.0), (1.0, 0.3, -2.0)
    result["seen_after_move"] = seen(item)
    camera.data.lens, camera.data.shift_x = 70.0, 0.1
    scene.render.resolution_percentage = 50
    bpy.context.view_layer.update()
    result.update(after={**cameras(), "seen": seen(item), "told": told()})
    return result


common.enable()
result = {
    "landscape": mapped((240, 160)),
    "portrait": mapped((160, 240)),
    "fit": mapped((160, 240), "FIT"),
    "wide": mapped((300, 100), "FIT", (240, 320)),
    "shifted": mapped((240, 160), shift_x=0.2, shift_y=-0.1),
    "percentage": mapped((240, 160), percentage=37),
    "anamorphic": mapped((240, 160), "FIT", aspect=1.5),
    "scaled": mapped((240, 160), scale=(3, 3, 3)),
    "mirrored": mapped((240, 160), scale=(-1, 1, 1)),
    "negative": mapped((160, 240), "FIT", scale=(-2, -2, -2)),
    "upside down": mapped((240, 160), scale=(1, -3, 0.5), shift_x=0.2),
    "vertical": mapped((160, 240), "FIT", sensor_fit="VERTICAL", lens=50.0),
}

# A lens that changes, drawn on at another frame; cameras that take turns.
for name in ("zoom", "markers"):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.preferences.addon_enable(module=common.MODULE)
    scene = bpy.context.scene
    camera = common.add_camera((1.0, 2.0, 3.0), (1.4, 0.1, 0.6))
    common.set_render()
    scene.livescape.photo = common.write_noise(root / "noise.png", 240, 160)
    if name == "zoom":
        for frame, lens in ((1, 30.0), (40, 90.0)):
            camera.data.lens = lens
            camera.data.keyframe_insert("lens", frame=frame)
    else:
        scene.timeline_markers.new("one", frame=1).camera = camera
        other = common.add_camera((5.0, 0.0, 1.0), (1.0, 0.0, 1.0), lens=90.0)
        scene.timeline_markers.new("two", frame=20).camera = other
    scene.frame_set(40)
    draw("MOVES", POINTS)
    item = bpy.context.object
    told_then = told()
    scene.frame_set(1)
    result[name] = {"photo": (240, 160), **cameras(), "seen": seen(item), "told": told()}
    result[name]["same"] = told_then == result[name]["told"]
    result[name]["hangs_on"] = item.parent == camera

# What strokes say, and what is wrong with them.
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.preferences.addon_enable(module=common.MODULE)
scene = bpy.context.scene
ops, strokes_of = bpy.ops.livescape, common.addon("motion.strokes")


def refused(call, **named):
    """Return the sentence with which an operator refuses."""
    try:
        call(**named)
    except RuntimeError as error:
        return str(error)
    return ""


def labels_of(told):
    """Return the labels that are told."""
    return sorted({shape["label"] for shape in told["hints"]["shapes"]})


def drawn_panel():
    """Everything that the panel shows now."""
    log = []
    for name in ("LIVESCAPE_PT_motion", "LIVESCAPE_PT_motion_files"):
        panel = getattr(common.addon("ui.motion_panel"), name)
        panel.draw(SimpleNamespace(layout=Layout(log)), bpy.context)
    return log


def generated():
    """What a generation would be asked to do."""
    path = common.addon("camera.path").read_camera_path(bpy.context, scene.frame_start)
    request = common.addon("generate.request_files").build_request(scene.livescape, path)
    hints = json.loads(request.hints) if request.hints else None
    return {"hints": hints, "motion": request.settings.motion}


def given_masks():
    """What is sent of a folder of masks and of a data set that has the photo among others."""
    group = scene.livescape
    masks = root / "masks"
    masks.mkdir()
    common.write_noise(masks / "0.png", 24, 16)
    images = [{"id": n, "file_name": name, "width": 240, "height": 160}
              for n, name in enumerate(("other.png", "noise.png"))]  # fmt: skip
    outline = {"image_id": 1, "category_id": 5, "segmentation": [[0, 0, 9, 0, 9, 9]]}
    data = {"images": images, "annotations": [outline, {**outline, "image_id": 0}],
            "categories": [{"id": 5, "name": "water"}]}  # fmt: skip
    (root / "set.json").write_text(json.dumps(data), encoding="utf-8")
    group.mask_file, group.hints_file = str(masks), str(root / "set.json")
    path = common.addon("camera.path").read_camera_path(bpy.context, scene.frame_start)
    request = common.addon("generate.request_files").build_request(group, path)
    missing = [str(each) for each in common.addon("generate.missing").missing(bpy.context)]
    group.mask_file = group.hints_file = ""
    hints = json.loads(request.hints)
    return {"mask": request.mask[:2].decode(), "hints": hints, "missing": missing}


def faults():
    graph = bpy.context.evaluated_depsgraph_get()
    stage = common.addon("motion.reference").stage_of(scene, graph)
    found = strokes_of.read_strokes(scene, stage)
    return common.addon("motion.faults").faults(found, stage.photo)


result["no_photo"] = refused(ops.draw_motion, kind="FLOW", points="1,1")
scene.livescape.photo = common.write_noise(root / "noise.png", 240, 160)
result["no_camera"] = refused(ops.draw_motion, kind="FLOW", points="1,1")
camera = common.add_camera()
bpy.context.view_layer.update()
result["given_masks"] = given_masks()
result["no_points"] = refused(ops.draw_motion, kind="FLOW", points="1,1")
result["nothing"] = told()
square = [(20, 20), (100, 20), (100, 100), (20, 100)]
flow = draw("FLOW", [(30, 30), (50, 31), (70, 30)], speed=10.0)
result["arrow"] = told()
moves = draw("MOVES", square)
result["region"] = told()
stands = draw("STANDS", [(60, 60), (90, 60), (90, 90)])
result["pinned"] = told()
result["faultless"] = faults()
against = draw("FLOW", [(70, 33), (50, 34), (30, 33)])
outside = draw("FLOW", [(-90, -30), (-50, -34), (-30, -33)])
empty = draw("MOVES", [(50, 50), (60, 60), (50, 50)])
lost = draw("STANDS", [(300, 50), (360, 60), (350, 90)])
short = draw("FLOW", [(50, 50), (50.1, 50), (50.2, 50)])
in_still = draw("FLOW", [(85, 65), (86, 70), (87, 75)])
aside = draw("FLOW", [(150, 120), (170, 120), (190, 122)])
result["faults"] = faults()
result["told_with_faults"] = told()
bpy.context.view_layer.update()
result["panel"] = drawn_panel()
for item in (against, outside, empty, lost, short, in_still, aside):
    strokes_of.remove_stroke(item)
moves.livescape_motion.has_direction = True
moves.livescape_motion.direction = np.pi / 2
result["one_way"] = told()
result["generated"] = generated()
(root / "given.json").write_text(json.dumps(result["arrow"]["hints"]))
scene.livescape.hints_file = str(root / "given.json")
result["generated_beside_a_file"] = generated() == result["generated"]
result["panel_beside_a_file"] = drawn_panel()
scene.livescape.drawn.is_used = False
result["generated_by_the_file"] = generated()
scene.livescape.drawn.is_used, scene.livescape.hints_file = True, ""
moves.livescape_motion.has_direction = False

# Moved and edited by hand, out of the plane too; hung elsewhere; the camera gone.
flow.location.x += 0.1
bpy.context.view_layer.update()
result["moved"] = told()
flow.location.x -= 0.1
flow.matrix_basis.translation.z = 0.0
before = told()
bpy.data.objects.remove(camera)
result["without_camera"] = {
    "same": json.loads(json.dumps(strokes_of.read_strokes(scene, None)[0].parts[0].tolist())),
    "refused": refused(ops.preview_motion),
}
common.add_camera((5, 5, 5))
bpy.context.view_layer.update()
result["with_another"] = told() == before
result["hangs_on_it"] = flow.parent == scene.camera

# Undo, redo, save, open, duplicate, append, link, full copy of the scene.
blend = root / "drawn.blend"
scene.collection.children_recursive  # noqa: B018  it must not be stale
bpy.ops.wm.save_as_mainfile(filepath=str(blend))
bpy.ops.wm.open_mainfile(filepath=str(blend))
scene = bpy.context.scene
result["reopened"] = told() == before
bpy.context.scene.camera.data.lens = 80.0
bpy.context.view_layer.update()
item = next(each for each in strokes_of.stroke_objects(scene) if each.name == "Arrow")
result["reopened_seen"] = [seen(item), cameras()["framed"]]
bpy.ops.scene.new(type="FULL_COPY")
copy = bpy.context.scene
bpy.context.view_layer.update()
result["copied"] = told() == before
copied = strokes_of.stroke_objects(copy)
result["copy_is_own"] = not {each.name for each in copied} & {
    each.name for each in strokes_of.stroke_objects(scene)
}
draw("FLOW", [(30, 90), (50, 91), (70, 90)])
result["copy_alone_has_more"] = [len(strokes_of.stroke_objects(each)) for each in (copy, scene)]
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.preferences.addon_enable(module=common.MODULE)
with bpy.data.libraries.load(str(blend), link=True) as (source, target):
    target.collections = ["Livescape Motion"]
scene = bpy.context.scene
scene.collection.children.link(target.collections[0])
scene.livescape.photo = str(root / "noise.png")
common.add_camera()
bpy.context.view_layer.update()
result["linked"] = told() == before
new = draw("FLOW", [(30, 90), (50, 91), (70, 90)])
result["new_beside_linked"] = new.users_collection[0].library is None

# Undo and redo, of a stroke and of the lens beneath it.
bpy.ops.wm.open_mainfile(filepath=str(blend))
scene, undo = bpy.context.scene, bpy.ops.ed
first = told()
undo.undo_push(message="Opened")
draw("FLOW", [(30, 90), (50, 91), (70, 90)])
second = told()
undo.undo_push(message="Drawn")
bpy.context.scene.camera.data.lens = 100.0
bpy.context.view_layer.update()
undo.undo_push(message="Lens")
undo.undo()
undo.undo()
result["undone"] = told() == first
undo.redo()
result["redone"] = told() == second
undo.redo()
bpy.context.view_layer.update()
item = next(each for each in strokes_of.stroke_objects(bpy.context.scene) if each.name == "Arrow")
result["redone_seen"] = [seen(item), cameras()["framed"]]
turned = item.livescape_motion
turned.kind = "STANDS"
result["turned"] = [item.data.splines[0].use_cyclic_u, labels_of(told())]

# Files of labelme, there and back; what was drawn otherwise.
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.preferences.addon_enable(module=common.MODULE)
scene = bpy.context.scene
common.add_camera()
common.set_render()
scene.livescape.photo = str(root / "noise.png")
bpy.context.view_layer.update()
ops.import_motion(filepath=given["annotation"])
result["imported"] = told()
ops.import_motion(filepath=given["annotation"])
result["imported_again"] = told() == result["imported"]
result["kinds"] = sorted(each.livescape_motion.kind for each in strokes_of.stroke_objects(scene))
ops.export_motion(filepath=str(root / "out.json"))
result["exported"] = json.loads((root / "out.json").read_text())
result["other_shape"] = refused(ops.import_motion, filepath=given["other_shape"])
ops.remove_stroke()
result["removed"] = len(strokes_of.stroke_objects(scene))
result["nothing_selected"] = refused(ops.take_over_drawing)
curve = bpy.data.curves.new("Bezier", "CURVE")
spline = curve.splines.new("BEZIER")
spline.bezier_points.add(1)
for point, x in zip(spline.bezier_points, (-0.2, 0.3), strict=True):
    point.co = (x, 2.0, 0.1)
    point.handle_left_type = point.handle_right_type = "AUTO"
drawn = bpy.data.objects.new("Bezier", curve)
scene.collection.objects.link(drawn)
bpy.context.view_layer.update()
drawn.select_set(True)
ops.take_over_drawing()
ends = on_frame([(-0.2, 2, 0.1), (0.3, 2, 0.1)])
taken = next(each for each in strokes_of.stroke_objects(scene))
pixels = seen(taken)
result["taken_over"] = [
    taken.livescape_motion.kind, pixels[0], pixels[-1],
    ends,
]  # fmt: skip
ops.remove_stroke()
for each in bpy.context.selected_objects:
    each.select_set(False)
is_old = hasattr(bpy.data, "grease_pencils_v3")
pencils = bpy.data.grease_pencils_v3 if is_old else bpy.data.grease_pencils
pencil = pencils.new("Pencil")
drawing = pencil.layers.new("Layer").frames.new(scene.frame_current).drawing
drawing.add_strokes([4])
places = [(-0.2, 2, 0.1), (0.3, 2, 0.1), (0.3, 2.5, -0.1), (-0.2, 2.5, -0.1)]
for point, place in zip(drawing.strokes[0].points, places, strict=True):
    point.position = place
drawing.strokes[0].cyclic = True
item = bpy.data.objects.new("Pencil", pencil)
scene.collection.objects.link(item)
bpy.context.view_layer.update()
item.select_set(True)
ops.take_over_drawing()
item.select_set(True)
ops.take_over_drawing()
(taken,) = strokes_of.stroke_objects(scene)
result["pencil"] = [taken.livescape_motion.kind, seen(taken), on_frame(places)]
before = len(strokes_of.read_strokes(scene, None))
ops.import_motion(filepath=str(root / "set.json"))
result["of_data_set"] = len(strokes_of.read_strokes(scene, None)) - before
common.leave(result)
