"""Prepare the render settings for Gaussians, and restore them."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

from collections.abc import Iterable

import bpy

from ..render_setup import checklist, look, prepare, sample_count
from ..render_setup.ledger import Change, Ledger
from ..translations.words import rpt, tip
from .result import Result


def _report(operator: bpy.types.Operator, changes: list[Change], left: Iterable[str] = ()) -> None:
    for change in changes:
        where = f"{change.name} {change.path}".strip()
        operator.report({"INFO"}, rpt("{0}: {1} to {2}", where, change.before, change.after))
    for sentence in left:
        operator.report({"WARNING"}, rpt(sentence))
    if not changes and not left:
        operator.report({"INFO"}, rpt("Nothing needed to be changed"))


class LIVESCAPE_OT_prepare_render(bpy.types.Operator):
    """Set what Gaussians need to render exactly; every change is reported and can be restored."""

    bl_idname = "livescape.prepare_render"
    bl_label = "Prepare Render"
    bl_description = (
        "Set transparent bounces, pixel filter, samples and the Standard view transform, "
        "with which Gaussians render exactly. Every change is reported and can be restored"
    )
    bl_options = {"REGISTER", "UNDO"}

    standard_look: bpy.props.BoolProperty(
        name="Standard View Transform",
        description="Show the photograph's own colours, which AgX and Filmic change",
        default=True,
    )

    def execute(self, context: bpy.types.Context) -> Result:
        """Change the settings."""
        changes = prepare.prepare(context.scene, standard_look=self.standard_look)
        _report(self, changes, prepare.out_of_reach(context.scene))
        reason = sample_count.reason_for_many(context.scene)
        if reason:
            text = f"Samples and pixel filter are left as they are because of {reason}"
            self.report({"INFO"}, rpt(text))
        return {"FINISHED"}


class LIVESCAPE_OT_put_right(bpy.types.Operator):
    """Put one line of the checklist right."""

    bl_idname = "livescape.put_right"
    bl_label = "Set"
    bl_description = "Set this as Gaussians need it. Restore Render Settings undoes it"
    bl_options = {"REGISTER", "UNDO"}

    line: bpy.props.StringProperty(name="Line", options={"SKIP_SAVE"})

    @classmethod
    def description(
        cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties
    ) -> str:
        """Say what is wrong otherwise."""
        lines = checklist.checklist(context.scene)
        why = next((each.why for each in lines if each.key == properties.line), "")
        return tip(f"{why}. Restore Render Settings undoes this" if why else cls.bl_description)

    def execute(self, context: bpy.types.Context) -> Result:
        """Change the settings of the line."""
        changes = checklist.put_right(context.scene, self.line)
        _report(self, changes, prepare.out_of_reach(context.scene))
        return {"FINISHED"}


class LIVESCAPE_OT_use_standard_look(bpy.types.Operator):
    """Choose the view transform that shows the photograph's colours."""

    bl_idname = "livescape.use_standard_look"
    bl_label = "Use Standard View Transform"
    bl_description = (
        "Show the photograph's own colours, which AgX and Filmic change. "
        "Restore Render Settings undoes this"
    )
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Change the view transform."""
        _report(self, look.use_standard(context.scene, Ledger(context.scene, prepare.KEPT)))
        return {"FINISHED"}


class LIVESCAPE_OT_restore_render(bpy.types.Operator):
    """Put back the render settings that Prepare Render changed."""

    bl_idname = "livescape.restore_render"
    bl_label = "Restore Render Settings"
    bl_description = "Put back the render settings that Prepare Render changed"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only where something was changed."""
        cls.poll_message_set(rpt("Prepare Render has not changed anything in this scene"))
        return not Ledger(context.scene, prepare.KEPT).is_empty

    def execute(self, context: bpy.types.Context) -> Result:
        """Put the settings back."""
        _report(self, prepare.restore(context.scene))
        return {"FINISHED"}
