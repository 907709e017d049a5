"""Make camera, resolution and background fit the photo."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

import bpy

from livescape_shared.errors import LivescapeError

from ..camera import survey
from ..generate import status
from ..generate.request_files import check_photo_of, check_size
from ..photo import looking
from ..photo.match import match_camera
from ..properties import settings_of, state_of
from ..translations.words import rpt
from .result import Result, refused


class LIVESCAPE_OT_match_camera(bpy.types.Operator):
    """Let the camera see what the photo shows."""

    bl_idname = "livescape.match_camera"
    bl_label = "Match Camera"
    bl_description = (
        "Make lens, resolution and background image those of the photo; add a camera if there is "
        "none. The photo's horizon, once it is known, sets how far the camera looks up or down"
    )
    bl_options = {"REGISTER", "UNDO"}

    longest: bpy.props.IntProperty(
        name="Longest Side",
        description="Most pixels of the long side of renders",
        default=1920,
        min=64,
        max=8192,
    )
    level: bpy.props.BoolProperty(
        name="Level",
        description="Turn the camera so that its horizon is where the photo's is",
        default=True,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only with a photo, and not while one is being brought to life."""
        if state_of(context).is_running:
            cls.poll_message_set(rpt("A scene is being generated"))
            return False
        cls.poll_message_set(rpt("Choose a photo first"))
        return bool(settings_of(context.scene).photo)

    def execute(self, context: bpy.types.Context) -> Result:
        """Fit."""
        group = settings_of(context.scene)
        try:
            photo = check_photo_of(group)
            look = looking.waited_for(photo)
            check_size(photo, look.size)
        except LivescapeError as error:
            return refused(self, context, error)
        horizon = survey.known_horizon(photo) if self.level else None
        level = (0.5 if horizon is None else horizon) if self.level else None
        matched = match_camera(context.scene, photo, look, longest=self.longest, horizon=level)
        status.clear(state_of(context))
        self.report({"INFO"}, rpt(str(matched)))
        _look_through(context)
        return {"FINISHED"}


def _look_through(context: bpy.types.Context) -> None:
    """Let the viewport in which it was pressed show what the camera sees."""
    space = context.space_data
    if isinstance(space, bpy.types.SpaceView3D) and space.region_3d is not None:
        space.region_3d.view_perspective = "CAMERA"
