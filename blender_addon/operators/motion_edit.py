"""Take over what was drawn otherwise; remove strokes."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

import bpy

from livescape_shared.counted import counted
from livescape_shared.errors import LivescapeError

from ..motion.drawn import drawn_objects, is_drawn, remove_drawn
from ..motion.take_over import take_over
from ..translations.words import rpt
from .motion_base import OnMotion, choose, stage_in
from .result import Result


class LIVESCAPE_OT_take_over_drawing(OnMotion):
    """Make strokes of curves, Grease Pencil and annotations."""

    bl_idname = "livescape.take_over_drawing"
    bl_label = "Use Selected Drawing"
    bl_description = (
        "Make strokes of the selected curves and Grease Pencil objects, and of annotations, as the "
        "camera sees them now: closed ones become moving regions, open ones arrows"
    )
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Add them."""
        try:
            made = take_over(context.scene, stage_in(context), context.selected_objects)
            if not made:
                raise LivescapeError(
                    "drawing_missing",
                    "Nothing that is drawn is selected.",
                    hint="Select curves or Grease Pencil objects, or annotate with Placement: "
                    "3D Cursor or Surface.",
                )
        except LivescapeError as error:
            return self.refuse(error)
        choose(context, made)
        self.report({"INFO"}, rpt(counted(len(made), "{0} stroke", "{0} strokes"), len(made)))
        return {"FINISHED"}


class LIVESCAPE_OT_remove_stroke(OnMotion):
    """Delete the stroke that is chosen in the list, or all."""

    bl_idname = "livescape.remove_stroke"
    bl_label = "Remove Stroke"
    bl_description = "Delete this stroke or painted mask"
    bl_options = {"REGISTER", "UNDO"}

    name: bpy.props.StringProperty(
        name="Stroke",
        description="Name of the object; empty for all that is drawn in the scene",
        options={"SKIP_SAVE"},
    )

    def execute(self, context: bpy.types.Context) -> Result:
        """Delete it."""
        items = drawn_objects(context.scene)
        if self.name:
            items = [item for item in items if item.name == self.name]
        if not items:
            return {"CANCELLED"}
        if context.mode != "OBJECT" and is_drawn(context.object):
            bpy.ops.object.mode_set(mode="OBJECT")
        for item in items:
            remove_drawn(item)
        return {"FINISHED"}


CLASSES = (LIVESCAPE_OT_take_over_drawing, LIVESCAPE_OT_remove_stroke)
