"""What the panels show, drawn on any layout."""

from __future__ import annotations

import textwrap
from dataclasses import fields
from typing import Any

import bpy

from livescape_shared.settings import GenerateSettings

from ..properties import LivescapeSettings, LivescapeState, settings_of
from ..render_setup.look import foreign_look
from ..splats.drivers import only_frames
from ..splats.object import is_ours
from .cache_status import known_problems

PIXELS_PER_CHARACTER = 7.5
MARGIN_CHARACTERS = 7
FEWEST_CHARACTERS = 20
INPUT_FILES = ("depth_file", "mask_file", "hints_file", "flow_file", "clip_file")


def draw_camera(layout: bpy.types.UILayout, scene: bpy.types.Scene) -> None:
    """Show which camera over which frames will be read."""
    row = layout.row()
    if scene.camera is None:
        row.alert = True
        row.label(text="The scene has no camera", icon="CAMERA_DATA")
    else:
        frames = f"{scene.frame_start} to {scene.frame_end}"
        row.label(text=f"{scene.camera.name}, frames {frames}", icon="CAMERA_DATA")
    group = settings_of(scene)
    layout.prop(group, "use_first_frame")
    if not group.use_first_frame:
        layout.prop(group, "reference_frame")


def draw_progress(layout: bpy.types.UILayout, state: LivescapeState) -> None:
    """Show how far the running generation is, with its Cancel button."""
    text = "Cancelling" if state.is_cancelling else state.stage.replace("_", " ").capitalize()
    row = layout.row(align=True)
    row.progress(factor=state.fraction, text=f"{text}  {state.fraction:.0%}")
    row.operator("livescape.cancel", text="", icon="X")


def characters_per_line(context: bpy.types.Context) -> int:
    """Return how much text fits into the sidebar as it is now."""
    width = context.region.width if context.region else 0
    scale = max(context.preferences.system.ui_scale, 0.1)  # zero in background
    fitting = int(width / (PIXELS_PER_CHARACTER * scale)) - MARGIN_CHARACTERS
    return max(fitting, FEWEST_CHARACTERS)


def draw_outcome(layout: bpy.types.UILayout, state: LivescapeState, characters: int) -> None:
    """Show the last error with what to do, or the last note, in lines of ``characters``."""
    if state.error_message:
        _draw_problem(layout, state.error_message, state.error_hint, state.error_code, characters)
    elif state.note:
        draw_text(layout, state.note, "CHECKMARK", characters)


def draw_caches(layout: bpy.types.UILayout, scene: bpy.types.Scene, characters: int) -> None:
    """Show which caches cannot be played, and what to do."""
    for problem in known_problems(scene):
        _draw_problem(layout, problem.message, problem.hint, problem.code, characters)


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


def draw_look(layout: bpy.types.UILayout, scene: bpy.types.Scene) -> None:
    """Warn of a view transform that is not the photograph's, with a button beside it."""
    name = foreign_look(scene)
    if name:
        box = layout.box()
        box.alert = True
        box.label(text=f"{name} changes the photo's colours", icon="ERROR")
        box.alert = False
        box.operator("livescape.use_standard_look", icon="COLOR")


def draw_settings(layout: bpy.types.UILayout, group: LivescapeSettings) -> None:
    """Show every setting of the backend."""
    for field in fields(GenerateSettings):
        layout.prop(group, field.name)


def _draw_problem(
    layout: bpy.types.UILayout, message: str, hint: str, code: str, characters: int
) -> None:
    box = layout.box()
    box.alert = True
    draw_text(box, message, "ERROR", characters)
    box.alert = False
    draw_text(box, hint, "NONE", characters)
    box.label(text=code)


def draw_text(layout: Any, text: str, icon: str, characters: int) -> None:
    """Show text in lines of ``characters``, with an icon before the first."""
    column = layout.column(align=True)
    for line in textwrap.wrap(text, characters):
        column.label(text=line, icon=icon)
        icon = "BLANK1" if icon != "NONE" else icon
