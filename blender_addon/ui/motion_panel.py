"""What moves in the photo, and how: drawn on it, or in files."""

from __future__ import annotations

from typing import Any

import bpy

from livescape_shared.errors import LivescapeError

from ..motion import brushes, outcome, preview
from ..motion.canvas import canvases, is_canvas
from ..motion.drawn import is_drawn
from ..motion.known import known_faults
from ..motion.properties import FLOW, KINDS, MOVES, said_by
from ..motion.reference import photo_size, stage_now
from ..motion.strokes import is_stroke
from ..properties import FILES, settings_of
from ..translations.words import iface
from . import sections
from .sidebar import SidebarPanel, align_values

MOST_FAULTS = 4
ICONS = {kind: icon for kind, _, _, icon, _ in KINDS}


class LIVESCAPE_UL_strokes(bpy.types.UIList):
    """What is drawn, among the objects of a scene."""

    def draw_item(  # type: ignore[override]  # the shortest form that Blender takes
        self,
        context: Any,
        layout: Any,
        data: Any,
        item: Any,
        icon: Any,
        active_data: Any,
        active_property: Any,
    ) -> None:
        """Draw a line."""
        said = said_by(item)
        row = layout.row(align=True)
        icon = "TPAINT_HLT" if is_canvas(item) else ICONS.get(said.kind, "QUESTION")
        row.prop(item, "name", text="", emboss=False, icon=icon)
        if said.kind == FLOW or (said.kind == MOVES and said.has_direction):
            part = row.row()
            part.ui_units_x = 4
            part.prop(said, "speed", text="", emboss=False)
        row.operator("livescape.remove_stroke", text="", icon="X", emboss=False).name = item.name

    def filter_items(self, context: Any, data: Any, name: Any) -> Any:
        """Show what is drawn alone."""
        shown = self.bitflag_filter_item
        return [shown if is_drawn(item) else 0 for item in getattr(data, name)], []


class LIVESCAPE_PT_motion(SidebarPanel):
    """What the artist says about motion."""

    bl_label = "Motion"
    bl_parent_id = "LIVESCAPE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, scene = self.layout, context.scene
        characters = sections.characters_per_line(context)
        align_values(layout)
        column = layout.column()
        _draw_tools(column, context)
        if not _is_photo_seen(scene):
            text = "The photo is not behind the camera. Match Camera puts it there"
            sections.draw_text(column, text, "INFO", characters)
        if any(map(is_drawn, scene.objects)):
            _draw_list(column, scene)
            _draw_chosen(column, context)
            _draw_faults(column, scene, characters)
        _draw_preview(column, scene, characters)


class LIVESCAPE_PT_motion_files(SidebarPanel):
    """Files that say what moves, and how."""

    bl_label = "Depth and Motion Files"
    bl_parent_id = "LIVESCAPE_PT_motion"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, group = self.layout, settings_of(context.scene)
        align_values(layout)
        for name in FILES:
            layout.prop(group, f"{name}_file")
        if group.hints_file and group.drawn.is_used and any(map(is_drawn, context.scene.objects)):
            text = "Motion is drawn, so the file of hints is not used. It can be imported instead"
            sections.draw_text(layout, text, "INFO", sections.characters_per_line(context))
        row = layout.row(align=True)
        row.operator("livescape.import_motion", icon="IMPORT")
        row.operator("livescape.export_motion", icon="EXPORT")


def _is_photo_seen(scene: bpy.types.Scene) -> bool:
    """Whether the camera shows a picture to draw on, or there is no camera to show it."""
    lens: Any = scene.camera.data if scene.camera is not None else None
    if lens is None or scene.camera is None or scene.camera.type != "CAMERA":
        return True
    shown = any(each.show_background_image and each.image for each in lens.background_images)
    return bool(lens.show_background_images and shown)


def _draw_tools(layout: Any, context: bpy.types.Context) -> None:
    if context.mode == "PAINT_TEXTURE" and is_canvas(context.object):
        _draw_brushes(layout, context)
        return
    column = layout.column(align=True)
    for kind, label, *_ in KINDS:
        text = iface(f"Draw {label}")
        column.operator("livescape.draw_motion", text=text, icon=ICONS[kind]).kind = kind
    text = iface("Go On Painting" if canvases(context.scene) else "Paint Mask")
    column.operator("livescape.paint_mask", text=text, icon="TPAINT_HLT")
    layout.operator("livescape.sky_and_water", icon="OUTLINER_OB_FORCE_FIELD")
    layout.operator("livescape.take_over_drawing", icon="GREASEPENCIL")


def _draw_brushes(layout: Any, context: bpy.types.Context) -> None:
    """Show what can be done while one paints."""
    row, taken = layout.row(align=True), brushes.at_hand(context)
    for meaning, label, *_ in brushes.MEANINGS:
        operator = row.operator("livescape.paint_mask", text=iface(label), depress=meaning == taken)
        operator.meaning = meaning
    layout.operator("livescape.sky_and_water", icon="OUTLINER_OB_FORCE_FIELD")
    layout.operator("livescape.end_painting", icon="CHECKMARK")


def _draw_list(layout: Any, scene: bpy.types.Scene) -> None:
    drawn = settings_of(scene).drawn
    layout.template_list("LIVESCAPE_UL_strokes", "", scene, "objects", drawn, "active", rows=3)
    row = layout.row(align=True)
    row.use_property_split = False  # half a line is too little for its label in German
    row.prop(drawn, "is_used")
    row.prop(drawn, "is_shown", text="", icon="HIDE_OFF" if drawn.is_shown else "HIDE_ON")


def _draw_chosen(layout: Any, context: bpy.types.Context) -> None:
    """Show what the active stroke says."""
    item = context.object
    if item is None or not is_stroke(item):
        return
    said = said_by(item)
    box = layout.box()
    box.prop(said, "kind", text=item.name, translate=False)
    if said.kind == MOVES:
        box.prop(said, "has_direction")
        if said.has_direction:
            box.prop(said, "direction")
    if said.kind == FLOW or (said.kind == MOVES and said.has_direction):
        box.prop(said, "speed")


def _draw_faults(layout: Any, scene: bpy.types.Scene, characters: int) -> None:
    stage = stage_now(scene)
    try:
        found = known_faults(scene, stage, photo_size(scene))
    except LivescapeError:
        return  # the photo is missing, which is said elsewhere
    for text in found[:MOST_FAULTS]:
        sections.draw_text(layout, text, "ERROR", characters)
    if len(found) > MOST_FAULTS:
        text = iface("and {0} more", len(found) - MOST_FAULTS)
        layout.label(text=text, icon="BLANK1", translate=False)


def _draw_preview(layout: Any, scene: bpy.types.Scene, characters: int) -> None:
    shown = preview.shown_in(scene)
    row = layout.row(align=True)
    if shown is None:
        row.operator("livescape.preview_motion", icon="PLAY")
    if shown is not None or preview.is_asking():
        text = "Cancel" if shown is None else "Stop Preview"
        row.operator("livescape.stop_preview", text=text, icon="X" if shown is None else "PAUSE")
    if preview.is_asking():
        layout.label(text="Asking the server", icon="SORTTIME")
    elif shown is not None:
        for remark in shown.photo.remarks[:MOST_FAULTS]:
            sections.draw_text(layout, remark, "INFO", characters)
        if len(shown.photo.images) == 1:
            sections.draw_text(layout, "Nothing moves in this photo", "INFO", characters)
    problem = outcome.problem()
    if problem is not None:
        sections.draw_problem(layout, problem.message, problem.hint, problem.code, characters)
