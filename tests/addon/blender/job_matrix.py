"""Everything that an artist can do to files and scenes while a generation runs."""

import os
from pathlib import Path
from types import SimpleNamespace

import bpy
import common
from job_common import (
    left_in,
    offered,
    offers,
    ours,
    played,
    pump,
    running,
    save_as,
    settings,
    shot,
    state,
)
from tests.addon import jobs

records = common.addon("generate.records")
root = Path(common.arguments()["folder"])
result = {}


def begin():
    """Press Generate, but for the timer."""
    running.start(bpy.context)


def saved_under_another_name():
    shot(root / "same" / "shot_v01.blend", root)
    begin()
    save_as(root / "same" / "shot_v02.blend")
    outcome = pump()
    found = {"error": str(outcome.error), "ours": played(), "offered": offered()}
    bpy.ops.wm.open_mainfile(filepath=str(root / "same" / "shot_v01.blend"))
    return {**found, "before": [ours(), offered()], "left": left_in(root / "same")}


def saved_elsewhere():
    shot(root / "old" / "shot.blend", root, jobs.HELD)
    begin()
    save_as(root / "new" / "shot.blend")
    jobs.release(os.environ["LIVESCAPE_STATE_DIR"], jobs.HELD)
    outcome = pump()
    return {
        "error": str(outcome.error),
        "ours": played(),
        "left": [left_in(root / "old"), left_in(root / "new")],
        "offered": offered(),
    }


def saved_elsewhere_when_all_has_arrived():
    shot(root / "late_old" / "shot.blend", root)
    begin()
    pump(until=lambda: running.current().worker.is_over)
    save_as(root / "late_new" / "shot.blend")
    outcome = pump()
    problem = common.addon("cache.check").cache_problem
    item = next(iter(common.addon("splats.object").splat_objects(bpy.context.scene)))
    return {
        "error": str(outcome.error),
        "problem": str(problem(item)),
        "names": ours(),
        "plays": played(),
        "left": [left_in(root / "late_old"), left_in(root / "late_new")],
    }


def another_scene():
    shot(root / "scenes" / "shot.blend", root)
    first = bpy.context.scene
    begin()
    second = bpy.data.scenes.new("Second")
    bpy.context.window.scene = second
    first.name = "Renamed"
    pump()
    return {"first": ours(first), "second": ours(second)}


def scene_deleted():
    shot(root / "deleted" / "shot.blend", root)
    first, second = bpy.context.scene, bpy.data.scenes.new("Second")
    settings(second, root)
    begin()
    bpy.context.window.scene = second
    bpy.data.scenes.remove(first)
    outcome = pump()
    found = {"note": outcome.note, "ours": ours(), "offered": offered()}
    bpy.ops.livescape.resume()
    return {**found, "placed": ours(), "afterwards": offered()}


def another_file():
    """The result of a file that is no longer open waits until it is."""
    shot(root / "two" / "b.blend", root)
    shot(root / "two" / "a.blend", root, jobs.HELD + 1)
    begin()
    bpy.ops.wm.open_mainfile(filepath=str(root / "two" / "b.blend"))
    pump(until=lambda: state().owner == "a.blend")
    busy = [running.is_running(), bpy.ops.livescape.generate.poll()]
    jobs.release(os.environ["LIVESCAPE_STATE_DIR"], jobs.HELD + 1)
    outcome = pump()
    found = {"busy": busy, "note": outcome.note, "b": ours(), "offered in b": offered()}
    bpy.ops.wm.open_mainfile(filepath=str(root / "two" / "a.blend"))
    found["offered in a"] = offered()
    bpy.ops.livescape.resume()
    return {**found, "a": ours(), "afterwards": offered()}


