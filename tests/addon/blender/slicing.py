"""What the add-on does in slices, and what becomes of faults."""

import itertools
import threading
import time
from pathlib import Path

import bpy
import common
from job_common import running, shot, state
from tests.addon import jobs, synthetic

root = Path(common.arguments()["folder"])
slices = common.addon("slices")
worker_module = common.addon("generate.worker")
place = common.addon("generate.place")


class Clock:
    """Each look at it costs a second."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1.0
        return self.now


def arrived(count=300):
    """Return a worker's result for a scene of this many Gaussians."""
    folder = common.write_cache(synthetic.scene(static=count, pairs=50))
    worker = worker_module.Worker(
        common.addon("generate.steps").WholeCache("Livescape", folder), folder.parent
    )
    worker.start()
    worker.wait(60.0)
    return worker.arrived


def counted():
    """Build with a budget of three looks at the clock: how often Blender gets control."""
    shot(root / "counted.blend", root)
    made = arrived()
    work = slices.Sliced(lambda: place.place_arrived(bpy.context.scene, made), clock=Clock())
    between = []
    while not work.step(3.0):
        between.append(len(bpy.context.scene.objects))
    return {
        "slices": work.slices,
        "scene in between": sorted(set(between)),
        "in the end": len(bpy.context.scene.objects),
        "plain": [str(slices.breathe())],
    }


def abandoned():
    made = arrived()
    work = slices.Sliced(lambda: place.place_arrived(bpy.context.scene, made), clock=Clock())
    work.step(3.0)
    work.abandon()
    work.abandon()
    item = place.place_arrived(bpy.context.scene, made)
    return {"name": item.name, "groups": [each.name for each in bpy.data.node_groups]}


def threads():
    """Which thread receives, writes and computes, and which one builds."""
    shot(root / "threads.blend", root)
    found = {}

    def watch(module, name, key):
        original = getattr(module, name)

        def watched(*values, **named):
            found.setdefault(key, set()).add(threading.current_thread() is main)
            return original(*values, **named)

        setattr(module, name, watched)

    main = threading.main_thread()
    collect = common.addon("bridge.collect")
    watch(collect.Collector, "feed", "receives")
    watch(common.shared("cache.writer").CacheWriter, "frame", "writes")
    watch(worker_module, "mesh_content", "computes")
    watch(common.addon("splats.build"), "quad_mesh", "builds")
    bpy.ops.livescape.generate()
    return {key: sorted(values) for key, values in found.items()}


def faults():
    """An exception that nobody expected, wherever it comes from, ends as a card."""
    told = {}
    places = {
        "in the thread": (worker_module, "mesh_content"),
        "while building": (common.addon("splats.build"), "quad_mesh"),
        "at the end": (common.addon("generate.endings"), "too_short"),
    }
    for name, (module, function) in places.items():
        shot(root / "faults.blend", root)
        original = getattr(module, function)

        def broken(*_, **__):
            raise ZeroDivisionError("by test")

        setattr(module, function, broken)
        try:
            running.start(bpy.context)
            while (interval := running._on_timer()) is not None:
                running.current().worker.wait(0.05)
        finally:
            setattr(module, function, original)
        details = common.addon("generate.details").error_details(state())
        told[name] = {
            "code": state().error_code,
            "running": [running.is_running(), state().is_running, interval],
            "timer": bpy.app.timers.is_registered(running._on_timer),
            "details": ["ZeroDivisionError" in details, str(root) in details, "Blender" in details],
            "again": running.is_running() or bpy.ops.livescape.generate.poll(),
        }
    module = common.addon("generate.generation")
    original, module.build_request = module.build_request, None
    try:
        bpy.ops.livescape.generate()
    except RuntimeError as error:
        told["before it starts"] = [state().error_code, "Traceback" in str(error)]
    module.build_request = original
    return told


def slow_keys():
    """No key and no second call ends a generation; the timer is the only way it is driven."""
    shot(root / "keys.blend", root, jobs.LONG)
    running.start(bpy.context)
    running.run_by_timer()  # in a window this is what the button does
    registered = bpy.app.timers.is_registered(running._on_timer)
    modal = hasattr(bpy.types.LIVESCAPE_OT_generate, "modal")
    bpy.ops.livescape.cancel()
    while running._on_timer() is not None:
        running.current().worker.wait(0.05)
    bpy.app.timers.unregister(running._on_timer)
    return {"timer": registered, "modal": modal, "note": state().note}


def last_calls():
    """What is done in the same call as the step of undo, and how often the panel is drawn."""
    shot(root / "last.blend", root)
    told, shown = [], []
    watched = {"placed": common.addon("generate.endings"), "push_undo": running,
               "redraw_viewports": running}  # fmt: skip
    originals = {name: getattr(module, name) for name, module in watched.items()}

    def watching(name):
        def call(*values, **named):
            told[-1].append(name)
            return originals[name](*values, **named)

        return call

    for name, module in watched.items():
        setattr(module, name, watching(name))
    try:
        running.start(bpy.context)
        told.append([])
        while running._on_timer() is not None:
            shown.append(common.addon("generate.status").shown(state()))
            told.append([])
            time.sleep(0.005)
    finally:
        for name, module in watched.items():
            setattr(module, name, originals[name])
    drawn = [each.pop() for each in told if each and each[-1] == "redraw_viewports"]
    changes = 2 + sum(one != other for one, other in itertools.pairwise(shown))
    return {
        "calls": len(told),
        "drawn": len(drawn),
        "changes": changes,
        "last": [each for each in told if each],
    }


common.leave(
    {
        "last": last_calls(),
        "counted": counted(),
        "abandoned": abandoned(),
        "threads": threads(),
        "faults": faults(),
        "keys": slow_keys(),
    }
)
