"""Blender's own splats become a Livescape object."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

import bpy

from livescape_shared.errors import LivescapeError

from ..exchange import importing
from ..exchange.from_points import may_hold_splats
from ..properties import state_of
from ..redraw import redraw_panels
from ..translations.words import rpt
from .result import Result, broken, imported_as, refused


class LIVESCAPE_OT_convert_points(bpy.types.Operator):
    """Show the active object's splats as a Livescape object with a cache of its own."""

    bl_idname = "livescape.convert_points"
    bl_label = "Convert to Livescape"
    bl_description = (
        "Show Blender's own Gaussian splats of the active object, in every frame of the scene, as "
        "a Livescape object, which renders exactly. The active object is hidden"
    )
    # When it is finished, it pushes the step of undo itself.
    bl_options = {"REGISTER"}

    by_timer: bpy.props.BoolProperty(
        description="Let Blender go on meanwhile, instead of waiting for the object",
        options={"SKIP_SAVE", "HIDDEN"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only for an object that may show splats, and not while a cache may be replaced."""
        if importing.is_running():
            cls.poll_message_set(rpt("A file is being imported"))
            return False
        if state_of(context).is_running:
            cls.poll_message_set(rpt("A scene is being generated"))
            return False
        cls.poll_message_set(rpt("The active object shows no Gaussian splats of Blender's own"))
        return may_hold_splats(context.active_object)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Let the artist go on meanwhile."""
        self.by_timer = not bpy.app.background
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> Result:
        """Begin; a script waits for the end."""
        try:
            importing.begin_points(context, context.active_object)
            if not self.by_timer:
                return imported_as(self, importing.wait(context))
        except LivescapeError as error:
            return refused(self, context, error)
        except Exception as error:
            return broken(self, context, error)
        importing.run_by_timer()
        redraw_panels()
        return {"FINISHED"}