def there_and_back():
    shot(root / "back" / "b.blend", root)
    shot(root / "back" / "a.blend", root)
    begin()
    bpy.ops.wm.open_mainfile(filepath=str(root / "back" / "b.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(root / "back" / "a.blend"))
    pump()
    return {"a": ours(), "offered": offered()}


def new_file():
    shot(root / "fresh" / "a.blend", root)
    begin()
    bpy.ops.wm.read_homefile(use_empty=True)
    outcome = pump()
    found = {"note": outcome.note, "untouched": len(bpy.data.objects)}
    bpy.ops.wm.open_mainfile(filepath=str(root / "fresh" / "a.blend"))
    return {**found, "offered": offered()}


def failure_elsewhere():
    shot(root / "fails" / "b.blend", root)
    shot(root / "fails" / "a.blend", root, jobs.FAIL)
    begin()
    bpy.ops.wm.open_mainfile(filepath=str(root / "fails" / "b.blend"))
    outcome = pump()
    bpy.ops.wm.open_mainfile(filepath=str(root / "fails" / "a.blend"))
    found = {"code": outcome.error.code, "offered": offered()}
    bpy.ops.livescape.discard()
    return {**found, "afterwards": offered(), "left": left_in(root / "fails")}


def opened_while_it_is_built():
    """Another file, or a step of undo, in the middle of building the object."""
    shot(root / "building" / "b.blend", root)
    shot(root / "building" / "a.blend", root)
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="Empty")
    bpy.context.scene.frame_end = 9
    bpy.ops.ed.undo_push(message="Changed")
    begin()
    job = running.current()
    pump(until=lambda: job.placing is not None)
    bpy.ops.ed.undo()
    abandoned = job.placing is None
    pump(until=lambda: job.placing is not None)
    bpy.ops.wm.open_mainfile(filepath=str(root / "building" / "b.blend"))
    outcome = pump()
    found = {"abandoned": abandoned, "note": outcome.note, "b": ours()}
    bpy.ops.wm.open_mainfile(filepath=str(root / "building" / "a.blend"))
    bpy.ops.livescape.resume()
    return {**found, "a": ours()}


def undone():
    shot(root / "undo" / "shot.blend", root)
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="Empty")
    bpy.ops.livescape.generate()
    steps = [ours()]
    for step in (bpy.ops.ed.undo, bpy.ops.ed.redo):
        step()
        steps.append(ours())
    # Its window is not lent to a context that has one: that can end Blender, see there.
    manager = bpy.context.window_manager
    context = SimpleNamespace(window=manager.windows[0], window_manager=manager)
    common.addon("undo_step").push_undo(context, "Nothing")
    return {"steps": steps}


def in_edit_mode():
    shot(root / "edit" / "shot.blend", root)
    mesh = bpy.data.meshes.new("Plane")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    item = bpy.data.objects.new("Plane", mesh)
    bpy.context.scene.collection.objects.link(item)
    bpy.context.view_layer.objects.active = item
    bpy.ops.object.mode_set(mode="EDIT")
    begin()
    pump(until=lambda: state().stage.startswith("finished"))
    waits = ours()
    bpy.ops.object.mode_set(mode="OBJECT")
    pump()
    return {"waits": waits, "ours": ours()}


def deleted_and_made_again():
    """Nothing of a deleted object stays, and the next one has its name."""
    shot(root / "again" / "shot.blend", root)
    bpy.ops.livescape.generate()
    item = bpy.data.objects["Livescape"]
    item.select_set(True)
    children = len(item.children)
    bpy.ops.object.delete()
    in_scene = len([each for each in bpy.context.scene.objects if each.type == "MESH"])
    bpy.ops.livescape.generate()
    kinds = (bpy.data.objects, bpy.data.meshes, bpy.data.node_groups, bpy.data.materials)
    names = sorted({block.name for kind in kinds for block in kind})
    bpy.ops.wm.save_mainfile()
    bpy.data.objects["Livescape"].select_set(True)
    bpy.ops.object.delete()
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    left = [block.name for block in bpy.data.objects]
    return {"children": children, "in scene": in_scene, "names": names, "left": left}


def beside_a_linked_one():
    shot(root / "library" / "asset.blend", root)
    bpy.ops.livescape.generate()
    bpy.ops.wm.save_mainfile()
    cases = {}
    for kind in ("link", "append"):
        shot(root / "uses" / kind / "shot.blend", root)
        asset = str(root / "library" / "asset.blend")
        with bpy.data.libraries.load(asset, link=kind == "link") as (_, into):
            into.objects = ["Livescape"]
        bpy.context.scene.collection.objects.link(into.objects[0])
        bpy.context.view_layer.objects.active = into.objects[0]
        outcome = sorted(bpy.ops.livescape.generate())
        static = common.addon("splats.object").SplatObject(into.objects[0]).static
        cases[kind] = {
            "outcome": outcome,
            "error": state().error_message,
            "plays": played(),
            "static": static is not None and len(static.data.polygons),
        }
    return cases


def followed_elsewhere():
    """What another Blender is at is not offered here; what a dead one was at is."""
    shot(root / "others" / "shot.blend", root)
    record = records.Record("shot.blend", "Scene", "Livescape", process=1)
    records.write_record(root / "others" / "livescape", record)
    alive = offered()
    records.remove_record(root / "others" / "livescape", record)
    dead = records.Record("shot.blend", "Scene", "Livescape", process=2**22 + 1)
    records.write_record(root / "others" / "livescape", dead)
    found = {"alive": alive, "dead": offered()}
    bpy.app.handlers.depsgraph_update_post.clear()
    try:
        bpy.ops.livescape.resume()
    except RuntimeError as error:
        found["said"] = [state().error_code, "Traceback" in str(error)]
    offers.discard(dead)
    return found


CASES = (saved_under_another_name, saved_elsewhere, saved_elsewhere_when_all_has_arrived,
         another_scene, scene_deleted, another_file, there_and_back, new_file, failure_elsewhere,
         opened_while_it_is_built, undone, in_edit_mode, deleted_and_made_again,
         beside_a_linked_one, followed_elsewhere)  # fmt: skip
for case in CASES:
    result[case.__name__] = case()
    assert not running.is_running(), case.__name__
common.leave(result)
