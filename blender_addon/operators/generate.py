"""Generate: modal for the artist, blocking for scripts and ``blender -b``."""

from __future__ import annotations

import bpy

from livescape_shared.errors import Cancelled, LivescapeError

from ..generate import status
from ..generate.generation import Generation, start_generation
from ..generate.place import place_object
from ..properties import state_of
from ..render_setup.clipping import too_short
from .result import Result

TICK_S = 0.05
BUDGET_S = 0.03
BLOCKING_WAIT_S = 0.25


class LIVESCAPE_OT_generate(bpy.types.Operator):
    """Make the photo and the camera of this scene into a living 4D scene."""

    bl_idname = "livescape.generate"
    bl_label = "Generate"
    bl_description = "Turn the photo and the camera move of this scene into a living 4D scene"
    bl_options = {"REGISTER", "UNDO"}

    _generation: Generation
    _timer: bpy.types.Timer

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """One at a time."""
        cls.poll_message_set("A scene is already being generated")
        return not state_of(context).is_running

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Start, and go on by timer."""
        if not self._start(context):
            return {"CANCELLED"}
        manager = context.window_manager
        self._timer = manager.event_timer_add(TICK_S, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Look at the server once a tick."""
        state = state_of(context)
        if event.type == "ESC" and event.value == "PRESS":
            state.is_cancelling = True
        elif event.type != "TIMER":
            return {"PASS_THROUGH"}
        outcome = self._tick(context, BUDGET_S)
        _redraw_sidebars(context)
        if outcome is None:
            return {"PASS_THROUGH"}
        context.window_manager.event_timer_remove(self._timer)
        return outcome

    def execute(self, context: bpy.types.Context) -> Result:
        """Start and wait for the end."""
        if not self._start(context):
            return {"CANCELLED"}
        while (outcome := self._tick(context, BUDGET_S, BLOCKING_WAIT_S)) is None:
            pass
        return outcome

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends the operator, for instance because the window closes."""
        self._generation.close()
        status.clear(state_of(context))

    def _start(self, context: bpy.types.Context) -> bool:
        state = state_of(context)
        try:
            self._generation = start_generation(context)
        except LivescapeError as error:
            self._fail(context, error)
            return False
        status.started(state)
        return True

    def _tick(
        self, context: bpy.types.Context, budget_s: float, wait_s: float = 0.0
    ) -> Result | None:
        """Do what there is to do; None while the generation goes on."""
        state = state_of(context)
        generation = self._generation
        is_over = True
        try:
            if state.is_cancelling:
                generation.cancel()
            if not generation.step(budget_s, wait_s):
                is_over = False
                status.progressed(state, generation.stage, generation.fraction)
                return None
            item = place_object(context.scene, generation.folder, generation.name)
        except Cancelled:
            status.finished(state, "Cancelled")
            self.report({"INFO"}, "Cancelled. Nothing in the scene has changed")
            return {"CANCELLED"}
        except LivescapeError as error:
            self._fail(context, error)
            return {"CANCELLED"}
        finally:
            if is_over:
                generation.close()
                state.is_running = False
        meta = generation.meta
        note = f"{item.name}: {meta.static + meta.moving} Gaussians, {meta.moving} moving"
        status.finished(state, note)
        self.report({"INFO"}, note)
        if too_short(context.scene):
            self.report(
                {"WARNING"}, "The camera's Clip End cuts off part of the scene. Use Prepare Render"
            )
        for remark in generation.report.get("remarks", ()):
            self.report({"WARNING"}, str(remark))
        if generation.report.get("uncovered_from_frame") is not None:
            self.report({"WARNING"}, str(generation.report["coverage"]))
        return {"FINISHED"}

    def _fail(self, context: bpy.types.Context, error: LivescapeError) -> None:
        status.failed(state_of(context), error)
        self.report({"ERROR"}, str(error))
        _redraw_sidebars(context)


def _redraw_sidebars(context: bpy.types.Context) -> None:
    """Redraw the panels only: the viewport itself may be expensive."""
    for area in context.screen.areas if context.screen else ():
        for region in area.regions if area.type == "VIEW_3D" else ():
            if region.type == "UI":
                region.tag_redraw()
