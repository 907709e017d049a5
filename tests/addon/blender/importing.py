"""Imports files by timer: what the artist does meanwhile, and which thread does what."""

import threading
import time
from pathlib import Path
from types import SimpleNamespace

import bpy
import common
from stub_layout import Layout
from tests.addon import synthetic

from livescape_shared.ply import write_ply
from livescape_shared.processes import process_alive

common.enable()
given = common.arguments()
root = Path(given["folder"])
importing = common.addon("exchange.importing")
steps = common.addon("exchange.file_steps")
undone = common.addon("exchange.undone")
MAIN = threading.main_thread()
ply = root / "cloud.ply"
write_ply(ply, synthetic.scene(static=300, pairs=1).static)


def shot(name):
    """Start a new file and save it in a folder of its own."""
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.context.scene.render.fps = 24
    (root / name).mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(root / name / "shot.blend"))


def begin(path):
    return sorted(bpy.ops.livescape.import_splats(filepath=str(path), by_timer=True))


def pump(until=lambda: False):
    """Do what the timer does until it is over or ``until`` holds; return the number of calls."""
    calls = 0
    while not until() and importing._on_timer() is not None:
        time.sleep(0.01)
        calls += 1
    return calls


def state():
    return bpy.context.window_manager.livescape


def left(name):
    folder = root / name / "livescape"
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def names():
    return sorted(item.name for item in bpy.data.objects)


def drawn():
    """What the panel of imports shows."""
    log = []
    common.addon("ui.exchange_panel").LIVESCAPE_PT_exchange.draw(
        SimpleNamespace(layout=Layout(log)), bpy.context
    )
    return log


def watched():
    """Which thread reads, stores and waits for the backend."""
    shot("watched")
    found = {}

    def watch(module, name):
        original = getattr(module, name)

        def with_note(*values, **named):
            found.setdefault(name, set()).add(threading.current_thread() is MAIN)
            return original(*values, **named)

        setattr(module, name, with_note)

    by_backend = common.addon("exchange.by_backend")
    watch(steps, "sequence_scene")
    watch(by_backend, "_has_ended")
    watch(common.shared("cache.writer").CacheWriter, "frame")
    watch(common.addon("generate.worker"), "mesh_content")
    returned = begin(given["scene"])
    said = [importing.is_running(), bpy.ops.livescape.import_splats.poll(), names(), drawn()[:3]]
    calls = pump()
    return {
        "returned": returned,
        "meanwhile": said,
        "calls": calls,
        "on main": {key: sorted(value) for key, value in found.items()},
        "in the end": [names(), state().note, importing.is_running()],
        "active": bpy.context.view_layer.objects.active.name,
    }


def begin_stuck():
    """Begin an import for which the backend never answers; return its process."""
    told = Path(given["pid"])
    told.unlink(missing_ok=True)
    begin(given["scene"])
    pump(lambda: told.exists() and told.read_text().endswith("\n"))
    return int(told.read_text())


def has_ended(pid):
    """Whether a process of ours ends within some seconds."""
    for _ in range(200):
        if not process_alive(pid):
            return True
        time.sleep(0.05)
    return False


def cancelled():
    """A backend that never answers, cancelled."""
    shot("cancelled")
    pid = begin_stuck()
    bpy.ops.livescape.cancel_import()
    pump()
    return [state().note, names(), left("cancelled"), importing.is_running(), has_ended(pid)]


def other_file():
    """Another file is opened while the backend works, and while the object waits."""
    shot("other")
    pid = begin_stuck()
    shot("other2")
    stopped = not importing.is_running() and has_ended(pid)
    begin(ply)
    pump(lambda: importing._current._worker.is_over)
    shot("other3")
    return [stopped, importing.is_running(), names(), left("other"), left("other2")]


def undo():
    """What was built so far is let go of at a step of undo, and built again."""
    shot("undo")
    begin(ply)
    pump(lambda: importing._current._worker.is_over)
    importing.tick(bpy.context, budget_s=0.0)
    placing = importing._current.is_placing
    common.addon("handlers")._data_changes()
    abandoned = not importing._current.is_placing
    pump()
    return [placing, abandoned, names(), state().note]


