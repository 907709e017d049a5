"""What an artist in a hurry does right after Generate, and while it runs."""

import os
import shutil
from pathlib import Path

import bpy
import common
from job_common import left_in, offered, ours, played, pump, running, save_as, shot, state
from tests.addon import jobs

root = Path(common.arguments()["folder"])
cache = Path(os.environ["LIVESCAPE_STATE_DIR"]) / "cache"
objects = common.addon("splats.object")
check = common.addon("cache.check")
moved = common.addon("cache.moved")
result = {}


def begin(*, previews=False):
    """Press Generate, but for the timer."""
    running.start(bpy.context, previews=previews)


def undoable():
    """Let undo know the state of now."""
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="Now")


def problems():
    """What is wrong with what the objects play."""
    there = objects.splat_objects(bpy.context.scene)
    return [each.item.name for each in there if check.cache_problem(each) is not None]


def reopened():
    """Save, open again, and tell which objects there are and what is wrong with them."""
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
    return [ours(), problems()]


def caches(name):
    """Names of the caches beside a shot."""
    return sorted(path.name for path in (root / name / "livescape").glob("[!.]*"))


def unused():
    """How many caches nothing plays."""
    return len(common.addon("cache.generations").unused_caches())


def release(name):
    """Let the server go on."""
    (cache / name).touch()


def undone_and_redone():
    shot(root / "redo" / "shot.blend", root)
    undoable()
    bpy.ops.livescape.generate()
    bpy.ops.ed.undo()
    bpy.ops.ed.redo()
    return [*reopened(), len(caches("redo"))]


def undone_and_saved():
    """What was undone is saved; the list of jobs brings it back."""
    shot(root / "gone" / "shot.blend", root)
    undoable()
    bpy.ops.livescape.generate()
    bpy.ops.ed.undo()
    found = [*reopened(), len(caches("gone"))]
    bpy.ops.livescape.show_job()
    return [*found, *reopened()]


def undone_to_the_one_before():
    shot(root / "before" / "shot.blend", root)
    undoable()
    bpy.ops.livescape.generate()
    first = caches("before")
    bpy.context.scene.livescape.seed = 9
    bpy.ops.livescape.generate()
    bpy.ops.ed.undo()
    found = reopened()
    item = next(iter(objects.splat_objects(bpy.context.scene)))
    return [*found, [item.generation] == first, len(caches("before"))]


def duplicated():
    """Shift-D, and the original deleted."""
    shot(root / "twice" / "shot.blend", root)
    bpy.ops.livescape.generate()
    original = bpy.data.objects["Livescape"]
    bpy.ops.object.select_all(action="DESELECT")
    original.select_set(True)
    bpy.context.view_layer.objects.active = original
    bpy.ops.object.duplicate()
    bpy.ops.object.select_all(action="DESELECT")
    original.select_set(True)
    bpy.ops.object.delete()
    found = [*reopened(), unused(), len(caches("twice"))]
    static = next(iter(objects.splat_objects(bpy.context.scene))).static
    return [*found, static is not None and len(static.data.polygons)]


def early(name):
    """Begin, until the first of the coarse scenes is there."""
    for each in ("first", "second"):
        (cache / each).unlink(missing_ok=True)
    shot(root / name / "shot.blend", root, jobs.EARLY)
    bpy.context.scene.frame_end = 10 + len(result)  # the server knows none of them
    undoable()
    bpy.context.scene.frame_start = 2
    undoable()
    begin(previews=True)
    pump(until=lambda: running.current().shown is not None)


def finish():
    """Let the server come to its end."""
    release("first")
    pump(until=lambda: not (cache / "first").exists())
    release("second")
    return pump()


def duplicate_of_what_came_early():
    """A duplicate of a coarse scene, made meanwhile, keeps what it plays."""
    early("early_twice")
    item = bpy.data.objects["Livescape"]
    copy = item.copy()
    bpy.context.scene.collection.objects.link(copy)
    bpy.context.view_layer.objects.active = item
    outcome = finish()
    first = reopened()
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=str(root / "early_twice" / "shot.blend"))
    return [str(outcome.error), first, [ours(), problems()], len(caches("early_twice"))]


