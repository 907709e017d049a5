"""Prepares a far scene for rendering and restores what was."""

from pathlib import Path

import bpy
import common
from tests.addon import synthetic

common.enable()
scene = bpy.context.scene
scene.render.engine = "CYCLES"
bpy.ops.wm.save_as_mainfile(filepath=str(Path(common.arguments()["folder"]) / "shot.blend"))
item = common.write_scene(synthetic.scene(static=50, pairs=10))
common.add_camera()
near_enough = common.addon("shot.clipping").too_short(scene)
item.scale = (1000.0, 1000.0, 1000.0)
bpy.context.view_layer.update()


def values():
    """What Prepare Render may change."""
    return {
        "bounces": [scene.cycles.transparent_max_bounces, scene.cycles.min_transparent_bounces],
        "filter": [scene.cycles.pixel_filter_type, round(scene.cycles.filter_width, 4)],
        "samples": scene.cycles.samples,
        "view": scene.view_settings.view_transform,
        "clip_end": round(scene.camera.data.clip_end, 3),
    }


scene.view_settings.view_transform = "AgX"
before = values()
bpy.ops.livescape.prepare_render()
prepared = values()
bpy.ops.livescape.prepare_render()
again = values()
restorable = bpy.ops.livescape.restore_render.poll()
bpy.ops.livescape.restore_render()
common.leave(
    {
        "near_enough": near_enough,
        "before": before,
        "prepared": prepared,
        "again": again,
        "restorable": [restorable, bpy.ops.livescape.restore_render.poll()],
        "restored": values(),
    }
)
