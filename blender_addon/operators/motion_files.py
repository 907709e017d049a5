"""Strokes from labelme files and into them."""

# mypy: disable-error-code="valid-type, misc, override, has-type, attr-defined"
# Blender reads property definitions from annotations, which a type checker takes for types; the
# stubs of Blender's file dialogs know neither their properties nor what their methods return.

from __future__ import annotations

from pathlib import Path, PureWindowsPath
from typing import Any

import bpy
from bpy_extras.io_utils import ExportHelper, ImportHelper

from livescape_shared.annotation import write_labelme
from livescape_shared.annotation_files.given import read_given
from livescape_shared.annotation_files.kinds import read_annotation
from livescape_shared.counted import counted
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file

from ..motion.annotate import annotation_of
from ..motion.canvas import read_paint
from ..motion.from_file import add_annotation
from ..motion.pictures import picture_mask
from ..motion.strokes import read_strokes
from ..properties import frame_rate, settings_of
from ..translations.words import rpt
from .motion_base import OnMotion, choose, stage_in
from .result import Result, chosen_file


class LIVESCAPE_OT_import_motion(OnMotion, ImportHelper):
    """Make strokes of a labelme file, to go on from."""

    bl_idname = "livescape.import_motion"
    bl_label = "Import Annotation"
    bl_description = (
        "Make strokes of labelme or COCO JSON: outlines 'motion', 'still', lines 'hint'"
    )
    bl_options = {"REGISTER", "UNDO"}

    filename_ext = ".json"
    filepath: bpy.props.StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE", "HIDDEN"})
    filter_glob: bpy.props.StringProperty(default="*.json", options={"HIDDEN"})

    def execute(self, context: bpy.types.Context) -> Result:
        """Read the file and add its strokes."""
        scene = context.scene
        try:
            stage = stage_in(context)
            name = PureWindowsPath(settings_of(scene).photo).name
            data = read_given(chosen_file(self.filepath), name)
            annotation = read_annotation(data, stage.photo, picture_mask)
            made = add_annotation(scene, stage, annotation, frame_rate(scene))
        except LivescapeError as error:
            return self.refuse(error)
        choose(context, made)
        self.report({"INFO"}, rpt(counted(len(made), "{0} stroke", "{0} strokes"), len(made)))
        return {"FINISHED"}


class LIVESCAPE_OT_export_motion(OnMotion, ExportHelper):
    """Write the strokes as a labelme file."""

    bl_idname = "livescape.export_motion"
    bl_label = "Export Annotation"
    bl_description = "Write the strokes as a labelme file, for `livescape run --hints`"

    filename_ext = ".json"
    filepath: bpy.props.StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE", "HIDDEN"})
    filter_glob: bpy.props.StringProperty(default="*.json", options={"HIDDEN"})

    def execute(self, context: bpy.types.Context) -> Result:
        """Write it."""
        scene = context.scene
        try:
            path = chosen_file(self.filepath)
            stage = stage_in(context)
            annotation = annotation_of(
                read_strokes(scene, stage),
                stage.photo,
                frame_rate(scene),
                read_paint(scene, stage.photo),
            )
            if annotation is None:
                raise LivescapeError(
                    "annotation_empty",
                    "There is no stroke that says anything.",
                    hint="Draw an arrow or a region first.",
                )
            data = write_labelme(annotation, Path(settings_of(scene).photo).name)
            with whole_file(path) as partial:
                partial.write_bytes(data)
        except LivescapeError as error:
            return self.refuse(error)
        return {"FINISHED"}


CLASSES: tuple[Any, ...] = (LIVESCAPE_OT_import_motion, LIVESCAPE_OT_export_motion)
