"""Generate: by a timer for the artist, blocking for scripts and ``blender -b``."""

from __future__ import annotations

import bpy

from livescape_shared.errors import LivescapeError

from ..generate import running
from ..properties import settings_of
from ..redraw import SIDEBAR, redraw_viewports
from ..translations.words import rpt
from .result import Result, broken, refused


class Runs(bpy.types.Operator):
    """Starts something that goes on by itself."""

    # A finished run pushes the step of undo itself: when it starts, nothing has changed yet.
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """One at a time."""
        cls.poll_message_set(rpt("A scene is already being generated"))
        return not running.is_running()

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Start, and go on by timer."""
        if not self._try_to_begin(context, previews=settings_of(context.scene).show_early):
            return {"CANCELLED"}
        running.run_by_timer()
        return {"FINISHED"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Start and wait for the end."""
        if not self._try_to_begin(context):
            return {"CANCELLED"}
        while (outcome := running.tick(context, wait_s=running.BLOCKING_WAIT_S)) is None:
            pass
        for warning in outcome.warnings:
            self.report({"WARNING"}, rpt(warning))
        if outcome.error is not None:
            self.report({"ERROR"}, rpt(str(outcome.error)))
            return {"CANCELLED"}
        self.report({"INFO"}, rpt(outcome.note))
        return {"FINISHED"} if outcome.item is not None else {"CANCELLED"}

    def _begin(self, context: bpy.types.Context, *, previews: bool) -> None:
        raise NotImplementedError

    def _try_to_begin(self, context: bpy.types.Context, *, previews: bool = False) -> bool:
        """Start; whatever is wrong is shown as an error."""
        try:
            self._begin(context, previews=previews)
        except LivescapeError as error:
            refused(self, context, error)
        except Exception as error:
            broken(self, context, error)
        else:
            return True
        redraw_viewports(SIDEBAR)
        return False


class LIVESCAPE_OT_generate(Runs):
    """Make the photo and the camera of this scene into a living 4D scene."""

    bl_idname = "livescape.generate"
    bl_label = "Generate"
    bl_description = "Turn the photo and the camera move of this scene into a living 4D scene"

    def _begin(self, context: bpy.types.Context, *, previews: bool) -> None:
        running.start(context, previews=previews)
