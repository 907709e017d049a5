"""What the panels show, drawn on any layout."""

from __future__ import annotations

import textwrap
import time
from pathlib import Path
from typing import Any

import bpy

from ..camera.path import raster_of
from ..generate import framing, offers, records, running
from ..generate.missing import known_missing
from ..generate.records import Record
from ..generate.stage_names import stage_name
from ..properties import LivescapeState, settings_of
from ..render_setup.checklist import checklist, missing
from ..render_setup.look import foreign_look
from ..render_setup.prepare import LOOK
from ..splats.chosen import hides_ours
from ..splats.drivers import only_frames
from ..splats.object import is_ours
from ..translations.words import iface
from .cache_status import known_problems

PIXELS_PER_CHARACTER = 7.5
MARGIN_CHARACTERS = 7
FEWEST_CHARACTERS = 20
_REMEDIES = {
    "photo_missing": ("livescape.choose_photo", "Choose Photo"),
    "photo_unreadable": ("livescape.choose_photo", "Choose Photo"),
    "photo_too_small": ("livescape.choose_photo", "Choose Photo"),
    "photo_too_large": ("livescape.choose_photo", "Choose Photo"),
    "blend_unsaved": ("wm.save_as_mainfile", "Save As"),
    "camera_missing": ("livescape.match_camera", "Match Camera"),
}
"""What helps against what is missing: an operator and the text of its button."""

_SAID_ABOVE = ("backend_missing", "backend_outdated")
"""What the line about the backend says already, with its own button."""


def draw_camera(layout: bpy.types.UILayout, scene: bpy.types.Scene) -> None:
    """Show which camera over which frames will be read."""
    row = layout.row()
    if scene.camera is None:
        row.alert = True
        row.label(text="The scene has no camera", icon="CAMERA_DATA")
    else:
        frames = (scene.frame_start, scene.frame_end)
        text = iface("{0}, frames {1} to {2}", scene.camera.name, *frames)
        row.label(text=text, icon="CAMERA_DATA", translate=False)
    group = settings_of(scene)
    layout.prop(group, "use_first_frame")
    if not group.use_first_frame:
        layout.prop(group, "reference_frame")


def draw_frame(layout: bpy.types.UILayout, scene: bpy.types.Scene, characters: int) -> None:
    """Say what the frame does not show of the photo, and let that be chosen."""
    group = settings_of(scene)
    text = framing.sentence(tuple(group.photo_size), raster_of(scene).shape)
    if not text:
        return
    layout.row().prop(group, "frame", expand=True)
    if group.frame == framing.CROP:
        draw_text(layout, text, "INFO", characters)


def draw_missing(layout: bpy.types.UILayout, context: Any, characters: int) -> None:
    """List what Generate needs and is not there, each with the button that helps."""
    missing_things = [each for each in known_missing(context) if each.code not in _SAID_ABOVE]
    if not missing_things:
        return
    box = layout.box()
    box.label(text="Still needed", icon="INFO")
    for problem in missing_things:
        draw_text(box, problem.message, "DOT", characters)
        operator, text = _REMEDIES.get(problem.code, ("", ""))
        if operator:
            row = box.row()
            row.alignment = "RIGHT"
            row.operator_context = "INVOKE_DEFAULT"
            row.operator(operator, text=iface(text))


def draw_progress(layout: bpy.types.UILayout, state: LivescapeState, characters: int) -> None:
    """Show how far the running generation is: the bar where Generate was, Cancel below it.

    What is pressed by one click too many must not end what the first one has started.
    """
    text = "Cancelling" if state.is_cancelling else stage_name(state.stage)
    column = layout.column()
    column.progress(factor=state.fraction, text=f"{iface(text)}  {state.fraction:.0%}")
    if state.elapsed:
        passed = iface("{0} passed", state.elapsed)
        times = ", ".join(filter(None, (passed, iface(state.left))))
        column.label(text=times, icon="TIME", translate=False)
    if state.owner:
        draw_text(column, f"For {state.owner}, which is not open", "INFO", characters)
    row = layout.row()
    row.alignment = "RIGHT"
    row.operator("livescape.cancel", icon="X")


def draw_offers(layout: bpy.types.UILayout, characters: int) -> None:
    """Show what this file has left behind, with what can be done about it."""
    job = running.current()
    for record in offers.followed_elsewhere():
        text = f"{record.name} for the scene {record.scene} is being made in another Blender"
        draw_text(layout, text, "INFO", characters)
    for record in offers.open_offers(job.record.id if job is not None else ""):
        box = layout.box()
        draw_text(box, _offer(record), "RECOVER_LAST", characters)
        if record.blend != Path(bpy.data.filepath).name:
            text = f"It was begun in {record.blend}, which is no longer there"
            draw_text(box, text, "INFO", characters)
        if record.other_host:
            text = f"A Blender on {record.other_host} may still be at it"
            draw_text(box, text, "INFO", characters)
        row = box.row(align=True)
        row.enabled = job is None
        text = "Place" if record.state == records.DONE else "Resume"
        row.operator("livescape.resume", text=text).record = record.id
        row.operator("livescape.discard").record = record.id


