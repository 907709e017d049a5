"""Which program wrote a file of cameras, told by its content; reading and writing all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from livescape_shared import camera
from livescape_shared.camera import FORMAT, CameraPath

from . import colmap, nerfstudio, trajectory
from .found import Found, unreadable

JSON, NERFSTUDIO, COLMAP, NPZ = "json", "nerfstudio", "colmap", "npz"

LABELS: Final = {
    JSON: "Livescape (.json)",
    NERFSTUDIO: "nerfstudio (transforms.json)",
    COLMAP: "COLMAP (text)",
    NPZ: "Trajectory (.npz)",
}

PATTERNS: Final = ("*.json", "*.txt", "*.bin", "*.npz")

_LARGEST_JSON = 2**29


def read_cameras(path: Path) -> Found:
    """Return the cameras of a file, or of the folder of a COLMAP model.

    Raises:
        LivescapeError: ``cameras_unreadable``, ``camera_invalid`` or ``camera_path_invalid``.
    """
    folder = colmap.folder_of(path)
    if folder is not None:
        return colmap.read(folder)
    try:
        if path.stat().st_size > _LARGEST_JSON:
            raise unreadable(path.name, "it is too large")
        with path.open("rb") as stream:
            begins = stream.read(4)
        if begins.startswith(b"PK"):
            return trajectory.read(path)
        values = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise unreadable(path.name, error.strerror or "no reason given") from error
    except (ValueError, RecursionError) as error:
        raise unreadable(path.name, "it is none of the kinds that are known") from error
    if not isinstance(values, dict):
        raise unreadable(path.name, "it is not a JSON object")
    if values.get("format") == FORMAT or "reference" in values:
        return Found(CameraPath.from_dict(values))
    return nerfstudio.read(path, values)


def write_cameras(path: Path, kind: str, camera_path: CameraPath) -> None:
    """Write a camera path as another program reads it.

    Args:
        path: The file; for COLMAP, the folder.
        kind: A key of :data:`LABELS`.
        camera_path: What is written.

    Raises:
        LivescapeError: ``output_not_writable`` or ``disk_full``.
    """
    if kind == JSON:
        camera.write_camera_path(path, camera_path)
    elif kind == NERFSTUDIO:
        nerfstudio.write(path, camera_path)
    elif kind == NPZ:
        trajectory.write(path, camera_path)
    else:
        colmap.write(path, camera_path)
