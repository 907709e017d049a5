"""File > Export: what the objects show, for other splat programs."""

# mypy: disable-error-code="valid-type, misc, override, has-type, attr-defined"
# Blender reads property definitions from annotations, which a type checker takes for types; the
# stubs of Blender's file dialogs know neither their properties nor what their methods return.

from __future__ import annotations

from pathlib import Path

import bpy
from bpy_extras.io_utils import ExportHelper

from livescape_shared.errors import LivescapeError
from livescape_shared.formats.export import STILL_SUFFIXES, USD_SUFFIXES, with_ending

from ..exchange.axes import axes_property
from ..exchange.played import played_objects
from ..exchange.to_files import export_splats
from ..generate import status
from ..properties import state_of
from ..translations.words import rpt
from .result import Result, chosen_file


class LIVESCAPE_OT_export_splats(bpy.types.Operator, ExportHelper):
    """Write what Livescape objects show, in world space."""

    bl_idname = "livescape.export_splats"
    bl_label = "Export Splats"
    bl_description = "Write what Livescape objects show, in world space, for use in other programs"
    bl_options = {"REGISTER"}

    filename_ext = ".ply"
    check_extension = None
    filter_glob: bpy.props.StringProperty(
        default=";".join(f"*{suffix}" for suffix in (*STILL_SUFFIXES, *USD_SUFFIXES)),
        options={"HIDDEN"},
    )
    file_format: bpy.props.EnumProperty(
        name="Format",
        items=[
            (".ply", "PLY", "What every splat program reads; one file per frame"),
            (".spz", "SPZ", "A tenth of the size, less precise; one file per frame"),
            (
                ".compressed.ply",
                "Compressed PLY",
                "A quarter of the size, less precise, for SuperSplat; one file per frame",
            ),
            (".glb", "glTF", "KHR_gaussian_splatting in a .glb; one file per frame"),
            (".usdc", "OpenUSD", "One file with time samples; needs OpenUSD's Python library"),
        ],
    )
    frames: bpy.props.EnumProperty(
        name="Frames",
        items=[
            ("CURRENT", "Current Frame", "What is shown at the current frame"),
            ("RANGE", "Frame Range", "Every frame of the scene's range"),
        ],
    )
    axes: axes_property("Axes of a PLY; the other formats have their own")
    selected_only: bpy.props.BoolProperty(
        name="Selection Only", description="Leave out objects that are not selected"
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Not while a generation uses the panel and may replace a cache."""
        cls.poll_message_set(rpt("A scene is being generated"))
        return not state_of(context).is_running

    def check(self, context: bpy.types.Context) -> bool:
        """Let the file name end as the format wants, while the dialog is open."""
        path = Path(self.filepath)
        wanted = str(with_ending(path, self.file_format)) if path.name else self.filepath
        is_changed: bool = wanted != self.filepath
        self.filepath = wanted
        return is_changed

    def execute(self, context: bpy.types.Context) -> Result:
        """Write the files; the name's ending says which kind."""
        state = state_of(context)
        try:
            path = chosen_file(self.filepath)
            items = played_objects(context.view_layer, selected_only=self.selected_only)
            written = export_splats(context, items, path, self._frames(context.scene), self.axes)
        except LivescapeError as error:
            status.failed(state, error)
            self.report({"ERROR"}, rpt(str(error)))
            return {"CANCELLED"}
        names = [each.name for each in written]
        note = rpt("Wrote {0}", names[0])
        if len(names) > 1:
            note = rpt("Wrote {0} to {1}", names[0], names[-1])
        status.finished(state, note)
        self.report({"INFO"}, note)
        return {"FINISHED"}

    def _frames(self, scene: bpy.types.Scene) -> list[int]:
        if self.frames == "CURRENT":
            return [scene.frame_current]
        return list(range(scene.frame_start, scene.frame_end + 1, scene.frame_step))