def waiting():
    """What the panel says while the object waits for Object Mode, and when it may be built."""
    shot("waiting")
    mesh = bpy.data.objects.new("Mine", bpy.data.meshes.new("Mine"))
    bpy.context.scene.collection.objects.link(mesh)
    bpy.context.view_layer.objects.active = mesh
    bpy.ops.object.mode_set(mode="EDIT")
    begin(ply)
    pump(lambda: importing._current._worker.is_over)
    importing.tick(bpy.context)
    said = [drawn()[2]]
    bpy.ops.object.mode_set(mode="OBJECT")
    importing.tick(bpy.context, budget_s=0.0)
    said.append(drawn()[2])
    pump()
    return [said, names()]


def undo_of_what_is_built():
    """A step of undo takes away what is built and no step yet: it is built once more."""
    shot("undo2")
    bpy.ops.ed.undo_push(message="Begin")
    bpy.context.scene.frame_end = 77
    bpy.ops.ed.undo_push(message="Something")
    begin(ply)
    pump(lambda: "cloud" in bpy.data.objects)
    before = importing._current._found is not None
    bpy.ops.ed.undo()
    gone = "cloud" not in bpy.data.objects
    pump()
    return [before, gone, names(), state().note, len(left("undo2"))]


def cancelled_late():
    """Cancelled while the object is built, and when it is built but no step of undo yet."""
    found = []
    for name, budget in (("late", 0.0), ("later", 60.0)):
        shot(name)
        begin(ply)
        pump(lambda: importing._current._worker.is_over)
        importing.tick(bpy.context, budget_s=budget)
        built = importing._current._found is not None
        bpy.ops.livescape.cancel_import()
        pump()
        rest = sum(len(getattr(bpy.data, kind)) for kind in ("meshes", "materials", "node_groups"))
        found.append([built, state().note, names(), rest, left(name)])
    return found


def saved_elsewhere():
    """Save As to another folder while the file is read."""
    shot("before")
    begin(given["scene"])
    (root / "after").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(root / "after" / "shot.blend"))
    pump()
    played = common.addon("splats.object").SplatObject(bpy.data.objects["wave"])
    return [left("before"), len(left("after")), played.cache_file.startswith(str(root / "after"))]


def saved_at_the_last_moment():
    """Save As to another folder when all is read, and while the object is built."""
    found = []
    for name, ticks in (("read", 0), ("begun", 1)):
        shot(f"{name}_before")
        begin(ply)
        pump(lambda: importing._current._worker.is_over)
        for _ in range(ticks):
            importing.tick(bpy.context, budget_s=0.0)
        (root / f"{name}_after").mkdir()
        bpy.ops.wm.save_as_mainfile(filepath=str(root / f"{name}_after" / "shot.blend"))
        pump()
        played = common.addon("splats.object").SplatObject(bpy.data.objects["cloud"])
        lies = Path(played.cache_file).is_relative_to(root / f"{name}_after")
        found.append([left(f"{name}_before"), len(left(f"{name}_after")), lies])
    return found


def saved_while_built():
    """Save As, and the end of the add-on, while the object is built."""
    shot("built")
    begin(ply)
    pump(lambda: importing._current._worker.is_over)
    importing.tick(bpy.context, budget_s=0.0)
    begun = len(bpy.data.meshes) + len(bpy.data.node_groups)
    bpy.ops.wm.save_as_mainfile(filepath=str(root / "built" / "other.blend"))
    rest = len(bpy.data.meshes) + len(bpy.data.node_groups)
    importing.tick(bpy.context, budget_s=0.0)
    importing.stop()
    return [begun > 0, rest, len(bpy.data.meshes) + len(bpy.data.node_groups), names()]


def failed():
    """Building fails after slices between which the artist has added something."""
    shot("failed")
    building = common.addon("splats.build")
    added, building._add_nodes_modifier = building._add_nodes_modifier, None
    begin(ply)
    pump(lambda: importing._current._worker.is_over)
    importing.tick(bpy.context, budget_s=0.0)
    mine = bpy.data.objects.new("Mine", None)
    bpy.context.scene.collection.objects.link(mine)
    calls = pump()
    building._add_nodes_modifier = added
    kinds = ("meshes", "materials", "node_groups")
    rest = [len(getattr(bpy.data, kind)) for kind in kinds]
    return [calls, state().error_code, names(), rest, left("failed")]


def taken():
    """Somebody else takes the object's name meanwhile."""
    shot("taken")
    begin(ply)
    pump(lambda: importing._current._worker.is_over)
    common.write_scene(synthetic.scene(static=20, pairs=5), name="cloud")
    pump()
    return names()


common.leave({name: globals()[name]() for name in given["cases"]})
