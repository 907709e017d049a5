"""What can be done with a generation that is over: show it, use its settings again, delete it."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

import bpy

from livescape_shared.errors import LivescapeError
from livescape_shared.sizes import size_text

from ..generate import history, running
from ..properties import settings_of
from ..translations.words import iface, rpt
from .generate import Runs
from .result import Result, refused

_ID = "Which of those in the list; the newest if empty"


class LIVESCAPE_OT_show_job(Runs):
    """Let the object play an earlier generation again."""

    bl_idname = "livescape.show_job"
    bl_label = "Show"
    bl_description = (
        "Let the object of this name play this generation. What it plays now stays in the list"
    )

    record: bpy.props.StringProperty(name="Job", description=_ID, options={"SKIP_SAVE"})

    def _begin(self, context: bpy.types.Context, *, previews: bool) -> None:
        running.show_again(context, history.named(self.record))


class _OnJob(bpy.types.Operator):
    record: bpy.props.StringProperty(name="Job", description=_ID, options={"SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Not while another one is being made."""
        cls.poll_message_set(rpt("A scene is being generated"))
        return not running.is_running()


class LIVESCAPE_OT_use_settings(_OnJob):
    """Fill in what a generation was made with."""

    bl_idname = "livescape.use_settings"
    bl_label = "Use Settings Again"
    bl_description = "Fill in photo, files and settings as they were for this generation"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Fill them in."""
        try:
            history.use_again(settings_of(context.scene), history.named(self.record).chosen)
        except LivescapeError as error:
            return refused(self, context, error)
        return {"FINISHED"}


class LIVESCAPE_OT_delete_job(_OnJob):
    """Delete the cache of a generation."""

    bl_idname = "livescape.delete_job"
    bl_label = "Delete"
    bl_description = "Delete this generation from the list and from the disk. It cannot be undone"
    bl_options = {"REGISTER"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Ask first."""
        return context.window_manager.invoke_confirm(
            self,
            event,
            title=iface("Delete this generation?"),
            message=iface(
                "A .blend file in another folder may still play it. "
                "It cannot be brought back, not even by Undo."
            ),
            confirm_text=iface("Delete"),
            icon="WARNING",
        )

    def execute(self, context: bpy.types.Context) -> Result:
        """Delete it, unless something plays it."""
        try:
            freed = history.delete(history.named(self.record))
        except LivescapeError as error:
            return refused(self, context, error)
        self.report({"INFO"}, rpt("Deleted, {0}", size_text(freed)))
        return {"FINISHED"}


CLASSES: tuple[type[bpy.types.Operator], ...] = (
    LIVESCAPE_OT_show_job,
    LIVESCAPE_OT_use_settings,
    LIVESCAPE_OT_delete_job,
)
