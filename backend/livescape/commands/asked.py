"""What the words of ``livescape run`` ask for: photo, camera path, settings and files."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from livescape.cameras.default_path import default_path
from livescape.cameras.photo_camera import default_intrinsics
from livescape.context import Context
from livescape.depth.focal import own_focal
from livescape.imaging.decode import decode_photo
from livescape.imaging.sampling import resize_image, working_size
from livescape.networks.checkpoints import METHOD
from livescape_shared.annotation_files.given import DRAWN, read_given
from livescape_shared.camera import CameraPath
from livescape_shared.camera_files.kinds import read_cameras
from livescape_shared.errors import LivescapeError
from livescape_shared.files import input_refusal
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import (
    MOTION_OF_FILE,
    PRESETS,
    GenerateSettings,
    preset_settings,
)
from livescape_shared.values import mapping


def add_request_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what is made to ``parser``."""
    add = parser.add_argument
    add("photo", type=Path, help="the photograph")
    add("--camera-path", type=Path, help="cameras, of any kind in docs/camera_path.md")
    add("--preset", default="draft", choices=PRESETS, help="default: %(default)s")
    add("--set", nargs=2, action="append", default=[], metavar=("SETTING", "VALUE"),
        dest="changes", help="change one setting of the preset")  # fmt: skip
    add("--settings", type=_settings, default={}, metavar="JSON",
        help="change several, such as '{\"speed\": 1.5}'")  # fmt: skip
    add("--depth", type=_given, help="depth map: .npy or .exr in metres, 16-bit PNG in centimetres")
    add(
        "--mask",
        type=_given,
        help="image whose bright pixels move, a folder or .npz of masks, labelme, COCO or SAM JSON",
    )
    add("--hints", type=_given, help="labelme or COCO JSON: what moves, what stands, hint lines")
    add("--flow", type=_given, help="pixels per frame: .npy, .npz, .flo, OpenEXR, ...")
    add("--clip", type=_given, help="short video from where the photo was taken")
    add("--motion-checkpoint", type=Path,
        help="3D-Cinemagraphy or SLR-SFS checkpoint whose network finds the motion")  # fmt: skip
    add("--animator-checkpoint", type=Path,
        help="SLR-SFS checkpoint whose encoder and projector animate the views")  # fmt: skip


def _given(text: str) -> Path | None:
    """Return a file; no text means none, so that a farm's fixed list of words can say so."""
    return Path(text) if text else None


def _settings(text: str) -> dict[str, Any]:
    try:
        return dict(mapping(json.loads(text)))
    except (ValueError, RecursionError) as error:
        message = f"{text[:60]!r} is not a map in JSON"
        raise argparse.ArgumentTypeError(message) from error


def build_request(context: Context, arguments: argparse.Namespace) -> GenerateRequest:
    """Read all files and settings that ``arguments`` name.

    Raises:
        LivescapeError: ``input_unreadable``, ``settings_invalid`` and the readers' codes.
    """
    settings = preset_settings(arguments.preset)
    changed = {name: _text_of(value) for name, value in arguments.settings.items()}
    changed |= dict(arguments.changes)
    for name, value in changed.items():
        settings = change_setting(settings, name, value)
    given = {name: getattr(arguments, name) for name in ("depth", "mask", "hints", "flow", "clip")}
    files = {
        name: read_given(path, arguments.photo.name) if name in DRAWN else _read(path)
        for name, path in given.items()
        if path is not None
    }
    if arguments.animator_checkpoint is not None:
        settings = settings.changed(animator=METHOD)
    if arguments.motion_checkpoint is not None:
        settings = settings.changed(motion=METHOD)
    elif "motion" not in changed:
        chosen = [motion for name, motion in MOTION_OF_FILE.items() if name in files]
        settings = settings.changed(motion=chosen[0]) if chosen else settings
    photo = _read(arguments.photo)
    path = camera_path_of(context, arguments.camera_path, photo, settings)
    if arguments.camera_path is None and settings.loop == "auto":
        settings = settings.changed(loop="on")  # our own path is one round of the loop
    return GenerateRequest(path, settings, photo, **files)


def _text_of(value: Any) -> str:
    """Return a value of JSON as a setting is written on the command line."""
    return value if isinstance(value, str) else json.dumps(value)


def change_setting(settings: GenerateSettings, name: str, value: str) -> GenerateSettings:
    """Return ``settings`` with one field parsed from text.

    Raises:
        LivescapeError: ``settings_invalid``.
    """
    known = settings.to_dict()
    if name not in known:
        message = f"There is no setting {name!r}."
        raise LivescapeError("settings_invalid", message, hint=f"Choose one of {', '.join(known)}.")
    kind = type(known[name])
    try:
        return settings.changed(**{name: kind(value)})
    except ValueError as error:
        message = f"{name} cannot be {value!r}."
        raise LivescapeError("settings_invalid", message) from error


def camera_path_of(
    context: Context, path: Path | None, photo: bytes, settings: GenerateSettings
) -> CameraPath:
    """Return the path in a file, or one of our own if there is none."""
    if path is not None:
        return read_cameras(path).path
    decoded = decode_photo(photo, settings.exposure)
    width, height = working_size(*decoded.size, settings.working_size)
    estimated = 0.0
    if decoded.focal_35mm == 0.0:
        estimated = own_focal(context, settings.depth, resize_image(decoded.image, width, height))
    intrinsics = default_intrinsics(decoded, width, height, estimated)
    return default_path(intrinsics, width, height, settings.loop_frames)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise input_refusal(path, error) from error
