"""Show the active object as Blender's own splats, or as billboards again."""

from __future__ import annotations

import bpy

from .. import compat
from ..splats import native
from ..splats.object import SplatObject, is_ours
from ..translations.words import rpt
from .result import Result


class LIVESCAPE_OT_switch_native(bpy.types.Operator):
    """Show the active object as Blender's own Gaussian splats, or as billboards again."""

    bl_idname = "livescape.switch_native"
    bl_label = "Blender's Own Splats"
    bl_description = (
        "Show the active object as Blender's own Gaussian splats, or as billboards again. "
        "Only billboards are exact"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only for an object of ours, in a Blender that has splats."""
        item = context.active_object
        if not compat.HAS_NATIVE_SPLATS:
            cls.poll_message_set(rpt("Needs Blender 5.3 or newer"))
            return False
        cls.poll_message_set(rpt("The active object is not a Livescape object of this file"))
        return (
            is_ours(item)
            and not SplatObject(item).is_linked
            and SplatObject(item).nodes_modifier is not None
        )

    def execute(self, context: bpy.types.Context) -> Result:
        """Switch."""
        item = context.active_object
        if native.is_native(item):
            native.show_as_billboards(item)
        else:
            native.show_natively(item)
        return {"FINISHED"}
