"""The files that the artist named, checked before anything is sent."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath
from typing import Any

from livescape_shared.annotation_files.given import DRAWN
from livescape_shared.camera import CameraPath
from livescape_shared.errors import LivescapeError
from livescape_shared.files import is_file, is_folder
from livescape_shared.limits import PHOTO_MAX_SIDE, PHOTO_MIN_SIDE
from livescape_shared.request import GenerateRequest

from .. import properties
from ..motion.request import with_drawn
from ..paths import is_of_another_system, named_path
from ..photo import looking
from ..photo.converted import readable
from .framing import framed
from .inputs import read_input, read_named

_OTHER_SYSTEM = "Its path is one of another system. Choose it again where it lies on this computer."
_PHOTO_HINT = "Choose a PNG, JPEG, TIFF or WebP file."


def check_photo_of(group: properties.LivescapeSettings) -> Path:
    """Return the photo that is chosen, which is there.

    Raises:
        LivescapeError: ``photo_missing``.
    """
    if not group.photo:
        raise LivescapeError("photo_missing", "No photo is chosen.", hint=_PHOTO_HINT)
    path = named_path(group.photo)
    if not is_file(path):
        hint = _PHOTO_HINT
        if is_of_another_system(group.photo):
            hint = _OTHER_SYSTEM
        name = PureWindowsPath(group.photo.removeprefix("//")).name  # not a share of Windows
        raise LivescapeError("photo_missing", f"The photo {name} does not exist.", hint=hint)
    return path


def check_file(path: Path, what: str) -> None:
    """Check that a file that the artist named is there, or a folder of masks.

    Raises:
        LivescapeError: ``input_unreadable``.
    """
    if not is_file(path) and not (what in DRAWN and is_folder(path)):
        raise LivescapeError(
            "input_unreadable",
            f"The {what} file {PureWindowsPath(path.name).name} cannot be read: there is no such "
            "file.",
            hint=_OTHER_SYSTEM
            if is_of_another_system(str(path))
            else "Choose another file, or leave the field empty.",
        )


def check_size(path: Path, size: tuple[int, int]) -> None:
    """Check that Blender can read a photo, which has this size when upright.

    Raises:
        LivescapeError: ``photo_unreadable``, ``photo_too_small`` or ``photo_too_large``.
    """
    width, height = size
    if min(width, height) == 0:
        raise LivescapeError(
            "photo_unreadable",
            f"The photo {path.name} is not an image that Blender can read.",
            hint=_PHOTO_HINT,
        )
    said = f"The photo {path.name} has {width} x {height} pixels"
    if min(width, height) < PHOTO_MIN_SIDE:
        raise LivescapeError(
            "photo_too_small",
            f"{said}; each side must have at least {PHOTO_MIN_SIDE}.",
            hint="Use a larger version of the photo.",
        )
    if max(width, height) > PHOTO_MAX_SIDE:
        raise LivescapeError(
            "photo_too_large",
            f"{said}; no side may exceed {PHOTO_MAX_SIDE}.",
            hint="Scale the photo down first.",
        )


def build_request(group: properties.LivescapeSettings, camera_path: CameraPath) -> GenerateRequest:
    """Return the request that the settings describe.

    Raises:
        LivescapeError: As :func:`check_photo_of` and :func:`check_size`, or ``input_unreadable``,
            ``settings_invalid``.
    """
    photo = check_photo_of(group)
    size = looking.waited_for(photo).size
    check_size(photo, size)
    files = {"photo": read_input(readable(photo), "photo")}
    for name, path in properties.named_files(group).items():
        files[name] = read_named(name, readable(path) if name == "mask" else path, photo)
    settings = properties.chosen_settings(group)
    scene: Any = group.id_data
    files, settings = with_drawn(scene, size, files, settings)
    framed_path = framed(camera_path, size, group.frame)
    return GenerateRequest(framed_path, settings, **files)
