"""Let a viewport show our objects."""

from __future__ import annotations

import bpy

from ..splats.chosen import show_ours
from ..translations.words import rpt
from .result import Result


class LIVESCAPE_OT_show_in_viewport(bpy.types.Operator):
    """Choose the shading that shows Gaussians."""

    bl_idname = "livescape.show_in_viewport"
    bl_label = "Show in Viewport"
    bl_description = (
        "Choose Material Preview for this viewport, with the lights and the world of the scene: it "
        "shows the colours of renders"
    )
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only in a viewport."""
        cls.poll_message_set(rpt("Only in a 3D viewport"))
        return isinstance(context.space_data, bpy.types.SpaceView3D)

    def execute(self, context: bpy.types.Context) -> Result:
        """Choose it."""
        if isinstance(context.space_data, bpy.types.SpaceView3D):
            show_ours(context.space_data)
        return {"FINISHED"}
