"""Write the camera of every frame for the command line and for other programs."""

# mypy: disable-error-code="valid-type, misc, override, has-type, attr-defined"
# Blender reads property definitions from annotations, which a type checker takes for types; the
# stubs of Blender's file dialogs know neither their properties nor what their methods return.

from __future__ import annotations

from pathlib import Path

import bpy
from bpy_extras.io_utils import ExportHelper

from livescape_shared.camera_files.kinds import COLMAP, JSON, LABELS, NPZ, write_cameras
from livescape_shared.counted import counted
from livescape_shared.errors import LivescapeError

from .. import properties
from ..camera.path import read_camera_path
from ..translations.words import rpt
from .result import Result, chosen_file

_ENDINGS = {COLMAP: "", NPZ: ".npz"}


class LIVESCAPE_OT_export_camera_path(bpy.types.Operator, ExportHelper):
    """Write the camera of every frame to a file."""

    bl_idname = "livescape.export_camera_path"
    bl_label = "Export Camera Path"
    bl_description = "Write the camera of every frame for the command line or another program"
    bl_options = {"REGISTER"}

    filename_ext = ".json"
    filter_glob: bpy.props.StringProperty(default="*.json;*.npz", options={"HIDDEN"})
    kind: bpy.props.EnumProperty(
        name="Kind",
        description="Who is to read the file. A COLMAP model is a folder",
        items=[(name, label, "") for name, label in LABELS.items()],
        default=JSON,
    )

    def check(self, context: bpy.types.Context) -> bool:
        """Let the name end as its kind does."""
        named = str(self._path())
        changed = bool(named != self.filepath)
        self.filepath = named
        return changed

    def execute(self, context: bpy.types.Context) -> Result:
        """Write the file."""
        try:
            chosen_file(self.filepath)
            path = chosen_file(str(self._path()))
            camera_path = read_camera_path(context, properties.reference_frame(context.scene))
            write_cameras(path, self.kind, camera_path)
        except LivescapeError as error:
            self.report({"ERROR"}, rpt(str(error)))
            return {"CANCELLED"}
        count = len(camera_path)
        note = counted(count, "Wrote {0} camera to {1}", "Wrote {0} cameras to {1}")
        self.report({"INFO"}, rpt(note, count, path.name))
        return {"FINISHED"}

    def _path(self) -> Path:
        path = Path(self.filepath)
        wanted = _ENDINGS.get(self.kind, ".json")
        if path.name in ("", "..") or path.suffix == wanted:
            return path
        is_other = path.suffix in (".json", *_ENDINGS.values())  # shot.v2 keeps its name
        return path.with_name((path.stem if is_other else path.name) + wanted)
