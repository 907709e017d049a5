"""Reads cameras on rigs of every kind, and again frame by frame as Blender evaluates them."""

from pathlib import Path

import bpy
import common
from tests.addon import synthetic

common.enable()
read = common.addon("camera.path")
alone = common.addon("camera.alone")
folder = Path(common.arguments()["folder"])
bpy.context.preferences.filepaths.use_scripts_auto_execute = True
FRAMES = range(1, 13)
evaluations = []
result = {}


def count(scene, graph):
    """Count evaluations of Gaussians."""
    evaluations.extend(
        each.id.name
        for each in graph.updates
        if each.is_updated_geometry and each.id.name.startswith("Livescape")
    )


def helper(name, kind=None):
    """Add an object; an empty one if no data is given."""
    item = bpy.data.objects.new(name, kind)
    bpy.context.scene.collection.objects.link(item)
    return item


def keyed(item, path="location", index=0, values=(0.0, 4.0)):
    """Animate one channel from the first to the last frame."""
    for frame, value in zip((FRAMES[0], FRAMES[-1]), values, strict=True):
        getattr(item, path)[index] = value
        item.keyframe_insert(path, index=index, frame=frame)


def parents(camera):
    grandparent, parent = helper("Grandparent"), helper("Parent")
    grandparent.scale = (2.0, 1.5, 0.7)
    camera.parent, parent.parent = parent, grandparent
    keyed(grandparent)
    keyed(parent, "rotation_euler", 2, (0.0, 1.0))


def hidden_parent(camera):
    collection = bpy.data.collections.new("Hidden")
    bpy.context.scene.collection.children.link(collection)
    parent = bpy.data.objects.new("Parent", None)
    collection.objects.link(parent)
    bpy.context.view_layer.layer_collection.children["Hidden"].exclude = True
    camera.parent = parent
    keyed(parent)


def constraints(camera):
    target = helper("Target")
    keyed(target, values=(-3.0, 3.0))
    target.location.y = 9.0
    curve = bpy.data.curves.new("Path", "CURVE")
    curve.dimensions, curve.use_path = "3D", True
    spline = curve.splines.new("POLY")
    spline.points.add(2)
    for point, place in zip(spline.points, ((0, 0, 0), (1, 2, 0), (3, 2, 1)), strict=True):
        point.co = (*place, 1.0)
    follow = camera.constraints.new("FOLLOW_PATH")
    follow.target, follow.use_fixed_location = helper("Rail", curve), True
    for frame, value in ((1, 0.0), (12, 1.0)):
        follow.offset_factor = value
        follow.keyframe_insert("offset_factor", frame=frame)
    camera.constraints.new("TRACK_TO").target = target


def vertex_parent(camera):
    mesh = bpy.data.meshes.new("Plane")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    item = helper("Plane", mesh)
    item.shape_key_add(name="Basis")
    key = item.shape_key_add(name="Up")
    for point in key.data:
        point.co.z = 2.0
    for frame, value in ((1, 0.0), (12, 1.0)):
        key.value = value
        key.keyframe_insert("value", frame=frame)
    camera.parent, camera.parent_type, camera.parent_vertices[0] = item, "VERTEX", 1


def drivers(camera):
    source = helper("Source")
    source["amount"] = 0.0
    for frame, value in ((1, 0.0), (12, 5.0)):
        source["amount"] = value
        source.keyframe_insert('["amount"]', frame=frame)
    _drive(camera, "location", 0, "amount * 2", source, '["amount"]')
    camera.driver_add("location", 1).driver.expression = "frame * 0.1"
    camera.data.driver_add("lens").driver.expression = "30 + frame"
    driver = camera.driver_add("location", 2).driver
    variable = driver.variables.new()
    variable.name, variable.type = "start", "CONTEXT_PROP"
    variable.targets[0].context_property = "ACTIVE_SCENE"
    variable.targets[0].data_path = "frame_start"
    driver.expression = "start * 0.3"


