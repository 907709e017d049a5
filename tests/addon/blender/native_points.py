"""Makes points of moving splats, converts them, and renders under a keyed camera."""

import threading
import time
from pathlib import Path

import bpy
import common
import numpy as np
import stage

common.enable()
given = common.arguments()
folder = Path(given["folder"])
scene = bpy.context.scene
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
result = {"can hold": bpy.app.version >= (5, 2, 0)}
if not result["can hold"]:
    common.leave(result)
frames = np.load(given["frames"])


def filled(cloud, values):
    """Fill a point cloud with a frame's attributes, of any number of coefficients."""
    cloud.resize(len(values["position"]))
    cloud.attributes["position"].data.foreach_set("vector", values["position"].ravel())
    kinds = {"rotation": "QUATERNION", "radiance:base": "FLOAT4"}
    for name, array in values.items():
        if name == "position":
            continue
        kind = kinds.get(name, "FLOAT_VECTOR")
        found = cloud.attributes.get(name) or cloud.attributes.new(name, kind, "POINT")
        key = "value" if kind == "QUATERNION" else "vector"
        found.data.foreach_set(key, np.ascontiguousarray(array).ravel())


def at(index):
    return {key.split("|")[1]: frames[key] for key in frames.files if key.startswith(f"{index}|")}


clouds = []
for index in range(4):
    clouds.append(bpy.data.pointclouds.new(f"Frame {index}"))
    filled(clouds[-1], at(index))
source = bpy.data.objects.new("Wave", clouds[0])
scene.collection.objects.link(source)
source.location, source.rotation_euler = (0.1, 0.2, -0.1), (0.0, 0.0, 0.1)


def played(scene, _depsgraph=None):
    """Play another cloud in every frame, as add-ons for moving splats do."""
    source.data = clouds[min(max(scene.frame_current - 3, 0), 3)]


bpy.app.handlers.frame_change_pre.append(played)
stage.keyed_shot(given["engine"], 3, 6, (0.4, 0.1, 0.2))
bpy.context.view_layer.objects.active = source
result["poll"] = bool(bpy.ops.livescape.convert_points.poll())
scene.frame_set(4)
bpy.ops.livescape.convert_points()
result["note"] = bpy.context.window_manager.livescape.note
result["frame"] = scene.frame_current
item = bpy.context.active_object
result["ours"] = common.addon("splats.object").is_ours(item)
result["hidden"] = [source.hide_render, item.hide_render]
bpy.app.handlers.frame_change_pre.remove(played)
result |= stage.rendered(folder / "native", (3, 4, 4.5, 6))
result["place"] = [list(row) for row in item.matrix_world]
count = len(bpy.data.objects)
plain = bpy.data.objects.new("Plain", bpy.data.pointclouds.new("Plain"))
plain.data.resize(3)
scene.collection.objects.link(plain)
bpy.context.view_layer.objects.active = plain
result["plain polls"] = bool(bpy.ops.livescape.convert_points.poll())
plain.data.attributes.new("radiance:base", "FLOAT4", "POINT")
result["plain"] = stage.refused(bpy.ops.livescape.convert_points)
result["left"] = [len(bpy.data.objects) - count - 1, len(list((folder / "livescape").iterdir()))]


def converted(coefficients):
    """Convert a still cloud of so many coefficients; return those that the object has."""
    rest = np.load(given["rest"])
    values = at(0)
    cloud = bpy.data.pointclouds.new(f"Degree {coefficients}")
    base = {name: values[name] for name in ("position", "rotation", "scale", "radiance:base")}
    filled(cloud, base | {f"radiance:sh_{k}": rest[:, k] for k in range(coefficients)})
    item = bpy.data.objects.new(cloud.name, cloud)
    scene.collection.objects.link(item)
    bpy.context.view_layer.objects.active = item
    bpy.ops.livescape.convert_points()
    made = common.addon("exchange.played").PlayedObject(bpy.context.active_object)
    found = made.at(scene.frame_current, bpy.context.evaluated_depsgraph_get())
    path = folder / f"rest{coefficients}.npz"
    np.savez(path, means=found.gaussians.means, rest=found.harmonics)
    return str(path)


