"""Set up and restore what the compositor does for Gaussians."""

from __future__ import annotations

import bpy

from livescape_shared.errors import LivescapeError

from ..compositing import depth_pass, exact_srgb, setups
from ..splats.object import splat_objects
from ..translations.words import rpt
from .result import Result


class _SetUp(bpy.types.Operator):
    bl_options = {"REGISTER", "UNDO"}
    purpose = ""

    def execute(self, context: bpy.types.Context) -> Result:
        """Set up in the place of the active view layer, and say what was changed."""
        try:
            phrases = setups.set_up(context.scene, context.view_layer, self.purpose)
        except LivescapeError as error:
            self.report({"ERROR"}, rpt(str(error)))
            return {"CANCELLED"}
        for phrase in phrases:
            self.report({"INFO"}, rpt(phrase))
        return {"FINISHED"}


class _Restore(bpy.types.Operator):
    bl_options = {"REGISTER", "UNDO"}
    purpose = ""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only where it was set up."""
        cls.poll_message_set(rpt("This is not set up in the scene"))
        return setups.is_active(context.scene, cls.purpose)

    def execute(self, context: bpy.types.Context) -> Result:
        """Put everything back, and say so."""
        for phrase in setups.restore(context.scene, self.purpose):
            self.report({"INFO"}, rpt(phrase))
        return {"FINISHED"}


class LIVESCAPE_OT_set_up_srgb(_SetUp):
    """Blend the Gaussians of a scene trained in sRGB exactly as they were trained."""

    bl_idname = "livescape.set_up_srgb"
    bl_label = "Set Up sRGB Compositing"
    bl_description = (
        "For scenes trained with sRGB blending: render the Gaussians and everything else in two "
        "view layers and combine them in the compositor. Every change is reported and can be undone"
    )
    purpose = exact_srgb.PURPOSE

    def execute(self, context: bpy.types.Context) -> Result:
        """Set up, with a warning if no scene here was trained that way."""
        if all(each.blend == "linear" for each in splat_objects(context.scene)):
            text = "This scene was trained with linear blending, which is exact without this set-up"
            self.report({"WARNING"}, rpt(text))
        return super().execute(context)


class LIVESCAPE_OT_restore_srgb(_Restore):
    """Take the sRGB compositing back."""

    bl_idname = "livescape.restore_srgb"
    bl_label = "Remove sRGB Compositing"
    bl_description = "Remove the two view layers and their nodes, and put back what they replaced"
    purpose = exact_srgb.PURPOSE


class LIVESCAPE_OT_add_depth_pass(_SetUp):
    """Add a depth pass that is right for Gaussians and meshes."""

    bl_idname = "livescape.add_depth_pass"
    bl_label = "Add Depth Pass"
    bl_description = (
        "Render the depth of Gaussians and meshes in view layers of its own. The compositor node "
        "Livescape Depth outputs it in Blender units and in metres, for fog and defocus"
    )
    purpose = depth_pass.PURPOSE


class LIVESCAPE_OT_remove_depth_pass(_Restore):
    """Remove the depth pass."""

    bl_idname = "livescape.remove_depth_pass"
    bl_label = "Remove Depth Pass"
    bl_description = "Remove the view layers and nodes of the depth pass"
    purpose = depth_pass.PURPOSE


CLASSES = (
    LIVESCAPE_OT_set_up_srgb,
    LIVESCAPE_OT_restore_srgb,
    LIVESCAPE_OT_add_depth_pass,
    LIVESCAPE_OT_remove_depth_pass,
)