def _drive(item, path, index, expression, source, source_path, id_type="OBJECT"):
    driver = item.driver_add(path, index).driver
    variable = driver.variables.new()
    variable.name = "amount"
    variable.targets[0].id_type = id_type
    variable.targets[0].id = source
    variable.targets[0].data_path = source_path
    driver.expression = expression


def driven_by_the_scene(camera):
    scene = bpy.context.scene
    _drive(camera, "location", 0, "amount * 0.2", scene, "frame_current", "SCENE")


def driven_by_python(camera):
    camera.driver_add("location", 0).driver.expression = "bpy.context.scene.frame_current * 0.2"


def nla(camera):
    keyed(camera, values=(0.0, 2.0))
    data = camera.animation_data
    track = data.nla_tracks.new()
    strip = track.strips.new("Shifted", 4, data.action)
    strip.scale = 0.5
    data.action = None


def markers(camera):
    keyed(camera)
    other = helper("Second", bpy.data.cameras.new("Second"))
    other.data.lens = 77.0
    keyed(other, index=2, values=(5.0, 1.0))
    scene = bpy.context.scene
    scene.timeline_markers.new("second", frame=5).camera = other
    scene.timeline_markers.new("first", frame=9).camera = camera


def time_remapping(camera):
    keyed(camera)
    bpy.context.scene.render.frame_map_old, bpy.context.scene.render.frame_map_new = 100, 200


def on_the_gaussians(camera):
    item = bpy.data.objects["Livescape"]
    keyed(item, values=(0.0, 1.0))
    camera.parent = item


def moved_by_a_handler(camera):
    bpy.app.handlers.frame_change_post.append(_move_camera)


def _move_camera(scene, *_):
    scene.camera.location.x = scene.frame_current * 0.3


def rigid_body(camera):
    bpy.ops.rigidbody.world_add()
    mesh = bpy.data.meshes.new("Falling")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)], [], [(0, 1, 2), (0, 1, 3)])
    item = helper("Falling", mesh)
    bpy.context.view_layer.objects.active = item
    bpy.ops.rigidbody.object_add()
    camera.parent = item


def unkeyed(camera):
    keyed(camera)
    camera.location.y = 0.7


def twin(context):
    """Read every frame as Blender evaluates the whole scene."""
    cameras = []
    for frame in FRAMES:
        context.scene.frame_set(frame)
        found = read.read_camera(context.scene, context.evaluated_depsgraph_get())
        cameras.append(found.to_dict())
    return cameras


RIGS = (parents, hidden_parent, constraints, vertex_parent, drivers, driven_by_the_scene,
        driven_by_python, nla, markers, time_remapping, on_the_gaussians,
        moved_by_a_handler, rigid_body, unkeyed)  # fmt: skip

for rig in RIGS:
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
    common.write_scene(synthetic.scene(static=200, pairs=50))
    camera = common.add_camera(location=(0.1, 0.2, 0.3))
    common.set_render(320, 180)
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = FRAMES[0], FRAMES[-1]
    rig(camera)
    scene.frame_set(3)
    camera.data.shift_y = 0.125  # not keyed: part of what is read, and still there afterwards
    bpy.context.evaluated_depsgraph_get()
    bpy.app.handlers.depsgraph_update_post.append(count)
    evaluations.clear()
    with alone.stand_in(scene) as copy:
        is_alone = copy is not None
    path = read.read_camera_path(bpy.context, 6)
    bpy.context.evaluated_depsgraph_get()
    bpy.app.handlers.depsgraph_update_post.remove(count)
    result[rig.__name__] = {
        "read": [each.to_dict() for each in path.cameras],
        "reference": path.reference.to_dict(),
        "alone": is_alone,
        "evaluations": len(evaluations),
        "frame": scene.frame_current,
        "kept": camera.data.shift_y,
        "scenes": len(bpy.data.scenes),
        "modifiers": [each.show_viewport for each in bpy.data.objects["Livescape"].modifiers],
        "twin": twin(bpy.context),
    }
    if _move_camera in bpy.app.handlers.frame_change_post:
        bpy.app.handlers.frame_change_post.remove(_move_camera)
common.leave(result)
