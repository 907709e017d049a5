"""File > Import: a splat file of another program."""

# mypy: disable-error-code="valid-type, misc, override, has-type, attr-defined"
# Blender reads property definitions from annotations, which a type checker takes for types; the
# stubs of Blender's file dialogs know neither their properties nor what their methods return.

from __future__ import annotations

import bpy
from bpy_extras.io_utils import ImportHelper

from livescape_shared.errors import LivescapeError
from livescape_shared.formats.load import PATTERNS

from ..exchange import importing
from ..exchange.axes import axes_found_property
from ..properties import state_of
from ..redraw import redraw_panels
from ..translations.words import rpt
from .result import Result, broken, chosen_file, imported_as, refused


class LIVESCAPE_OT_import_splats(bpy.types.Operator, ImportHelper):
    """Show a 3D Gaussian Splatting file as a Livescape object with a cache of its own."""

    bl_idname = "livescape.import_splats"
    bl_label = "Import Splats"
    bl_description = "Show a 3D Gaussian Splatting file as a Livescape object"
    # A finished import pushes the step of undo itself: when it starts, nothing has changed yet.
    bl_options = {"REGISTER"}

    filename_ext = ".ply"
    filepath: bpy.props.StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE", "HIDDEN"})
    filter_glob: bpy.props.StringProperty(default=";".join(PATTERNS), options={"HIDDEN"})
    axes: axes_found_property("Axes of the file")
    as_sequence: bpy.props.BoolProperty(
        name="Numbered Files Are Frames",
        description="Files beside this one that differ by a number are its further frames",
        default=True,
    )

    by_timer: bpy.props.BoolProperty(
        description="Let Blender go on meanwhile, instead of waiting for the object",
        options={"SKIP_SAVE", "HIDDEN"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """One at a time, and not while a generation uses the panel and may replace a cache."""
        if importing.is_running():
            cls.poll_message_set(rpt("A file is being imported"))
            return False
        cls.poll_message_set(rpt("A scene is being generated"))
        return not state_of(context).is_running

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Ask for the file, or for the axes of one that was dropped."""
        self.by_timer = not bpy.app.background
        if self.properties.is_property_set("filepath"):
            return context.window_manager.invoke_props_dialog(self)
        return super().invoke(context, event)

    def execute(self, context: bpy.types.Context) -> Result:
        """Begin; a script waits for the end."""
        try:
            path = chosen_file(self.filepath)
            importing.begin(context, path, self.axes, as_sequence=self.as_sequence)
            if not self.by_timer:
                return imported_as(self, importing.wait(context))
        except LivescapeError as error:
            return refused(self, context, error)
        except Exception as error:
            return broken(self, context, error)
        importing.run_by_timer()
        redraw_panels()
        return {"FINISHED"}


class LIVESCAPE_OT_cancel_import(bpy.types.Operator):
    """Stop the import that goes on."""

    bl_idname = "livescape.cancel_import"
    bl_label = "Cancel Import"
    bl_description = "Stop importing; nothing of it stays"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while something is imported."""
        cls.poll_message_set(rpt("Nothing is being imported"))
        return importing.is_running()

    def execute(self, context: bpy.types.Context) -> Result:
        """Ask for the end, which the next tick of the timer looks at."""
        current = importing.current()
        if current is not None:
            current.cancel()
        return {"FINISHED"}