result["degrees"] = {count: converted(count) for count in (3, 15, 24, 30)}


def undone():
    """Convert as a step of undo, go back and forth."""
    item = bpy.data.objects.new("Undone", clouds[0])
    scene.collection.objects.link(item)
    bpy.context.view_layer.objects.active = item
    bpy.ops.ed.undo_push(message="Before")
    bpy.ops.livescape.convert_points("EXEC_DEFAULT", True)

    def told():
        ours = common.addon("splats.object").splat_objects(bpy.context.scene)
        plays = any(each.name == "Undone" and Path(each.cache_file).exists() for each in ours)
        return [bpy.data.objects["Undone"].hide_render, plays]

    steps = [told()]
    for step in (bpy.ops.ed.undo, bpy.ops.ed.redo):
        step()
        steps.append(told())
    return steps


importing = common.addon("exchange.importing")


def begun(name):
    """Begin to convert a moving cloud by timer; return its object."""
    item = bpy.data.objects.new(name, clouds[0])
    scene.collection.objects.link(item)
    bpy.context.view_layer.objects.active = item
    bpy.ops.ed.undo_push(message=name)
    bpy.ops.livescape.convert_points(by_timer=True)
    return item


def pump(until=lambda: False):
    """Do what the timer does; return at which frames the scene stood between its calls."""
    stood = []
    while not until() and importing._on_timer() is not None:
        stood.append(scene.frame_current)
        time.sleep(0.005)
    return sorted(set(stood))


def by_timer():
    """What each call of the timer reads, where the scene stands between them, who does what."""
    steps = common.addon("exchange.points_steps")
    kind = common.addon("exchange.points_import").PointsImport
    reader = common.addon("exchange.points_reader").PointsReader
    shown, serve, make = reader._shown, kind.serve, steps.sequence_scene
    read, calls, threads = [], [], set()

    def noted_shown(self, frame):
        read.append(frame)
        return shown(self, frame)

    def noted_serve(self):
        before = len(read)
        serve(self)
        calls.append(len(read) - before)

    def noted_make(*values):
        threads.add(threading.current_thread() is threading.main_thread())
        return make(*values)

    reader._shown, kind.serve, steps.sequence_scene = noted_shown, noted_serve, noted_make
    scene.frame_set(5)
    item = begun("Timed")
    stood = pump()
    reader._shown, kind.serve, steps.sequence_scene = shown, serve, make
    made = bpy.context.active_object
    ours = common.addon("splats.object").is_ours(made)
    return [sorted(read), max(calls), stood, sorted(threads), item.hide_render, ours]


def cancelled():
    """Cancelled while frames are read, and when all is built but no step of undo yet."""
    found = []
    for name, until in (
        ("Early", lambda: importing._current.fraction > 0.0),
        ("Late", lambda: importing._current._found is not None),
    ):
        item = begun(name)
        caches = len(list((folder / "livescape").iterdir()))
        pump(until)
        bpy.ops.livescape.cancel_import()
        pump()
        left = len(list((folder / "livescape").iterdir())) - caches
        note = bpy.context.window_manager.livescape.note
        found.append([note, item.hide_render, f"{name}.001" in bpy.data.objects, left])
    return found


def deleted():
    """The source is deleted while it is read."""
    item = begun("Deleted")
    pump(lambda: importing._current.fraction > 0.0)
    bpy.data.objects.remove(item)
    pump()
    return [bpy.context.window_manager.livescape.error_code, importing.is_running()]


result["by timer"] = by_timer()
result["cancelled"] = cancelled()
result["deleted"] = deleted()
result["undo"] = undone()
common.leave(result)
