"""Take up, or discard, what was left behind when the file was closed."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

import bpy

from livescape_shared.errors import LivescapeError

from ..generate import offers, running, unwanted
from ..generate.records import Record
from ..translations.words import rpt
from .generate import Runs
from .result import Result

_ID = "Which of those that the panel offers; the oldest if empty"


def _named(identity: str) -> Record:
    offers.look_again()  # another Blender may have been quicker
    for record in offers.open_offers():
        if identity in ("", record.id):
            return record
    raise LivescapeError(
        "job_lost",
        "There is nothing left to go on with in this file.",
        hint="Press Generate.",
    )


class LIVESCAPE_OT_resume(Runs):
    """Go on with a generation that was left behind, or place what it has made."""

    bl_idname = "livescape.resume"
    bl_label = "Resume"
    bl_description = (
        "Go on with a generation of this file that was interrupted, or place the object of one "
        "that has finished meanwhile"
    )

    record: bpy.props.StringProperty(name="Record", description=_ID, options={"SKIP_SAVE"})

    def _begin(self, context: bpy.types.Context, *, previews: bool) -> None:
        running.resume(context, _named(self.record), previews=previews)


class LIVESCAPE_OT_discard(bpy.types.Operator):
    """Stop and forget a generation that was left behind."""

    bl_idname = "livescape.discard"
    bl_label = "Discard"
    bl_description = (
        "Stop and forget a generation of this file that was interrupted. A cache that is whole "
        "stays on the disk, among the unused ones"
    )
    bl_options = {"REGISTER"}

    record: bpy.props.StringProperty(name="Record", description=_ID, options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> Result:
        """Stop and forget it."""
        try:
            record = _named(self.record)
            unwanted.discard(context, record)
            offers.discard(record)
        except LivescapeError as error:
            self.report({"ERROR"}, rpt(str(error)))
            return {"CANCELLED"}
        if bpy.app.background:
            unwanted.wait()
        return {"FINISHED"}


CLASSES: tuple[type[bpy.types.Operator], ...] = (LIVESCAPE_OT_resume, LIVESCAPE_OT_discard)
