"""Collect for Farm: the .blend, its caches and a job, checked, in one folder."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

from pathlib import Path

import bpy

from livescape_shared.errors import LivescapeError

from ..farm import collecting
from ..servers import tasks
from ..translations.words import rpt
from .result import Result, concluded

COLLECTING = "/collecting"
"""Stands for the second Blender among what is waited for; no server is called that."""


class LIVESCAPE_OT_collect_for_farm(bpy.types.Operator):
    """Copy the .blend and its caches into a folder and write the job of a render farm."""

    bl_idname = "livescape.collect_for_farm"
    bl_label = "Collect for Farm"
    bl_description = (
        "Copy this .blend and its caches into a folder, check that they render without the add-on, "
        "and write the job of a render farm"
    )
    bl_options = {"REGISTER"}

    directory: bpy.props.StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only what is saved, and one at a time."""
        if tasks.is_busy(COLLECTING):
            cls.poll_message_set(rpt("A shot is being collected"))
            return False
        cls.poll_message_set(rpt("Save the .blend, with a Livescape object in its scene"))
        return collecting.can_collect(context.scene)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Ask for the folder."""
        if not self.directory:
            context.window_manager.fileselect_add(self)
            return {"RUNNING_MODAL"}
        return self.execute(context)

    def execute(self, context: bpy.types.Context) -> Result:
        """Begin; a script without windows waits for the end."""
        try:
            shot = collecting.prepare(context.scene, Path(bpy.path.abspath(self.directory)))
        except LivescapeError as error:
            self.report({"ERROR"}, rpt(str(error)))
            return {"CANCELLED"}
        tasks.begin(COLLECTING, lambda: collecting.collect(shot), _told)
        if not bpy.app.background:
            return {"FINISHED"}
        return concluded(self, tasks.wait(COLLECTING))


def _told(blend: Path) -> str:
    return f"{blend.name} and its caches are in {blend.parent.name}; they render without the add-on"
