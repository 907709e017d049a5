"""The photo moving in 2D, and sky and water to start from: asked for beside Blender."""

from __future__ import annotations

import bpy

from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.request import MOTION, REGIONS

from ..motion import preview
from .motion_base import AsksServer, stage_in
from .result import Result


class LIVESCAPE_OT_preview_motion(AsksServer):
    """Let the photo move as it is drawn."""

    bl_idname = "livescape.preview_motion"
    bl_label = "Preview Motion"
    bl_description = (
        "Let the photo move in the view of the camera, as it is drawn. It follows what you change"
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Ask for it, and go on by timer."""
        try:
            stage_in(context)
            preview.begin(context, MOTION)
        except LivescapeError as error:
            return self.refuse(error)
        view = getattr(context.space_data, "region_3d", None)
        if view is not None:
            view.view_perspective = "CAMERA"
        preview.play()
        return {"FINISHED"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Ask for it and wait."""
        try:
            stage_in(context)
            preview.begin(context, MOTION)
            preview.finish(context)
        except LivescapeError as error:
            return self.refuse(error)
        except Cancelled:
            return {"CANCELLED"}
        if not bpy.app.background:
            preview.play()
        return {"FINISHED"}


class LIVESCAPE_OT_stop_preview(bpy.types.Operator):
    """Show the photo no more."""

    bl_idname = "livescape.stop_preview"
    bl_label = "Stop Preview"
    bl_description = "Show the moving photo no more"

    def execute(self, context: bpy.types.Context) -> Result:
        """Stop it."""
        preview.stop()
        return {"FINISHED"}


class LIVESCAPE_OT_sky_and_water(AsksServer):
    """Start from what moves by itself."""

    bl_idname = "livescape.sky_and_water"
    bl_label = "Start from Sky and Water"
    bl_description = (
        "Find clouds and water in the photo, to be edited: outlined as regions, or painted where "
        "there is a painted mask"
    )
    # What comes is a step of undo by itself: when it is asked for, nothing has changed yet.
    bl_options = {"REGISTER"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Ask for them, and go on by timer."""
        try:
            stage_in(context)
            preview.begin(context, REGIONS)
        except LivescapeError as error:
            return self.refuse(error)
        preview.play()
        return {"FINISHED"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Ask for them and wait."""
        try:
            stage_in(context)
            preview.begin(context, REGIONS)
            preview.finish(context)
        except LivescapeError as error:
            return self.refuse(error)
        except Cancelled:
            return {"CANCELLED"}
        return {"FINISHED"}


CLASSES = (LIVESCAPE_OT_preview_motion, LIVESCAPE_OT_stop_preview, LIVESCAPE_OT_sky_and_water)