def undone_while_it_is_coarse():
    """A step of undo takes the coarse scene away; then Cancel."""
    early("early_undo")
    bpy.ops.ed.undo()
    gone = ours()
    state().is_cancelling = True
    outcome = pump()
    found = [gone, outcome.note, str(outcome.error), *reopened()]
    return [*found, len(caches("early_undo"))]


def undone_while_it_is_coarse_and_finished():
    early("early_undo2")
    bpy.ops.ed.undo()
    outcome = finish()
    return [str(outcome.error), *reopened()]


def deleted_while_it_is_coarse():
    early("early_delete")
    bpy.data.objects.remove(bpy.data.objects["Livescape"])
    outcome = finish()
    return [str(outcome.error), *reopened()]


def coarse_saved_elsewhere():
    """Save As while the coarse scene is there; then the whole one comes."""
    early("early_old")
    save_as(root / "early_new" / "shot.blend")
    outcome = finish()
    found = [str(outcome.error), played(), *reopened()]
    return [*found, len(caches("early_old")), len(caches("early_new"))]


def purged():
    """Unused data-blocks are purged while the object is built, after every slice."""
    shot(root / "purge" / "shot.blend", root)
    begin()
    job = running.current()
    pump(until=lambda: job.worker.is_over)
    slices, outcome = 0, None
    while outcome is None:
        outcome = running.tick(bpy.context, budget_s=0.0)
        slices += job.placing is not None
        bpy.ops.outliner.orphans_purge(do_local_ids=True, do_recursive=True)
    return [slices > 10, str(outcome.error), *reopened()]


def blocks_in(blend):
    """How many data-blocks of the kinds that objects of ours consist of a file holds."""
    with bpy.data.libraries.load(str(blend)) as (there, _):
        return len(there.meshes) + len(there.node_groups) + len(there.materials)


def half_built(name):
    """Begin a generation, and stop where its object is built."""
    shot(root / name / "shot.blend", root)
    begin()
    job = running.current()
    pump(until=lambda: job.worker.is_over)
    for _ in range(5):
        running.tick(bpy.context, budget_s=0.0)


def saved_while_it_is_built():
    """Half an object is in no file."""
    half_built("half")
    bpy.ops.wm.save_as_mainfile(filepath=str(root / "half" / "copy.blend"), copy=True)
    pump()
    held = [each for each in bpy.data.meshes if each.use_fake_user]
    return [blocks_in(root / "half" / "copy.blend"), len(held), *reopened()]


def autosaved_while_it_is_built():
    """Blender saves by itself without telling anybody; half an object goes when it is opened."""
    half_built("auto")
    told, copy = list(bpy.app.handlers.save_pre), str(root / "auto" / "copy.blend")
    bpy.app.handlers.save_pre.clear()
    bpy.ops.wm.save_as_mainfile(filepath=copy, copy=True)
    bpy.app.handlers.save_pre.extend(told)
    pump()
    kept = blocks_in(copy)
    bpy.ops.wm.open_mainfile(filepath=copy)
    kinds = (bpy.data.meshes, bpy.data.node_groups, bpy.data.materials)
    return [kept > 0, [len(kind) for kind in kinds]]


def saved_when_it_is_placed():
    """Save As elsewhere between the object and its step of undo."""
    shot(root / "placed_old" / "shot.blend", root)
    begin()
    pump(until=lambda: running.current().placed)
    save_as(root / "placed_new" / "shot.blend")
    outcome = pump()
    return [str(outcome.error), *reopened(), left_in(root / "placed_old")]


def saved_on_another_disk():
    """A cache is copied where it cannot be renamed, and stays where there is no room."""
    rename, copy = Path.rename, shutil.copy2

    def refused(*values):
        raise OSError(18, "Invalid cross-device link")

    found = []
    moved.Path.rename = refused
    try:
        for name in ("disk", "full"):
            shot(root / f"{name}_old" / "shot.blend", root)
            begin()
            pump(until=lambda: running.current().worker.is_over)
            if name == "full":
                moved.shutil.copy2 = refused
            save_as(root / f"{name}_new" / "shot.blend")
            outcome = pump()
            found.append([str(outcome.error), played(), *reopened(), left_in(root / f"{name}_old")])
    finally:
        moved.Path.rename, moved.shutil.copy2 = rename, copy
    return found


