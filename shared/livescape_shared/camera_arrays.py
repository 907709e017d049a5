"""A camera path as a few arrays, which a message carries as they are; row 0 is the reference.

A path of 100 000 frames is read, checked and written back in a second; as one map per camera, it
would take a minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.camera import (
    MAX_FRAME_NUMBER,
    MAX_FRAMES,
    Camera,
    CameraPath,
    camera_faults,
    check_rate,
)
from livescape_shared.errors import LivescapeError

PATH_ARRAYS: dict[str, np.dtype[Any]] = {
    "frames": np.dtype(np.int32),
    "sizes": np.dtype(np.int32),
    "intrinsics": np.dtype(np.float64),
    "extrinsics": np.dtype(np.float64),
}
"""Name and type of each array: frames [N], sizes [1 + N, 2] as width and height, intrinsics
[1 + N, 3, 3] in pixels, extrinsics [1 + N, 4, 4] from world to camera."""


def path_to_arrays(path: CameraPath) -> dict[str, NDArray[Any]]:
    """Return the arrays of ``path``; its rate is not among them."""
    cameras = (path.reference, *path.cameras)
    values: dict[str, NDArray[Any]] = {
        "frames": np.array(path.frames),
        "sizes": np.array([(camera.width, camera.height) for camera in cameras]),
        "intrinsics": np.stack([camera.K for camera in cameras]),
        "extrinsics": np.stack([camera.viewmat for camera in cameras]),
    }
    return {name: values[name].astype(dtype) for name, dtype in PATH_ARRAYS.items()}


def path_from_arrays(arrays: Mapping[str, NDArray[Any]], fps: float) -> CameraPath:
    """Rebuild a path; arrays of other names are ignored.

    Raises:
        LivescapeError: ``camera_path_invalid`` or ``camera_invalid``.
    """
    frames, sizes, intrinsics, extrinsics = check_arrays(arrays, fps)
    reference, *cameras = (
        Camera.checked(width, height, K.copy(), viewmat.copy())
        for (width, height), K, viewmat in zip(sizes.tolist(), intrinsics, extrinsics, strict=True)
    )
    return CameraPath(reference, tuple(cameras), tuple(frames.tolist()), fps)


def check_arrays(arrays: Mapping[str, NDArray[Any]], fps: float) -> list[NDArray[Any]]:
    """Return the arrays of a path, in the order of :data:`PATH_ARRAYS`, if they make one.

    Raises:
        LivescapeError: ``camera_path_invalid`` or ``camera_invalid``.
    """
    for name, dtype in PATH_ARRAYS.items():
        if name not in arrays or arrays[name].dtype != dtype:
            raise _invalid(f"The camera path lacks its {name}, or they are not {dtype}.")
    frames, sizes, intrinsics, extrinsics = found = [arrays[name] for name in PATH_ARRAYS]
    count = len(frames) if frames.ndim == 1 else 0
    if not 1 <= count <= MAX_FRAMES:
        raise _invalid(f"A path has 1 to {MAX_FRAMES} frames, not those of {frames.shape}.")
    shapes = (sizes.shape, intrinsics.shape, extrinsics.shape)
    if shapes != ((1 + count, 2), (1 + count, 3, 3), (1 + count, 4, 4)):
        raise _invalid(f"The cameras of a path of {count} frames are of {shapes}.")
    if int(frames.min()) < -MAX_FRAME_NUMBER:
        raise _invalid("A frame number of the camera path is impossible.")
    check_rate(fps)
    camera_faults(sizes, intrinsics, extrinsics)
    return found


def _invalid(message: str) -> LivescapeError:
    return LivescapeError(
        "camera_path_invalid",
        message,
        hint="Use the same Livescape version in Blender and on the server.",
    )
