"""Draws the panels on a stub, then disables the add-on and looks at what is left."""

from types import SimpleNamespace

import bpy
import common
from stub_layout import Layout

from livescape_shared.errors import LivescapeError


def drawn():
    """Everything that the panels show now."""
    log = []
    for panel in common.addon("ui").CLASSES:
        if not issubclass(panel, bpy.types.Panel):
            continue
        if not hasattr(panel, "poll") or panel.poll(bpy.context):
            panel.draw(SimpleNamespace(layout=Layout(log)), bpy.context)
    return log


def ours():
    """Names of registered classes of ours."""
    return [name for name in dir(bpy.types) if name.lower().startswith("livescape")]


common.enable()
status = common.addon("generate.status")
state = bpy.context.window_manager.livescape
shown = {"idle": drawn()}
common.add_camera()
status.started(state)
status.progressed(state, "depth", 0.25)
status.timed(state, 65.0, 130.0)
shown["running"] = drawn()
status.failed(state, LivescapeError("disk_full", "It is full.", hint="Make room."))
shown["failed"] = drawn()
status.finished(state, "All done")
shown["finished"] = drawn()
item = bpy.data.objects.new("Splats", None)
item["livescape_name"] = "Splats"
common.addon("splats.drivers").set_time_properties(item, start=1, loop=48, repeats=False)
common.addon("splats.viewport").set_viewport_properties(item)
bpy.context.scene.collection.objects.link(item)
bpy.context.view_layer.objects.active = item
shown["object"] = drawn()
group = bpy.context.scene.livescape
group.preset = "draft"
draft = [group.working_size, group.loop_frames]
tooltip = group.bl_rna.properties["gaussian_budget"].description
settings = common.addon("properties").chosen_settings(group)
group.clip_file, group.hints_file = "river.mp4", "hints.json"
motion = common.addon("properties").chosen_settings(group).motion
before = ours()
bpy.ops.preferences.addon_disable(module=common.MODULE)
left = [*ours(), *(name for name in ("Scene", "WindowManager") if hasattr(
    getattr(bpy.types, name), "livescape"))]  # fmt: skip
bpy.ops.preferences.addon_enable(module=common.MODULE)
common.leave(
    {
        "shown": shown,
        "draft": draft,
        "settings": settings.to_dict(),
        "motion_with_a_clip": motion,
        "tooltip": tooltip,
        "before": before,
        "left": left,
        "after": ours(),
    }
)
