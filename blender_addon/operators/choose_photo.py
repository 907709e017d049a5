"""Choosing the photo: from a file, by dropping one, or an image that Blender has already."""

# mypy: disable-error-code="valid-type, misc, override, has-type, attr-defined"
# Blender reads property definitions from annotations, which a type checker takes for types; the
# stubs of Blender's file dialogs know neither their properties nor what their methods return.

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy_extras.io_utils import ImportHelper

from livescape_shared.errors import LivescapeError
from livescape_shared.files import is_file

from ..generate import early_server, status
from ..paths import named_path
from ..photo import looking
from ..photo.images import file_of_asset, file_of_image
from ..properties import settings_of, state_of
from ..translations.words import rpt
from .result import Result, chosen_file, refused

_DISPLAYS = ("DEFAULT", "LIST_VERTICAL", "LIST_HORIZONTAL", "THUMBNAIL")
"""How Blender's file browser numbers its displays."""


class _Chooses(bpy.types.Operator):
    """Makes something the photo, or shows why it cannot."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Not while the photo is being brought to life."""
        cls.poll_message_set(rpt("A scene is being generated"))
        return not state_of(context).is_running

    def execute(self, context: bpy.types.Context) -> Result:
        """Choose."""
        try:
            path = self.named(context)
            chosen_file(path)
            if not is_file(named_path(path)):
                raise LivescapeError(
                    "photo_missing",
                    f"The photo {Path(path).name} does not exist.",
                    hint="Choose a PNG, JPEG, TIFF or WebP file.",
                )
        except LivescapeError as error:
            return refused(self, context, error)
        settings_of(context.scene).photo = path
        looking.begin(named_path(path))
        if not bpy.app.background:
            early_server.begin(context)
        status.clear(state_of(context))
        return {"FINISHED"}

    def named(self, context: bpy.types.Context) -> str:
        """Return the file of what was chosen."""
        raise NotImplementedError


class LIVESCAPE_OT_choose_photo(_Chooses, ImportHelper):
    """Choose the photograph to bring to life."""

    bl_idname = "livescape.choose_photo"
    bl_label = "Choose Photo"
    bl_description = "Choose the photograph to bring to life, from its thumbnails"

    filepath: bpy.props.StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE", "HIDDEN"})
    filter_image: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    display_type: bpy.props.EnumProperty(
        items=[(name, name.title(), "", number) for number, name in enumerate(_DISPLAYS)],
        default="THUMBNAIL",
        options={"HIDDEN", "SKIP_SAVE"},
    )
    relative_path: bpy.props.BoolProperty(
        name="Relative Path", description="Name the photo from where the .blend lies", default=True
    )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Ask for the file, unless one was dropped."""
        if self.properties.is_property_set("filepath"):
            return self.execute(context)
        chosen = settings_of(context.scene).photo
        beside = named_path(chosen or "//") if chosen or bpy.data.filepath else None
        if beside is not None:
            self.filepath = str(beside if chosen else f"{beside}/")
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def named(self, context: bpy.types.Context) -> str:
        """Return the chosen file, as the .blend names it."""
        if not self.relative_path or not bpy.data.filepath or self.filepath.startswith("//"):
            return str(self.filepath)
        try:
            return str(bpy.path.relpath(self.filepath))
        except ValueError:  # another drive
            return str(self.filepath)


class LIVESCAPE_OT_use_image(_Chooses):
    """Use an image of this .blend as the photo."""

    bl_idname = "livescape.use_image"
    bl_label = "Use Image"
    bl_description = (
        "Use an image of this .blend as the photo; it is saved beside if it has no file"
    )

    image: bpy.props.StringProperty(name="Image", description="Name of the image")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Ask for one."""
        return context.window_manager.invoke_props_dialog(self)

    def draw(self, context: bpy.types.Context) -> None:
        """Let one be searched by name."""
        self.layout.prop_search(self, "image", bpy.data, "images")

    def named(self, context: bpy.types.Context) -> str:
        """Return the image's file."""
        image: Any = bpy.data.images.get(self.image)
        if image is None:
            raise LivescapeError(
                "photo_missing",
                "No image is chosen." if not self.image else f"There is no image {self.image}.",
                hint="Choose an image of this .blend.",
            )
        return file_of_image(image)


class LIVESCAPE_OT_use_asset_photo(_Chooses):
    """Use the image that is active in the asset browser as the photo."""

    bl_idname = "livescape.use_asset_photo"
    bl_label = "Use as Livescape Photo"
    bl_description = "Use this image as the photograph to bring to life"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only for an image."""
        asset = getattr(context, "asset", None)
        if asset is None or asset.id_type != "IMAGE":
            cls.poll_message_set(rpt("Choose an image"))
            return False
        return super().poll(context)

    def named(self, context: bpy.types.Context) -> str:
        """Return the asset's file."""
        return file_of_asset(context.asset)


CLASSES: tuple[Any, ...] = (
    LIVESCAPE_OT_choose_photo,
    LIVESCAPE_OT_use_image,
    LIVESCAPE_OT_use_asset_photo,
)