def shown_again_and_saved_elsewhere():
    """A cache that the earlier file plays stays with it, and in its list."""
    shot(root / "again_old" / "shot.blend", root)
    bpy.ops.livescape.generate()
    bpy.ops.wm.save_mainfile()
    history = common.addon("generate.history")
    running.show_again(bpy.context, history.named(""))
    pump(until=lambda: running.current().worker.is_over)
    save_as(root / "again_new" / "shot.blend")
    pump()
    found = [played(), *reopened()]
    bpy.ops.wm.open_mainfile(filepath=str(root / "again_old" / "shot.blend"))
    return [*found, ours(), problems(), len(history.past_jobs())]


def placed_and_saved_elsewhere():
    """What has finished without its file is placed, and goes along where that is saved."""
    shot(root / "late_b" / "b.blend", root)
    shot(root / "late_b" / "a.blend", root)
    begin()
    bpy.ops.wm.open_mainfile(filepath=str(root / "late_b" / "b.blend"))
    pump()
    bpy.ops.wm.open_mainfile(filepath=str(root / "late_b" / "a.blend"))
    offers = common.addon("generate.offers")
    running.resume(bpy.context, offers.open_offers()[0])
    pump(until=lambda: running.current().worker.is_over)
    save_as(root / "late_c" / "a.blend")
    outcome = pump()
    return [str(outcome.error), played(), *reopened(), left_in(root / "late_b")]


def renamed():
    """The .blend gets another name, or is deleted, while its generation runs without it."""
    found = {}
    for how in ("renamed", "deleted"):
        folder = root / how
        shot(folder / "other.blend", root)
        shot(folder / "a.blend", root)
        begin()
        bpy.ops.wm.open_mainfile(filepath=str(folder / "other.blend"))
        if how == "renamed":
            (folder / "a.blend").rename(folder / "c.blend")
            pump()
            bpy.ops.wm.open_mainfile(filepath=str(folder / "c.blend"))
        else:
            (folder / "a.blend").unlink()
            pump()
        before = offered()
        bpy.ops.livescape.resume()
        records = common.addon("generate.records").all_records(folder / "livescape")
        found[how] = [before, ours(), offered(), [each.blend for each in records]]
    return found


def folder_gone():
    """The folder of the open file is moved away while its generation runs."""
    shot(root / "moved" / "shot.blend", root)
    begin()
    (root / "moved").rename(root / "elsewhere")
    outcome = pump()
    code = outcome.error.code if outcome.error else ""
    bpy.ops.wm.open_mainfile(filepath=str(root / "elsewhere" / "shot.blend"))
    return [code, ours(), offered()]


def scene_copied():
    """A full copy of the scene keeps its own."""
    shot(root / "copied" / "shot.blend", root)
    bpy.ops.livescape.generate()
    first = bpy.context.scene
    bpy.ops.scene.new(type="FULL_COPY")
    second = bpy.context.scene
    second.livescape.seed = 9
    bpy.ops.livescape.generate()
    plays = [
        sorted(each.generation for each in objects.splat_objects(scene))
        for scene in (first, second)
    ]
    return [[len(each) for each in plays], plays[0] != plays[1], *reopened()]


CASES = (undone_and_redone, undone_and_saved, undone_to_the_one_before, duplicated,
         duplicate_of_what_came_early, undone_while_it_is_coarse,
         undone_while_it_is_coarse_and_finished, deleted_while_it_is_coarse,
         coarse_saved_elsewhere, purged, saved_while_it_is_built, autosaved_while_it_is_built,
         saved_when_it_is_placed, saved_on_another_disk,
         shown_again_and_saved_elsewhere, placed_and_saved_elsewhere, renamed, folder_gone,
         scene_copied)  # fmt: skip
for case in CASES:
    result[case.__name__] = case()
    assert not running.is_running(), case.__name__
common.leave(result)
