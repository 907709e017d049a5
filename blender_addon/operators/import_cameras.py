"""Read the cameras of another program as a keyed camera of this scene."""

# mypy: disable-error-code="valid-type, misc, override, has-type, attr-defined"
# Blender reads property definitions from annotations, which a type checker takes for types; the
# stubs of Blender's file dialogs know neither their properties nor what their methods return.

from __future__ import annotations

import bpy
from bpy_extras.io_utils import ImportHelper

from livescape_shared.camera_files.kinds import PATTERNS, read_cameras
from livescape_shared.counted import counted
from livescape_shared.errors import LivescapeError

from ..camera.keyed import PLACES, key_cameras
from ..properties import state_of
from ..translations.words import rpt
from .result import Result, chosen_file, refused


class LIVESCAPE_OT_import_cameras(bpy.types.Operator, ImportHelper):
    """Key a camera as a file says."""

    bl_idname = "livescape.import_cameras"
    bl_label = "Import Cameras"
    bl_description = (
        "Key a new camera as a file says: transforms.json of nerfstudio, a COLMAP model, "
        "trajectory.npz or a camera path of Livescape"
    )
    bl_options = {"REGISTER", "UNDO"}

    filter_glob: bpy.props.StringProperty(default=";".join(PATTERNS), options={"HIDDEN"})
    place: bpy.props.EnumProperty(name="Place", items=PLACES, default="FILE")
    scale: bpy.props.FloatProperty(
        name="Scale",
        description="Metres of the file's unit; COLMAP and nerfstudio have none of their own",
        default=1.0,
        min=1e-6,
    )
    use_format: bpy.props.BoolProperty(
        name="Frame Range and Resolution",
        description="Let the scene have the frames and the size of the file's pictures",
        default=True,
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Not while the camera is being used."""
        cls.poll_message_set(rpt("A scene is being generated"))
        return not state_of(context).is_running

    def execute(self, context: bpy.types.Context) -> Result:
        """Read and key."""
        try:
            path = chosen_file(self.filepath)
            found = read_cameras(path)
            camera, remarks = key_cameras(
                context.scene, found.path, path.stem, self.place, self.scale, self.use_format
            )
        except LivescapeError as error:
            return refused(self, context, error)
        for remark in (*found.remarks, *remarks):
            self.report({"WARNING"}, rpt(remark))
        count = len(found.path)
        note = counted(count, "{0}: {1} frame", "{0}: {1} frames")
        self.report({"INFO"}, rpt(note, camera.name, count))
        return {"FINISHED"}
