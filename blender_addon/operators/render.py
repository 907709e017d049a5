"""Prepare the render settings for Gaussians, and restore them."""

from __future__ import annotations

from typing import ClassVar

import bpy

from ..shot import render_settings


def _report(operator: bpy.types.Operator, changes: list[render_settings.Change]) -> None:
    for change in changes:
        operator.report({"INFO"}, str(change))
    if not changes:
        operator.report({"INFO"}, "Nothing had to be changed")


class LIVESCAPE_OT_prepare_render(bpy.types.Operator):
    """Set what Gaussians need to render exactly; every change is reported and can be restored."""

    bl_idname = "livescape.prepare_render"
    bl_label = "Prepare Render"
    bl_description = (
        "Set transparent bounces, pixel filter, samples and the Standard view transform, "
        "which show the Gaussians exactly; every change is reported and can be restored"
    )
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Change the settings."""
        _report(self, render_settings.prepare(context.scene))
        return {"FINISHED"}


class LIVESCAPE_OT_restore_render(bpy.types.Operator):
    """Put back the render settings that Prepare Render changed."""

    bl_idname = "livescape.restore_render"
    bl_label = "Restore Render Settings"
    bl_description = "Put back the render settings that Prepare Render changed"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only where something was changed."""
        cls.poll_message_set("Prepare Render has changed nothing in this scene")
        return render_settings.KEPT in context.scene

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Put the settings back."""
        _report(self, render_settings.restore(context.scene))
        return {"FINISHED"}
