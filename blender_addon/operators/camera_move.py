"""Check a move, shrink it until it fits, and add ready-made ones."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Matrix

from livescape_shared.counted import counted
from livescape_shared.errors import Cancelled, LivescapeError

from ..camera import checking
from ..camera.check import Check
from ..camera.fit import Fit
from ..camera.measured import Measured
from ..camera.moves import MOVES, Size, add_move
from ..camera.path import BLENDER_TO_OPENCV, check_camera, read_cameras
from ..camera.survey import known_near
from ..generate import status
from ..properties import reference_frame, state_of
from ..translations.words import rpt
from ..undo_step import push_undo
from .result import Result, refused

NEAR_M, FOCUS_M = 6.0, 18.0
"""How large a scene is taken to be as long as nothing is known of it."""


class _Checks(bpy.types.Operator):
    """Checks the move, beside Blender or blocking."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """One at a time, and not while the server is busy with a scene."""
        if state_of(context).is_running:
            cls.poll_message_set(rpt("A scene is being generated"))
            return False
        cls.poll_message_set(rpt("The move is being checked"))
        return not checking.is_running()

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Begin, and go on by timer."""
        check = self._begin(context)
        if check is None:
            return {"CANCELLED"}
        status.clear(state_of(context))
        checking.begin(check, self.follower())
        checking.redraw()
        return {"FINISHED"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Begin and wait for the end."""
        check = self._begin(context)
        if check is None:
            return {"CANCELLED"}
        follower = self.follower()
        try:
            found = checking.wait(context, check, follower)
        except LivescapeError as error:
            return refused(self, context, error)
        except Cancelled:
            return {"CANCELLED"}
        self.report({"INFO"}, rpt(str(found)))
        return {"FINISHED"}

    def follower(self) -> checking.Then | None:
        """Return what is done with each result."""
        return None

    def _begin(self, context: Any) -> Check | None:
        try:
            return Check(context, fit=self.follower() is not None)
        except LivescapeError as error:
            refused(self, context, error)
            return None


class LIVESCAPE_OT_check_move(_Checks):
    """Find out how much of each frame the photo cannot show."""

    bl_idname = "livescape.check_move"
    bl_label = "Check Move"
    bl_description = (
        "Find out how much of each frame the photo cannot show: what was hidden in it, and what "
        "lies beyond its edge. Takes seconds"
    )
    bl_options = {"REGISTER"}


class LIVESCAPE_OT_cancel_check(bpy.types.Operator):
    """Stop checking the move."""

    bl_idname = "livescape.cancel_check"
    bl_label = "Cancel Check"
    bl_description = "Stop checking the move. What is known from before stays"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while there is something to stop."""
        cls.poll_message_set(rpt("No move is being checked"))
        return checking.is_running()

    def execute(self, context: bpy.types.Context) -> Result:
        """Stop it."""
        checking.stop()
        checking.redraw()
        return {"FINISHED"}


class LIVESCAPE_OT_fit_path(_Checks):
    """Shrink the move until the photo shows enough of every frame."""

    bl_idname = "livescape.fit_path"
    bl_label = "Fit Path"
    bl_description = (
        "Scale the keyframes of the camera about the photo's frame until no frame is beyond the "
        "limit"
    )
    bl_options = {"REGISTER", "UNDO"}

    def follower(self) -> checking.Then | None:
        """Shrink, and say by how much."""
        fit = Fit()

        def shrunk(context: Any, found: Measured) -> Check | None:
            following = fit(context, found)
            if following is None and not bpy.app.background:
                _fitted(context, fit, found)
            return following

        return shrunk


def _fitted(context: Any, fit: Fit, found: Measured) -> None:
    """Say how it went; what a timer has changed is made a step of undo."""
    if fit.rounds == 0:
        note = f"The move fits as it is. {found}"
    else:
        note = f"The move is {fit.factor:.0%} of what it was. {found}"
        push_undo(context, "Fit Path")
    status.finished(state_of(context), note)


class LIVESCAPE_OT_add_move(bpy.types.Operator):
    """Key a ready-made move of the camera."""

    bl_idname = "livescape.add_move"
    bl_label = "Add Move"
    bl_description = (
        "Key a ready-made move over the frame range, about where the photo was taken. It replaces "
        "the keyframes of the camera's place and direction"
    )
    bl_options = {"REGISTER", "UNDO"}

    kind: bpy.props.EnumProperty(
        name="Move", items=[(name, each.label, each.tip) for name, each in MOVES.items()]
    )
    amount: bpy.props.FloatProperty(
        name="Amount",
        description="How far it goes: 1 is the move of the paper's evaluation. Negative goes back",
        default=1.0,
        soft_min=-4.0,
        soft_max=4.0,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only for a camera that may be keyed."""
        cls.poll_message_set(rpt("The scene has no camera of its own"))
        camera = context.scene.camera
        return camera is not None and camera.type == "CAMERA" and camera.library is None

    def execute(self, context: bpy.types.Context) -> Result:
        """Key it."""
        scene = context.scene
        frame = reference_frame(scene)
        try:
            camera = check_camera(scene)
            reference = read_cameras(scene, {frame})[frame]
        except LivescapeError as error:
            return refused(self, context, error)
        unit = scene.unit_settings.scale_length or 1.0
        survey = known_near(scene)
        near, focus = (survey.near, survey.middle) if survey else (NEAR_M, FOCUS_M)
        pose = Matrix((reference.camera_to_world @ BLENDER_TO_OPENCV).tolist())
        pose.translation = pose.translation / unit
        size = Size(near / unit, focus / unit)
        keys = add_move(
            scene, self.kind, size, amount=self.amount, reference_frame=frame, pose=pose
        )
        scene.frame_set(scene.frame_current)
        known = "" if survey else "; the scene's size is assumed until Check Move has looked"
        name = camera.name
        note = counted(
            keys, f"{name} has {keys} keyframe{known}", f"{name} has {keys} keyframes{known}"
        )
        self.report({"INFO"}, rpt(note))
        if any(not each.mute for each in camera.constraints):
            self.report({"WARNING"}, rpt(f"Constraints of {camera.name} still act on it"))
        return {"FINISHED"}


CLASSES: tuple[Any, ...] = (
    LIVESCAPE_OT_check_move,
    LIVESCAPE_OT_cancel_check,
    LIVESCAPE_OT_fit_path,
    LIVESCAPE_OT_add_move,
)
