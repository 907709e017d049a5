"""Scenes that are there before the whole one: placed, replaced, kept, given up, cleared away."""

import itertools
import os
import threading
from pathlib import Path

import bpy
import common
from job_common import offered, ours, photo, pump, running, save_as, shot, state
from tests.addon import jobs

root = Path(common.arguments()["folder"])
go = Path(os.environ["LIVESCAPE_STATE_DIR"]) / "cache"
objects = common.addon("splats.object")
caches = common.addon("cache.generations")
result = {}
numbers = itertools.count(200)


def begin(seed=jobs.EARLY):
    """Ask for a scene that has never been asked for."""
    bpy.context.scene.livescape.seed = seed
    bpy.context.scene.livescape.fit_iterations = next(numbers)
    running.start(bpy.context, previews=True)


def until_shown(moving):
    """Wait until the scene that came early, still or moving, is in the object."""

    def is_shown():
        shown = running.current().shown
        return shown is not None and (shown.content.meta.moving > 0) == moving

    outcome = pump(until=is_shown)
    assert outcome is None, outcome


def on(name):
    (go / name).touch()


def seen():
    """What the object is now: Gaussians, whether its cache is right, its folder."""
    (played,) = objects.splat_objects(bpy.context.scene)
    counts = [len(mesh.polygons) for mesh in played.meshes]
    problem = common.addon("cache.check").cache_problem(played)
    return {
        "name": played.item.name,
        "gaussians": sum(counts),
        "problem": str(problem),
        "folder": played.generation,
        "moves": moves(played.item),
    }


def moves(item):
    places = []
    for frame in (1, 4):
        bpy.context.scene.frame_set(frame)
        mesh = item.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
        places.append([tuple(vertex.co) for vertex in mesh.vertices[:400]])
    return places[0] != places[1]


def folders(name):
    return sorted(each.name for each in (root / name / "livescape").glob("[!.]*"))


def each_better_one_replaces_it():
    shot(root / "whole" / "shot.blend", root)
    begin()
    until_shown(moving=False)
    first = seen()
    on("first")
    until_shown(moving=True)
    second = seen()
    on("second")
    outcome = pump()
    final = seen()
    found = {"seen": [first, second, final], "note": outcome.note, "objects": ours()}
    found["before opening"] = folders("whole")
    found["unused"] = len(common.addon("ui.unused_caches_panel").look())
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    return {**found, "after opening": folders("whole"), "offered": offered()}


def cancel_keeps_the_best():
    shot(root / "kept" / "shot.blend", root)
    begin()
    until_shown(moving=False)
    on("first")
    until_shown(moving=True)
    bpy.ops.livescape.cancel()
    outcome = pump()
    kept = seen()
    bpy.data.objects.remove(bpy.data.objects["Livescape"])
    bpy.ops.livescape.rebuild()
    assert seen() == kept, "it is brought back, for there is no other"
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    return {
        "note": outcome.note,
        "error": str(outcome.error),
        "kept": kept,
        "again": seen(),
        "folders": folders("kept"),
        "offered": offered(),
        "running": state().is_running,
    }


def cancel_gives_back_what_was_there():
    shot(root / "back" / "shot.blend", root)
    running.start(bpy.context)
    pump()
    whole = seen()
    begin()
    until_shown(moving=False)
    coarse = seen()
    bpy.ops.livescape.cancel()
    outcome = pump()
    after = seen()
    bpy.data.objects.remove(bpy.data.objects["Livescape"])
    bpy.ops.livescape.rebuild()
    assert seen() == whole, "of what lies there the whole one is brought back"
    return {"whole": whole, "coarse": coarse, "after": after, "note": outcome.note}


def failure_gives_back_what_was_there():
    begin(jobs.EARLY_FAIL)
    until_shown(moving=False)
    on("first")
    on("second")
    outcome = pump()
    return {"after": seen(), "code": outcome.error.code, "shown": state().error_code}


def first_failure_keeps_the_best():
    shot(root / "failed" / "shot.blend", root)
    begin(jobs.EARLY_FAIL)
    until_shown(moving=False)
    on("first")
    until_shown(moving=True)
    on("second")
    outcome = pump()
    return {"after": seen(), "code": outcome.error.code, "offered": offered()}


def saved_with_it():
    """What was in place when the file was saved stays on the disk."""
    shot(root / "saved" / "shot.blend", root)
    begin()
    until_shown(moving=False)
    folder = seen()["folder"]
    bpy.ops.wm.save_mainfile()
    on("first")
    until_shown(moving=True)
    on("second")
    pump()
    bpy.ops.wm.read_homefile(use_empty=True)
    left = folders("saved")
    bpy.ops.wm.open_mainfile(filepath=str(root / "saved" / "shot.blend"))
    return {"kept": folder in left, "seen": seen(), "count": len(left)}


def saved_elsewhere():
    shot(root / "here" / "shot.blend", root)
    begin()
    until_shown(moving=False)
    save_as(root / "there" / "shot.blend")
    on("first")
    until_shown(moving=True)
    on("second")
    pump()
    return {"seen": seen(), "there": [each.split("-")[0] for each in folders("there")]}


def another_file_is_left_alone():
    shot(root / "other" / "b.blend", root)
    shot(root / "other" / "a.blend", root)
    begin()
    bpy.ops.wm.open_mainfile(filepath=str(root / "other" / "b.blend"))
    on("first")
    on("second")
    outcome = pump()
    found = {"b": ours(), "note": outcome.note}
    bpy.ops.wm.open_mainfile(filepath=str(root / "other" / "a.blend"))
    bpy.ops.livescape.resume()
    return {**found, "a": ours()}


def undone():
    """A step of undo takes it away; the next one comes nevertheless."""
    shot(root / "undone" / "shot.blend", root)
    bpy.ops.ed.undo_push(message="before")
    begin()
    until_shown(moving=False)
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    without = ours()
    on("first")
    until_shown(moving=True)
    again = seen()
    on("second")
    pump()
    return {"without": without, "again": again, "final": seen()}


def in_edit_mode():
    """Nothing is placed while another object is being edited."""
    shot(root / "edit" / "shot.blend", root)
    mesh = bpy.data.meshes.new("Mesh")
    item = bpy.data.objects.new("Edited", mesh)
    bpy.context.scene.collection.objects.link(item)
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    begin()
    pump(until=lambda: running.current().newest_early() is not None)
    for _ in range(5):
        running.tick(bpy.context)
    meanwhile = ours()
    first = running.current().newest_early().folder
    on("first")
    pump(until=lambda: running.current().newest_early().folder != first)
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.main_thread():
            thread.join()
    gone = not first.exists()
    bpy.ops.object.mode_set(mode="OBJECT")
    until_shown(moving=True)
    bpy.ops.livescape.cancel()
    pump()
    return {"meanwhile": meanwhile, "gone": gone, "after": ours()}


photo(root)
for case in (
    each_better_one_replaces_it,
    cancel_keeps_the_best,
    cancel_gives_back_what_was_there,
    failure_gives_back_what_was_there,
    first_failure_keeps_the_best,
    saved_with_it,
    saved_elsewhere,
    another_file_is_left_alone,
    undone,
    in_edit_mode,
):
    result[case.__name__] = case()
common.leave(result)
