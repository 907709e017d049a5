"""The list of generations: what it says, showing, using the settings again, deleting; presets."""

import itertools
import os
from pathlib import Path
from types import SimpleNamespace

import bpy
import common
from job_common import objects, offered, ours, pump, running, shot, state
from stub_layout import Layout
from tests.addon import jobs

root = Path(common.arguments()["folder"])
go = Path(os.environ["LIVESCAPE_STATE_DIR"]) / "cache"
history = common.addon("generate.history")
properties = common.addon("properties")
durations = common.addon("generate.durations")
numbers = itertools.count(300)
result = {}


def drawn(name):
    """Return what a panel shows."""
    log = []
    panel = next(each for each in common.addon("ui").CLASSES if each.__name__ == name)
    history.look_again()
    panel.draw(SimpleNamespace(layout=Layout(log)), bpy.context)
    return log


def generate(**settings):
    group = bpy.context.scene.livescape
    group.fit_iterations = next(numbers)
    for name, value in settings.items():
        setattr(group, name, value)
    running.start(bpy.context)
    return pump()


def played():
    (each,) = objects.splat_objects(bpy.context.scene)
    return each.generation


def records():
    history.look_again()
    return history.past_jobs()


def refused(operator, **arguments):
    try:
        operator(**arguments)
    except RuntimeError as error:
        return [state().error_code, str(error).split("\n")[0]]
    return []


shot(root / "shot" / "shot.blend", root)
group = bpy.context.scene.livescape
result["empty"] = drawn("LIVESCAPE_PT_jobs")
group.preset = "draft"
group.seed = 5
result["unedited"] = drawn("LIVESCAPE_PT_generate")
group.seed = 0
group.speed = 2.0
result["edited"] = drawn("LIVESCAPE_PT_generate")
generate(loop_frames=8)
first = played()
group.preset = "final"
generate(loop_frames=12, object_name="Livescape")
second = played()
result["list"] = drawn("LIVESCAPE_PT_jobs")
newest, oldest = records()
result["newest first"] = [newest.cache == second, oldest.cache == first]
result["requests left"] = [path.suffix for path in (root / "shot/livescape/.jobs").iterdir()]

bpy.ops.livescape.use_settings(record=oldest.id)
result["used again"] = [group.preset, group.speed, group.loop_frames, group.photo != ""]
bpy.ops.livescape.show_job(record=oldest.id)
result["shown"] = [played() == first, ours(), state().error_code]
result["after showing"] = [len(records()), records()[0].seconds == newest.seconds, offered()]
result["delete what plays"] = refused(bpy.ops.livescape.delete_job, record=oldest.id)
bpy.ops.wm.save_mainfile()
bpy.ops.livescape.delete_job(record=newest.id)
result["deleted"] = [
    [each.id == oldest.id for each in records()],
    sorted(path.name == first for path in (root / "shot/livescape").glob("[!.]*")),
]
result["gone"] = refused(bpy.ops.livescape.use_settings, record="nothing of that name")

group.seed, group.loop_frames, group.fit_iterations = jobs.EARLY, 8, next(numbers)
bpy.data.objects.remove(bpy.data.objects["Livescape"])
running.start(bpy.context, previews=True)
pump(until=lambda: running.current().shown is not None)
bpy.ops.livescape.cancel()
pump()
result["coarse"] = drawn("LIVESCAPE_PT_jobs")
bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
result["another file"] = len(records())
bpy.ops.wm.read_homefile(use_empty=True)
result["unsaved"] = drawn("LIVESCAPE_PT_jobs")

group = bpy.context.scene.livescape
group.preset, group.seed, group.solver = "draft", 77, "none"
bpy.ops.livescape.add_preset(name="My Own")
group.preset = "final"
(file,) = Path(bpy.utils.user_resource("SCRIPTS")).glob("presets/livescape/generate/*.py")
bpy.ops.script.execute_preset(filepath=str(file), menu_idname="LIVESCAPE_MT_presets")
result["own preset"] = [group.preset, group.seed, group.solver, properties.edited(group)]
result["own label"] = common.addon("operators.presets").own_presets_label()
bpy.ops.livescape.reset_preset()
result["reset"] = [group.seed, group.solver, properties.edited(group)]
bpy.ops.livescape.add_preset(remove_active=True, name="My Own")
result["removed"] = not file.exists()

durations.learn("here test", {f"stage {number}": 2.0 for number in range(5)})
durations.learn("here test", {f"stage {number}": 4.0 for number in range(5)})
durations.learn("here test", {f"stage {number}": 0.01 for number in range(5)})
durations.learn("here other", {"stage 1": 2.0})
result["learnt"] = [durations.known("here test"), durations.known("here other")]
durations._place().write_text("{ not json")
result["damaged"] = durations.known("here test")
common.leave(result)
