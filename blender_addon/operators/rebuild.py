"""Build the object again from its cache."""

from __future__ import annotations

import bpy

from livescape_shared.errors import LivescapeError

from ..cache.generations import newest_generation
from ..generate import status
from ..generate.place import place_object, rebuild_object, restore_object
from ..properties import settings_of, state_of
from ..splats.object import SplatObject, is_ours
from ..translations.words import iface, rpt
from .result import Result


class LIVESCAPE_OT_rebuild(bpy.types.Operator):
    """Build the active object, or the one that Settings names, again from its cache."""

    bl_idname = "livescape.rebuild"
    bl_label = "Rebuild from Cache"
    bl_description = (
        "Build the active object again from the cache that it plays, or a deleted one from the "
        "newest cache of its name"
    )
    bl_options = {"REGISTER", "UNDO"}

    newest: bpy.props.BoolProperty(  # type: ignore[valid-type]
        name="Newest Cache",
        description="Play the newest cache of the name under Generate, whatever is played now",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Not while a generation uses the panel."""
        cls.poll_message_set(rpt("A scene is being generated"))
        return not state_of(context).is_running

    def execute(self, context: bpy.types.Context) -> Result:
        """Build it."""
        state, active = state_of(context), context.active_object
        try:
            if self.newest:
                name = settings_of(context.scene).object_name
                item = place_object(context.scene, newest_generation(name), name)
            elif is_ours(active):
                item = rebuild_object(context.scene, SplatObject(active))
            else:
                item = restore_object(context.scene, settings_of(context.scene).object_name)
        except LivescapeError as error:
            status.failed(state, error)
            self.report({"ERROR"}, rpt(str(error)))
            return {"CANCELLED"}
        status.finished(state, iface("Rebuilt {0}", item.name))
        return {"FINISHED"}