def _offer(record: Record) -> str:
    began, now = time.localtime(record.started), time.localtime()
    is_today = (began.tm_year, began.tm_yday) == (now.tm_year, now.tm_yday)
    when = time.strftime("%H:%M" if is_today else "%Y-%m-%d %H:%M", began)
    if record.state == records.DONE:
        return f"{record.name} for the scene {record.scene}, begun at {when}, has finished"
    if record.state == records.FAILED:
        return f"{record.name}, begun at {when}, failed: {record.error.get('message', '')}"
    return f"{record.name} for the scene {record.scene}, begun at {when}, was interrupted"


def characters_per_line(context: bpy.types.Context) -> int:
    """Return how much text fits into the sidebar, or the preferences, as wide as they are now."""
    width = context.region.width if context.region else 0
    scale = max(context.preferences.system.ui_scale, 0.1)  # zero in background
    fitting = int(width / (PIXELS_PER_CHARACTER * scale)) - MARGIN_CHARACTERS
    return max(fitting, FEWEST_CHARACTERS)


def draw_outcome(layout: bpy.types.UILayout, state: LivescapeState, characters: int) -> None:
    """Show the last error with what to do, or the last note, in lines of ``characters``."""
    if state.error_message:
        draw_problem(layout, state.error_message, state.error_hint, state.error_code, characters)
        layout.operator("livescape.copy_details", icon="COPYDOWN")
    elif state.note:
        draw_text(layout, state.note, "CHECKMARK", characters)
        for warning in state.warnings.splitlines():
            draw_text(layout, warning, "ERROR", characters)


def draw_caches(layout: bpy.types.UILayout, scene: bpy.types.Scene, characters: int) -> None:
    """Show which caches cannot be played, and what to do."""
    for problem in known_problems(scene):
        draw_problem(layout, problem.message, problem.hint, problem.code, characters)


def draw_ends(layout: bpy.types.UILayout, scene: bpy.types.Scene, characters: int) -> None:
    """Say of motion without a loop that it ends before the frame range does."""
    for item in scene.objects:
        played = only_frames(item) if is_ours(item) else None
        if played is None or played[0] <= scene.frame_start <= scene.frame_end <= played[1]:
            continue
        text = (
            f"{item.name} moves in frames {played[0]:g} to {played[1]:g} only and stands still in "
            "the others. To fill the frame range, generate again, or with Loop on."
        )
        draw_text(layout.box(), text, "TIME", characters)


def draw_shading(layout: bpy.types.UILayout, context: Any, characters: int) -> None:
    """Say that this viewport does not show our objects, with the button that lets it."""
    if hides_ours(context):
        box = layout.box()
        draw_text(box, "This viewport's shading does not show the scene", "HIDE_ON", characters)
        box.operator("livescape.show_in_viewport", icon="SHADING_TEXTURE")


def draw_look(layout: bpy.types.UILayout, scene: bpy.types.Scene) -> None:
    """Warn of a view transform that is not the photograph's, with a button beside it."""
    name = foreign_look(scene)
    if name and any(map(is_ours, scene.objects)):
        box = layout.box()
        box.alert = True
        text = iface("{0} changes the photo's colours", iface(name))
        box.label(text=text, icon="ERROR", translate=False)
        box.alert = False
        box.operator("livescape.use_standard_look", icon="COLOR")


def draw_unprepared(layout: bpy.types.UILayout, scene: bpy.types.Scene, characters: int) -> None:
    """Say what a render of this scene would lack besides, with the button that sets all of it."""
    lines = [line for line in missing(scene) if line.key != LOOK]
    if lines:
        listed = ", ".join(iface(line.label) for line in lines)
        draw_text(layout, iface("Not set for Gaussians: {0}", listed), "INFO", characters)
        layout.operator("livescape.prepare_render", icon="RENDER_ANIMATION")


def draw_checklist(layout: bpy.types.UILayout, scene: bpy.types.Scene) -> None:
    """Show what a render needs, each line with its present value and its button.

    The button has a row of its own: beside it, a narrow sidebar would cut the value off.
    """
    column = layout.column(align=True)
    for line in checklist(scene):
        icon: Any = "CHECKMARK" if line.is_right else "ERROR"
        text = f"{iface(line.label)}: {iface(line.now)}"
        column.label(text=text, icon=icon, translate=False)
        if not line.is_right:
            row = column.row()
            row.alignment = "RIGHT"
            row.operator("livescape.put_right").line = line.key


def draw_problem(
    layout: bpy.types.UILayout, message: str, hint: str, code: str, characters: int
) -> None:
    """Show what is wrong, what to do about it, and its code."""
    box = layout.box()
    box.alert = True
    draw_text(box, message, "ERROR", characters)
    box.alert = False
    draw_text(box, hint, "NONE", characters)
    box.label(text=code, translate=False)


def draw_text(layout: Any, text: str, icon: str, characters: int) -> None:
    """Show text, translated, in lines of ``characters``, with an icon before the first."""
    column = layout.column(align=True)
    for line in textwrap.wrap(iface(text), characters):
        column.label(text=line, icon=icon, translate=False)
        icon = "BLANK1" if icon != "NONE" else icon
