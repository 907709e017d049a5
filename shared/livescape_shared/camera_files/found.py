"""What a file of cameras holds, and how it is refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.camera import MAX_FRAME_NUMBER, Camera, CameraPath
from livescape_shared.covariance import nearest_rotation
from livescape_shared.errors import LivescapeError

Float64Array = NDArray[np.float64]

GL = np.diag([1.0, -1.0, -1.0, 1.0])
"""From OpenCV's axes of a camera (y down, z forward) to OpenGL's (y up, z back) or from these."""

NEARLY = 1e-2
"""How far a rotation may be from orthonormal before it is none; what is nearer is made whole."""


@dataclass(frozen=True)
class Found:
    """Cameras of another program.

    Attributes:
        path: They, in the order of the shot; the first one stands for the photo's.
        remarks: What of the file could not be kept.
    """

    path: CameraPath
    remarks: tuple[str, ...] = ()


def unreadable(name: str, why: str) -> LivescapeError:
    """Return the error of a file that is not what it seems."""
    return LivescapeError(
        "cameras_unreadable",
        f"The cameras of {name} cannot be read: {why}.",
        hint="Livescape reads transforms.json and camera_path.json of nerfstudio, COLMAP models, "
        "trajectory.npz and its own camera paths.",
    )


def posed(width: int, height: int, K: Float64Array, viewmat: Float64Array) -> Camera:
    """Return a camera whose rotation may have lost digits on its way through text.

    Raises:
        LivescapeError: ``camera_invalid``.
    """
    viewmat = np.array(viewmat, dtype=np.float64)
    rotation = viewmat[:3, :3]
    if np.isfinite(rotation).all():
        whole = nearest_rotation(rotation)
        if np.abs(whole - rotation).max() < NEARLY and np.linalg.det(whole) > 0.0:
            viewmat[:3, :3] = whole
    return Camera(width, height, K, viewmat)


def in_order(named: Sequence[tuple[str, Camera]], fps: float) -> CameraPath:
    """Return cameras in the order of the numbers that their pictures' names end in.

    If not every name has one of its own, they come in the order of names, counted from 1.
    """
    if not named:
        raise LivescapeError("camera_path_invalid", "The file has no cameras.")
    numbered = {_last_number(name): camera for name, camera in named}
    if None in numbered or len(numbered) < len(named):
        ordered = sorted(named, key=lambda each: _natural(each[0]))
        numbered = {number: camera for number, (_, camera) in enumerate(ordered, start=1)}
    frames = sorted(number for number in numbered if number is not None)
    cameras = tuple(numbered[frame] for frame in frames)
    return CameraPath(cameras[0], cameras, tuple(frames), fps)


def _natural(name: str) -> list[Any]:
    parts = re.split(r"(\d{1,18})", name)
    return [int(part) if index % 2 else part for index, part in enumerate(parts)]


def _last_number(name: str) -> int | None:
    """Return the number that a name ends in; negative if a sign is all that stands before it."""
    found = re.search(r"((?<![^/])-)?(\d{1,18})(?:\.\w+)?$", name)
    if found is None or int(found[2]) > MAX_FRAME_NUMBER:
        return None
    return -int(found[2]) if found[1] else int(found[2])
