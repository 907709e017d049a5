"""``transforms.json`` of nerfstudio, instant-ngp and their kin.

Poses are camera to world in OpenGL's axes, the world has Z up; intrinsics stand at the top or in
each frame.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from livescape_shared.camera import MAX_SIDE, Camera, CameraPath
from livescape_shared.files import whole_file
from livescape_shared.picture_size import picture_size
from livescape_shared.values import WrongValue, integer, matrix, number

from .found import GL, Float64Array, Found, in_order, posed, unreadable

PINHOLES = ("", "PINHOLE", "SIMPLE_PINHOLE", "OPENCV", "SIMPLE_RADIAL", "RADIAL", "PERSPECTIVE")
_DISTORTIONS = ("k1", "k2", "k3", "k4", "p1", "p2")
_STRAIGHT = 1e-6
_MOST_HEADER = 1 << 18


def read(path: Path, values: Mapping[str, Any]) -> Found:
    """Return the cameras of a file whose JSON is ``values``.

    Raises:
        LivescapeError: ``cameras_unreadable``, ``camera_invalid`` or ``camera_path_invalid``.
    """
    frames = values.get("frames")
    if not isinstance(frames, list) or not all(isinstance(each, dict) for each in frames):
        raise unreadable(path.name, "it has no list of frames")
    if frames and not {"w", "h"} <= {**values, **frames[0]}.keys():
        values = {**values, **_size_beside(path, str(frames[0].get("file_path", "")))}
    try:
        named = [
            (str(frame.get("file_path", "")), _camera(path, {**_top(values), **frame}))
            for frame in frames
        ]
        fps = number(values.get("fps", 24.0))
    except WrongValue as error:
        raise unreadable(path.name, f"a number in it is {error}") from error
    except KeyError as error:
        lacks = f"a frame lacks {error}"
        if error.args[0] in ("w", "h"):
            lacks = (
                "it does not state its pictures' size, and they are not beside it as PNG or JPEG; "
                'write "w" and "h" into it'
            )
        raise unreadable(path.name, lacks) from error
    bent = any(_is_bent({**_top(values), **frame}) for frame in frames)
    remarks = ("Its lens distortion is left out: cameras here are pinholes.",) if bent else ()
    return Found(in_order(named, fps), remarks)


def write(path: Path, camera_path: CameraPath) -> None:
    """Write a camera path; each frame is called after its number.

    Raises:
        LivescapeError: ``output_not_writable`` or ``disk_full``.
    """
    frames = []
    for frame, camera in zip(camera_path.frames, camera_path.cameras, strict=True):
        pose = camera.camera_to_world @ GL
        frames.append(
            {
                "file_path": f"frames/{frame:05d}.png",
                "transform_matrix": pose.tolist(),
                **_intrinsics(camera),
            }
        )
    values = {
        "camera_model": "PINHOLE",
        **_intrinsics(camera_path.cameras[0]),
        "fps": camera_path.fps,
        "frames": frames,
    }
    with whole_file(path) as partial:
        partial.write_text(json.dumps(values, indent=1), encoding="utf-8")


def _top(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "frames"}


def _camera(path: Path, values: Mapping[str, Any]) -> Camera:
    model = str(values.get("camera_model", "")).upper()
    if model not in PINHOLES:
        raise unreadable(path.name, f"its cameras are {model[:40]}, not perspective ones")
    width = integer(round(number(values["w"])), 1, MAX_SIDE)
    height = integer(round(number(values["h"])), 1, MAX_SIDE)
    pose = matrix(values["transform_matrix"], *_shape(values["transform_matrix"]))
    whole = np.eye(4)
    whole[: pose.shape[0]] = pose
    with np.errstate(all="ignore"):
        try:
            viewmat = np.asarray(np.linalg.inv(whole @ GL), dtype=np.float64)
        except np.linalg.LinAlgError as error:
            raise unreadable(path.name, "a pose is flat") from error
    return posed(width, height, _matrix_of(values, width, height), viewmat)


def _size_beside(path: Path, named: str) -> dict[str, int]:
    """Return the size of a frame's picture, which the data sets of NeRF do not state otherwise."""
    for suffix in ("", ".png", ".jpg"):
        try:
            with (path.parent / f"{named}{suffix}").open("rb") as stream:
                size = picture_size(stream.read(_MOST_HEADER))
        except (OSError, ValueError):
            continue
        if size is not None:
            return {"w": size[0], "h": size[1]}
    return {}


def _shape(rows: Any) -> tuple[int, int]:
    """Return 3x4 for a pose without its last row, as some write it, else 4x4."""
    return (3, 4) if isinstance(rows, list) and len(rows) == 3 else (4, 4)


def _matrix_of(values: Mapping[str, Any], width: int, height: int) -> Float64Array:
    """Return K [3, 3]: stated in pixels, or as the angle that the width covers."""
    if "fl_x" in values:
        fx = number(values["fl_x"])
    else:
        fx = width / 2.0 / math.tan(number(values["camera_angle_x"], 1e-3, 3.1) / 2.0)
    fy = number(values.get("fl_y", fx))
    cx, cy = number(values.get("cx", width / 2)), number(values.get("cy", height / 2))
    return np.array([[fx, 0.0, cx], [0.0, fy, cy], [0.0, 0.0, 1.0]])


def _intrinsics(camera: Camera) -> dict[str, Any]:
    K = camera.K
    return {
        "w": camera.width, "h": camera.height,
        "fl_x": K[0, 0], "fl_y": K[1, 1], "cx": K[0, 2], "cy": K[1, 2],
    }  # fmt: skip


def _is_bent(values: Mapping[str, Any]) -> bool:
    found = [values.get(name, 0.0) for name in _DISTORTIONS]
    return any(isinstance(each, int | float) and abs(each) > _STRAIGHT for each in found)
