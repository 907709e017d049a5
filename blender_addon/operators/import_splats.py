"""File > Import: a splat file of another program."""

# mypy: disable-error-code="valid-type, misc, override, has-type, attr-defined"
# Blender reads property definitions from annotations, which a type checker takes for types; the
# stubs of Blender's file dialogs know neither their properties nor what their methods return.

from __future__ import annotations

import bpy
from bpy_extras.io_utils import ImportHelper

from livescape_shared.errors import LivescapeError
from livescape_shared.formats.load import PATTERNS

from ..exchange.axes import axes_found_property
from ..exchange.from_file import import_splats
from ..generate import status
from ..properties import state_of
from ..translations.words import rpt
from .result import Result, chosen_file


class LIVESCAPE_OT_import_splats(bpy.types.Operator, ImportHelper):
    """Show a 3D Gaussian Splatting file as a Livescape object with a cache of its own."""

    bl_idname = "livescape.import_splats"
    bl_label = "Import Splats"
    bl_description = "Show a 3D Gaussian Splatting file as a Livescape object"
    bl_options = {"REGISTER", "UNDO"}

    filename_ext = ".ply"
    filepath: bpy.props.StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE", "HIDDEN"})
    filter_glob: bpy.props.StringProperty(default=";".join(PATTERNS), options={"HIDDEN"})
    axes: axes_found_property("Axes of the file")
    as_sequence: bpy.props.BoolProperty(
        name="Numbered Files Are Frames",
        description="Files beside this one that differ by a number are its further frames",
        default=True,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Not while a generation uses the panel and may replace a cache."""
        cls.poll_message_set(rpt("A scene is being generated"))
        return not state_of(context).is_running

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Ask for the file, or for the axes of one that was dropped."""
        if self.properties.is_property_set("filepath"):
            return context.window_manager.invoke_props_dialog(self)
        return super().invoke(context, event)

    def execute(self, context: bpy.types.Context) -> Result:
        """Read, store and build."""
        state = state_of(context)
        try:
            path = chosen_file(self.filepath)
            imported = import_splats(context.scene, path, self.axes, as_sequence=self.as_sequence)
        except LivescapeError as error:
            status.failed(state, error)
            self.report({"ERROR"}, rpt(str(error)))
            return {"CANCELLED"}
        status.finished(state, str(imported))
        self.report({"WARNING" if imported.dropped else "INFO"}, rpt(str(imported)))
        for item in context.selected_objects:
            item.select_set(False)
        imported.item.select_set(True)
        context.view_layer.objects.active = imported.item
        return {"FINISHED"}
