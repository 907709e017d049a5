"""Which program wrote a file of cameras, told by its content; reading and writing all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from livescape_shared import camera
from livescape_shared.camera import FORMAT, CameraPath
from livescape_shared.json_size import MOST_BYTES, memory_of

from . import colmap, nerfstudio, trajectory, viewer_path
from .found import Found, unreadable

JSON, NERFSTUDIO, COLMAP, NPZ = "json", "nerfstudio", "colmap", "npz"

LABELS: Final = {
    JSON: "Livescape (.json)",
    NERFSTUDIO: "nerfstudio (transforms.json)",
    COLMAP: "COLMAP (text)",
    NPZ: "Trajectory (.npz)",
}

PATTERNS: Final = ("*.json", "*.txt", "*.bin", "*.npz")


def read_cameras(path: Path) -> Found:
    """Return the cameras of a file, or of the folder of a COLMAP model.

    Raises:
        LivescapeError: ``cameras_unreadable``, ``camera_invalid`` or ``camera_path_invalid``.
    """
    folder = colmap.folder_of(path)
    if folder is not None:
        return colmap.read(folder)
    try:
        with path.open("rb") as stream:
            if stream.read(2) == b"PK":
                return trajectory.read(path)
        values = json.loads(_text(path))
    except OSError as error:
        raise unreadable(path.name, error.strerror or "no reason given") from error
    except (ValueError, RecursionError) as error:
        raise unreadable(path.name, "it is none of the kinds that are known") from error
    if not isinstance(values, dict):
        raise unreadable(path.name, "it is not a JSON object")
    if values.get("format") == FORMAT or "reference" in values:
        return Found(CameraPath.from_dict(values))
    if viewer_path.is_viewer_path(values):
        return viewer_path.read(path, values)
    return nerfstudio.read(path, values)


def _text(path: Path) -> bytes:
    """Return the content of a JSON file whose values fit into memory.

    Raises:
        LivescapeError: ``cameras_unreadable``.
        OSError: From the file system.
    """
    if path.stat().st_size > MOST_BYTES or memory_of(data := path.read_bytes()) > MOST_BYTES:
        raise unreadable(path.name, "it is too large")
    return data


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
