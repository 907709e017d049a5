"""The files of images that Blender has: on disk already, or written beside the .blend."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import bpy

from livescape_shared.errors import LivescapeError
from livescape_shared.files import is_file

from ..cache.cache_folder import as_blend_path
from ..paths import named_path


def file_of_image(image: bpy.types.Image) -> str:
    """Return the file of an image, as the .blend names it.

    An image that is packed, painted or generated is written beside the .blend first.

    Raises:
        LivescapeError: ``blend_unsaved`` or ``photo_unreadable``.
    """
    path = bpy.path.abspath(image.filepath, library=image.library) if image.filepath else ""
    if path and image.packed_file is None and not image.is_dirty and is_file(named_path(path)):
        return as_blend_path(named_path(path)) if bpy.data.filepath else path
    return _written(image)


def file_of_asset(asset: Any) -> str:
    """Return the file of an image of an asset library; the image stays there.

    Raises:
        LivescapeError: As :func:`file_of_image`.
    """
    if asset.local_id is not None:
        return file_of_image(asset.local_id)
    library = asset.full_library_path
    load: Any = bpy.data.libraries.load  # stubs have it return nothing
    with load(library, link=True) as (there, here):
        here.images = [name for name in there.images if name == asset.name]
    image = here.images[0] if here.images else None
    if image is None:
        raise _unreadable(asset.name)
    try:
        return file_of_image(image)
    finally:
        if not image.users:
            bpy.data.images.remove(image)


def _written(image: bpy.types.Image) -> str:
    """Write an image beside the .blend and return its name there."""
    if not bpy.data.filepath:
        raise LivescapeError(
            "blend_unsaved",
            f"{image.name} has no file of its own, and the .blend file has not been saved yet.",
            hint="Save the .blend first; the image is written beside it.",
        )
    packed = image.packed_file if not image.is_dirty else None
    stem = re.sub(r"[^\w.-]+", "_", Path(image.name).stem) or "photo"
    ending = Path(image.filepath).suffix.lower() if packed else ".png"
    path = Path(bpy.data.filepath).with_name(f"{stem}_photo{ending or '.png'}")
    try:
        if packed is not None:
            path.write_bytes(packed.data)
        else:
            _save_copy(image, path)
    except (OSError, RuntimeError) as error:
        raise _unreadable(image.name) from error
    return as_blend_path(path)


def _save_copy(image: bpy.types.Image, path: Path) -> None:
    """Write the pixels of an image as PNG; the image stays what it is."""
    copy = image.copy()
    try:
        copy.file_format = "PNG"
        copy.filepath_raw = str(path)
        copy.save()
    finally:
        bpy.data.images.remove(copy)


def _unreadable(name: str) -> LivescapeError:
    return LivescapeError(
        "photo_unreadable",
        f"The image {name} has no picture that could be written to a file.",
        hint="Choose a PNG, JPEG, TIFF or WebP file.",
    )
