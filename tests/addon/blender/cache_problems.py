"""Damages, loses and swaps the cache of a saved shot; opens and renders it each time."""

import json
import os
import shutil
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import bpy
import common
from tests.addon import synthetic

common.enable()
folder = Path(common.arguments()["folder"])
blend = str(folder / "shot.blend")
scene = bpy.context.scene
common.add_camera()
common.set_render(32, 18)
bpy.ops.wm.save_as_mainfile(filepath=blend)
made = synthetic.scene(static=100, pairs=50, loop_frames=6)
item = common.write_scene(made)
bpy.ops.wm.save_mainfile()
cache = Path(common.addon("splats.object").SplatObject(item).cache_file).parent
whole = folder / "whole"
shutil.copytree(cache, whole)


class Layout:
    """Keeps the labels that are drawn."""

    def __init__(self):
        self.labels = []

    def column(self, **_):
        return self

    box = column

    def label(self, text="", **_):
        self.labels.append(text)


@contextmanager
def log_of(lines):
    """Add to ``lines`` what reaches the error output, from C or Python."""
    path = folder / "stderr.txt"
    kept = os.dup(2)
    with path.open("wb") as stream:
        os.dup2(stream.fileno(), 2)
        yield
        os.dup2(kept, 2)
    lines += [line for line in path.read_text().split("\n") if "cache" in line.lower()]


def seen():
    """What log and panel say when the file is opened and rendered."""
    opened, rendered, layout = [], [], Layout()
    with log_of(opened):
        bpy.ops.wm.open_mainfile(filepath=blend)
    with log_of(rendered):
        bpy.ops.render.render()
    sections = common.addon("ui.sections")
    common.addon("ui.cache_status").KEPT_SECONDS = -1.0
    sections.draw_caches(layout, bpy.context.scene, 200)
    return {"opened": opened, "rendered": rendered, "panel": layout.labels}


def repaired():
    """Put the right cache back."""
    shutil.rmtree(cache, ignore_errors=True)
    shutil.copytree(whole, cache)


def generation(content):
    """Put another scene's cache in its place, as someone who copies files would."""
    other = common.write_cache(content)
    shutil.rmtree(cache)
    other.rename(cache)


result = {"whole": seen()}
with (cache / "moving.pc2").open("r+b") as stream:
    stream.truncate(1000)
result["truncated"] = seen()
shutil.rmtree(cache)
result["missing"] = seen()
repaired()
values = json.loads((cache / "meta.json").read_text())
(cache / "meta.json").write_text(json.dumps({**values, "version": 99}))
result["other version"] = seen()
generation(synthetic.scene(static=100, pairs=40, loop_frames=6))
result["other object"] = seen()
generation(replace(made, velocity=made.velocity * 2.0))
result["other generation"] = seen()
bpy.ops.livescape.rebuild()
bpy.ops.wm.save_mainfile()
result["rebuilt"] = seen()


def as_newer(item):
    """Write the drivers' paths as Blender 5.2 saves them."""
    for curve in item.animation_data.drivers:
        modifier, _, rest = curve.data_path.partition('["Socket_')
        if rest:
            curve.data_path = f"{modifier}.properties.inputs.Socket_{rest[:-2]}.value"


item = bpy.data.objects["Livescape"]
before = sorted(curve.data_path for curve in item.animation_data.drivers)
as_newer(item)
bpy.ops.wm.save_mainfile()
bpy.ops.wm.open_mainfile(filepath=blend)
item = bpy.data.objects["Livescape"]
bpy.context.scene.frame_set(9)
drivers = item.animation_data.drivers
result["drivers"] = {
    "before": before,
    "after": sorted(curve.data_path for curve in drivers),
    "valid": all(curve.driver.is_valid for curve in drivers),
    "loop frame": [item.modifiers[0].eval_frame, common.input_value(item, "Loop Frame")],
}
common.leave(result)
