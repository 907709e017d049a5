"""``trajectory.npz`` as Lyra and its kin take it: ``w2c``, ``intrinsics``, ``image_height`` ...

Poses are world to camera in OpenCV's axes, [n, 4, 4]; intrinsics [n, 3, 3] in pixels of one size.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from livescape_shared.camera import MAX_FRAMES, MAX_SIDE, CameraPath
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file

from .found import Found, in_order, posed, unreadable

_POSES = ("w2c", "extrinsics", "viewmats")
_INVERSE_POSES = ("c2w", "poses", "camera_to_world")
_HEIGHTS, _WIDTHS = ("h", "height", "image_height"), ("w", "width", "image_width")
_LARGEST = 2**28
"""Most bytes of all arrays."""


def read(path: Path) -> Found:
    """Return the cameras of a trajectory.

    Raises:
        LivescapeError: ``cameras_unreadable``, ``camera_invalid`` or ``camera_path_invalid``.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [each for each in archive.infolist() if each.filename.endswith(".npy")]
            if sum(entry.file_size for entry in entries) > _LARGEST:
                raise unreadable(path.name, "it is too large")
            named = {each.filename.removesuffix(".npy"): _array(archive, each) for each in entries}
    except LivescapeError:
        raise
    except Exception as error:  # NumPy and zipfile raise exceptions of any kind
        raise unreadable(path.name, f"it is damaged ({type(error).__name__})") from error
    arrays = {name: array for name, array in named.items() if array.dtype.kind in "iuf"}
    poses = _poses(path, arrays)
    intrinsics = _first(arrays, ("intrinsics", "K", "Ks"))
    height, width = (round(_number(arrays, names)) for names in (_HEIGHTS, _WIDTHS))
    if intrinsics is None or poses.shape[1:] != (4, 4) or not 0 < len(poses) <= MAX_FRAMES:
        raise unreadable(path.name, "it lacks w2c [n, 4, 4] or intrinsics [n, 3, 3]")
    if intrinsics.ndim not in (2, 3) or intrinsics.shape[-2:] != (3, 3):
        raise unreadable(path.name, f"its intrinsics are {intrinsics.shape}, not [n, 3, 3]")
    if not np.isfinite(intrinsics).all():
        raise unreadable(path.name, "its intrinsics are not finite")
    Ks = np.broadcast_to(intrinsics, (len(poses), 3, 3)) if intrinsics.ndim == 2 else intrinsics
    if len(Ks) != len(poses):
        raise unreadable(path.name, f"it has {len(poses)} poses and {len(Ks)} intrinsics")
    if not (0 < height <= MAX_SIDE and 0 < width <= MAX_SIDE):  # centred, if it does not say
        width, height = (max(round(float(2 * Ks[0, axis, 2])), 1) for axis in (0, 1))
    numbers = _first(arrays, ("frames", "inds"))
    is_numbered = (
        numbers is not None and numbers.shape == (len(poses),) and np.isfinite(numbers).all()
    )
    names = numbers if is_numbered and numbers is not None else range(1, len(poses) + 1)
    cameras = [
        (f"{int(name)}", posed(width, height, K.astype(np.float64), pose))
        for name, K, pose in zip(names, Ks, poses, strict=True)
    ]
    return Found(in_order(cameras, _number(arrays, ("fps",)) or 24.0))


def write(path: Path, camera_path: CameraPath) -> None:
    """Write a camera path.

    Raises:
        LivescapeError: ``output_not_writable`` or ``disk_full``.
    """
    cameras = camera_path.cameras
    with whole_file(path) as partial, partial.open("wb") as stream:
        np.savez(
            stream,
            w2c=np.array([camera.viewmat for camera in cameras], np.float32),
            intrinsics=np.array([camera.K for camera in cameras], np.float32),
            h=np.array(cameras[0].height),
            w=np.array(cameras[0].width),
            frames=np.array(camera_path.frames),
            fps=np.array(camera_path.fps),
        )


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> np.ndarray[Any, Any]:
    found = np.load(io.BytesIO(archive.read(entry)), allow_pickle=False)
    if not isinstance(found, np.ndarray):
        message = f"{entry.filename} is not an array"
        raise ValueError(message)
    return found


def _poses(path: Path, arrays: dict[str, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Return world to camera [n, 4, 4], whichever way the file has it."""
    found = _first(arrays, _POSES)
    inverse = _first(arrays, _INVERSE_POSES) if found is None else None
    poses = found if found is not None else inverse
    if poses is None or poses.ndim != 3 or poses.shape[1] not in (3, 4) or poses.shape[2] != 4:
        raise unreadable(path.name, "it lacks w2c [n, 4, 4]")
    whole = np.tile(np.eye(4), (len(poses), 1, 1))
    whole[:, : poses.shape[1]] = poses
    if inverse is None:
        return whole
    try:
        return np.asarray(np.linalg.inv(whole))
    except np.linalg.LinAlgError as error:
        raise unreadable(path.name, "a pose is flat") from error


def _first(
    arrays: dict[str, np.ndarray[Any, Any]], names: tuple[str, ...]
) -> np.ndarray[Any, Any] | None:
    return next((arrays[name] for name in names if name in arrays), None)


def _number(arrays: dict[str, np.ndarray[Any, Any]], names: tuple[str, ...]) -> float:
    """Return the first of these that is one finite number; 0 if none is."""
    found = _first(arrays, names)
    if found is None or found.size != 1 or not np.isfinite(found).all():
        return 0.0
    return float(found.reshape(()))
