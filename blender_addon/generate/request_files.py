"""The files that the artist named, checked before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from livescape_shared.camera import CameraPath
from livescape_shared.errors import LivescapeError
from livescape_shared.limits import PHOTO_MAX_SIDE, PHOTO_MIN_SIDE
from livescape_shared.request import GenerateRequest

from .. import properties
from ..motion.request import with_drawn
from .framing import framed
from .inputs import read_input
from .photo_size import upright_size

_PHOTO_HINT = "Choose a PNG, JPEG, TIFF or WebP file."


def check_photo(path: Path) -> tuple[int, int]:
    """Check that a photo is there and that Blender can read it; return its size when upright.

    Raises:
        LivescapeError: ``photo_missing``, ``photo_unreadable``, ``photo_too_small`` or
            ``photo_too_large``.
    """
    if not path.is_file():
        raise LivescapeError(
            "photo_missing", f"The photo {path.name} does not exist.", hint=_PHOTO_HINT
        )
    width, height = upright_size(path)
    if min(width, height) == 0:
        raise LivescapeError(
            "photo_unreadable",
            f"The photo {path.name} is not an image that Blender can read.",
            hint=_PHOTO_HINT,
        )
    size = f"The photo {path.name} has {width} x {height} pixels"
    if min(width, height) < PHOTO_MIN_SIDE:
        raise LivescapeError(
            "photo_too_small",
            f"{size}; each side must have at least {PHOTO_MIN_SIDE}.",
            hint="Use a larger version of the photo.",
        )
    if max(width, height) > PHOTO_MAX_SIDE:
        raise LivescapeError(
            "photo_too_large",
            f"{size}; no side may exceed {PHOTO_MAX_SIDE}.",
            hint="Scale the photo down first.",
        )
    return width, height


def build_request(group: properties.LivescapeSettings, camera_path: CameraPath) -> GenerateRequest:
    """Return the request that the settings describe.

    Raises:
        LivescapeError: As :func:`check_photo`, or ``input_unreadable``, ``settings_invalid``.
    """
    if not group.photo:
        raise LivescapeError("photo_missing", "No photo is chosen.", hint=_PHOTO_HINT)
    photo = Path(bpy.path.abspath(group.photo))
    size = check_photo(photo)
    files = {"photo": read_input(photo, "photo")}
    for name in ("depth", "mask", "hints", "flow", "clip"):
        named = getattr(group, f"{name}_file")
        if named:
            path = Path(bpy.path.abspath(named))
            files[name] = read_input(path, f"{name} file")
    settings = properties.chosen_settings(group)
    scene: Any = group.id_data
    files, settings = with_drawn(scene, size, files, settings)
    framed_path = framed(camera_path, size, group.frame)
    return GenerateRequest(framed_path, settings, **files)
