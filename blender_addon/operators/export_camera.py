"""Write the camera path as the JSON that the command line reads."""

# mypy: disable-error-code="valid-type, misc, override, has-type, attr-defined"
# Blender reads property definitions from annotations, which a type checker takes for types; the
# stubs of Blender's file dialogs know neither their properties nor what their methods return.

from __future__ import annotations

from pathlib import Path

import bpy
from bpy_extras.io_utils import ExportHelper

from livescape_shared.camera import write_camera_path
from livescape_shared.errors import LivescapeError

from .. import properties
from ..camera.path import read_camera_path
from .result import Result


class LIVESCAPE_OT_export_camera_path(bpy.types.Operator, ExportHelper):
    """Write the camera of every frame to a file for the command line."""

    bl_idname = "livescape.export_camera_path"
    bl_label = "Export Camera Path"
    bl_description = "Write the camera of every frame to a JSON file for the command line"
    bl_options = {"REGISTER"}

    filename_ext = ".json"
    filter_glob: bpy.props.StringProperty(default="*.json", options={"HIDDEN"})

    def execute(self, context: bpy.types.Context) -> Result:
        """Write the file."""
        path = Path(bpy.path.abspath(self.filepath))
        try:
            camera_path = read_camera_path(context, properties.reference_frame(context.scene))
            write_camera_path(path, camera_path)
        except LivescapeError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"Wrote {len(camera_path)} cameras to {path.name}")
        return {"FINISHED"}
