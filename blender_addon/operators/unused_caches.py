"""Look for caches that nothing plays any more, and remove one of them."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

import bpy

from livescape_shared.counted import counted
from livescape_shared.errors import LivescapeError
from livescape_shared.sizes import size_text

from ..cache.generations import remove_unused_cache
from ..properties import state_of
from ..translations.words import iface, rpt
from ..ui import unused_caches_panel
from .result import Result, refused


class _OnCaches(bpy.types.Operator):
    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Not while a generation adds one."""
        cls.poll_message_set(rpt("A scene is being generated"))
        return not state_of(context).is_running


class LIVESCAPE_OT_find_unused_caches(_OnCaches):
    """List the caches beside this file that nothing in it plays any more."""

    bl_idname = "livescape.find_unused_caches"
    bl_label = "Find Unused Caches"
    bl_description = (
        "List the caches beside this file that nothing in it plays any more, with their sizes, "
        "and which other .blend files of this folder may play them"
    )
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Look, and show what was found in the panel."""
        try:
            found = unused_caches_panel.look()
        except LivescapeError as error:
            return refused(self, context, error)
        total = size_text(sum(each.bytes for each in found))
        told = counted(len(found), "{0} unused cache, {1}", "{0} unused caches, {1}")
        note = rpt(told, len(found), total) if found else rpt("No unused caches")
        self.report({"INFO"}, note)
        return {"FINISHED"}


class LIVESCAPE_OT_remove_unused_cache(_OnCaches):
    """Delete a cache that nothing in this file plays any more."""

    bl_idname = "livescape.remove_unused_cache"
    bl_label = "Remove Unused Cache"
    bl_description = "Delete this cache from the disk. This cannot be undone"
    bl_options = {"REGISTER", "INTERNAL"}

    folder: bpy.props.StringProperty(name="Folder", options={"SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Ask first."""
        return context.window_manager.invoke_confirm(
            self,
            event,
            title=iface("Delete {0}?", self.folder),
            message=iface(
                "A .blend file in another folder may still play it. "
                "It cannot be brought back, not even by Undo."
            ),
            confirm_text=iface("Delete"),
            icon="WARNING",
        )

    def execute(self, context: bpy.types.Context) -> Result:
        """Delete it, unless something has come to play it meanwhile."""
        try:
            freed = remove_unused_cache(self.folder)
            unused_caches_panel.look()
        except LivescapeError as error:
            return refused(self, context, error)
        self.report({"INFO"}, rpt("Deleted {0}, {1}", self.folder, size_text(freed)))
        return {"FINISHED"}


CLASSES = (LIVESCAPE_OT_find_unused_caches, LIVESCAPE_OT_remove_unused_cache)
