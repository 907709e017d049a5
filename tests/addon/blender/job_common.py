"""What scripts that follow generations share: a photo, a saved shot, pumping without a timer.

Importing it enables the add-on.
"""

import json
from pathlib import Path

import bpy
import common

common.enable()
question = common.addon("bridge.question")
find_server = common.addon("bridge.launcher").find_server
Timing = common.addon("bridge.liveness").Timing
running = common.addon("generate.running")
offers = common.addon("generate.offers")
objects = common.addon("splats.object")
records = common.addon("generate.records")
default_state_dir = common.shared("connection").default_state_dir
messages = common.shared("messages")


def state():
    """What the panel shows."""
    return bpy.context.window_manager.livescape


def photo(folder):
    """Write a photo of noise and return its path."""
    path = Path(folder) / "photo.png"
    return str(path) if path.exists() else common.write_noise(path, 96, 64)


def shot(blend, root, seed=0):
    """Start a new file with a camera and all that Generate asks for, and save it."""
    bpy.ops.wm.read_homefile(use_empty=True)
    common.add_camera()
    settings(bpy.context.scene, root, seed)
    save_as(blend)


def settings(scene, root, seed=0):
    """Fill in what Generate asks for."""
    scene.frame_start, scene.frame_end = 1, 8
    scene.livescape.photo = photo(root)
    scene.livescape.loop_frames = 8
    scene.livescape.seed = seed


def save_as(blend):
    """Save the open file under another name."""
    Path(blend).parent.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(blend))


def pump(until=lambda: False):
    """Do what the timer does until it is over or ``until`` holds; return the outcome."""
    while not until():
        outcome = running.tick(bpy.context, wait_s=0.02)
        if outcome is not None:
            return outcome
    return None


def ours(scene=None):
    """Names of the objects of ours in a scene."""
    return sorted(each.item.name for each in objects.splat_objects(scene or bpy.context.scene))


def played():
    """Names of the folders whose caches the objects of the scene play."""
    return sorted(
        Path(each.cache_file).parents[2].name for each in objects.splat_objects(bpy.context.scene)
    )


def offered():
    """What the panel offers to take up again."""
    offers.look_again()
    return [each.state for each in offers.open_offers()]


def end_of(job):
    """Return the state in which the server's job ends."""
    with question.entered(find_server(default_state_dir()), "test", Timing()) as (session, _):
        while True:
            state = question.ask(session, messages.ListJobs(), messages.Jobs).jobs[job]["state"]
            if state not in ("queued", "running"):
                return state


def left_in(folder):
    """Names of what lies among the caches of a folder."""
    root = Path(folder) / "livescape"
    names = {path.name.split("-")[0]: path for path in root.iterdir()} if root.exists() else {}
    if ".jobs" in names and all(is_over(path) for path in names[".jobs"].iterdir()):
        del names[".jobs"]  # it tells what was made
    return sorted(names)


def is_over(path):
    """Whether a file among the records tells of a generation that is over."""
    if path.suffix != ".json":
        return False
    return json.loads(path.read_text())["state"] not in records.OPEN
