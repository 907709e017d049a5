"""Cameras and camera paths, and the JSON file that carries them.

Axes and units: see :mod:`livescape_shared.conventions`. Schema: ``docs/camera_path.md``.
"""

from __future__ import annotations

import json
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file
from livescape_shared.values import WrongValue, integer, is_integer, matrix, number

Float64Array = NDArray[np.float64]

FORMAT = "livescape-camera-path"
VERSION = 1
MAX_FRAMES = 100_000
MAX_SIDE = 65_536
MAX_FRAME_NUMBER = 2**31 - 1

_IDENTITY = np.eye(3)
_ORTHONORMAL = 1e-3
"""How far the products of a rotation's rows may be from those of exact ones."""


def _invalid(message: str) -> LivescapeError:
    return LivescapeError(
        "camera_invalid", message, hint="Check the camera's lens, scale and animation."
    )


def camera_faults(sizes: NDArray[Any], intrinsics: Float64Array, extrinsics: Float64Array) -> None:
    """Refuse cameras with values that would make later divisions meaningless.

    Args:
        sizes: [n, 2] width and height in pixels.
        intrinsics: [n, 3, 3] in pixels.
        extrinsics: [n, 4, 4] world-to-camera.

    Raises:
        LivescapeError: ``camera_invalid``.
    """
    if not (np.isfinite(intrinsics).all() and np.isfinite(extrinsics).all()):
        raise _invalid("The camera has a value that is not a finite number.")
    impossible = ((sizes < 1) | (sizes > MAX_SIDE)).any(axis=1)
    if impossible.any():
        width, height = sizes[impossible][0]
        raise _invalid(f"The camera's image size {width} x {height} is impossible.")
    if min(intrinsics[:, 0, 0].min(), intrinsics[:, 1, 1].min()) <= 1e-3:
        raise _invalid("The camera's focal length is zero.")
    rotations = extrinsics[:, :3, :3]
    with np.errstate(over="ignore", invalid="ignore"):
        products = rotations @ rotations.transpose(0, 2, 1)
    if not (np.abs(products - _IDENTITY) <= _ORTHONORMAL).all():
        raise _invalid("The camera's rotation is scaled or sheared.")


def check_rate(fps: float) -> None:
    """Refuse an impossible number of frames per second.

    Raises:
        LivescapeError: ``camera_path_invalid``.
    """
    if not 0.1 <= fps <= 1000.0:
        raise LivescapeError(
            "camera_path_invalid",
            f"{fps} frames per second is impossible.",
            hint="Set the frame rate of the scene.",
        )


@dataclass(frozen=True)
class Camera:
    """A pinhole camera at one instant.

    Attributes:
        width: Image width in pixels.
        height: Image height in pixels.
        K: [3, 3] intrinsics in pixels.
        viewmat: [4, 4] world-to-camera, OpenCV axes.
    """

    width: int
    height: int
    K: Float64Array
    viewmat: Float64Array

    def __post_init__(self) -> None:
        """Check for values that would make later divisions meaningless.

        Raises:
            LivescapeError: ``camera_invalid``.
        """
        K = np.array(self.K, dtype=np.float64)
        viewmat = np.array(self.viewmat, dtype=np.float64)
        if K.shape != (3, 3) or viewmat.shape != (4, 4):
            raise _invalid(f"A camera needs 3x3 and 4x4 matrices, not {K.shape}, {viewmat.shape}.")
        camera_faults(np.array([(self.width, self.height)]), K[None], viewmat[None])
        object.__setattr__(self, "K", K)
        object.__setattr__(self, "viewmat", viewmat)

    @classmethod
    def checked(cls, width: int, height: int, K: Float64Array, viewmat: Float64Array) -> Camera:
        """Return a camera of values that :func:`camera_faults` has seen, and that are its own."""
        camera = object.__new__(cls)
        for name, value in (("width", width), ("height", height), ("K", K), ("viewmat", viewmat)):
            object.__setattr__(camera, name, value)
        return camera

    @property
    def position(self) -> Float64Array:
        """Camera centre [3] in world axes."""
        return -self.viewmat[:3, :3].T @ self.viewmat[:3, 3]

    @property
    def camera_to_world(self) -> Float64Array:
        """[4, 4] inverse of ``viewmat``."""
        return np.asarray(np.linalg.inv(self.viewmat), dtype=np.float64)

    def resized(self, width: int, height: int) -> Camera:
        """Return the same camera with an image of another size."""
        K = self.K.copy()
        K[0] *= width / self.width
        K[1] *= height / self.height
        return Camera(width, height, K, self.viewmat)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "width": self.width,
            "height": self.height,
            "intrinsics": self.K.tolist(),
            "extrinsics": self.viewmat.tolist(),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Camera:
        """Rebuild a camera.

        Raises:
            LivescapeError: ``camera_invalid`` if a field is missing or impossible.
        """
        try:
            field = "width"
            width = integer(values[field], 1, MAX_SIDE)
            field = "height"
            height = integer(values[field], 1, MAX_SIDE)
            field = "intrinsics"
            intrinsics = matrix(values[field], 3, 3)
            field = "extrinsics"
            return cls(width, height, intrinsics, matrix(values[field], 4, 4))
        except KeyError as error:
            raise _invalid(f"A camera lacks its {field}.") from error
        except WrongValue as error:
            raise _invalid(f"A camera's {field} is {error}.") from error


@dataclass(frozen=True)
class CameraPath:
    """The reference camera, whose image is the photo, and the camera of every frame.

    Attributes:
        reference: Camera that took the photo.
        cameras: One camera per frame.
        frames: Blender frame numbers, same length.
        fps: Frames per second.
    """

    reference: Camera
    cameras: tuple[Camera, ...]
    frames: tuple[int, ...]
    fps: float = 24.0

    def __post_init__(self) -> None:
        """Check that there is a path.

        Raises:
            LivescapeError: ``camera_path_invalid``.
        """
        hint = "Set the frame range of the scene and keyframe the camera."
        if not self.cameras or len(self.cameras) != len(self.frames):
            message = f"A path has {len(self.cameras)} cameras for {len(self.frames)} frames."
            raise LivescapeError("camera_path_invalid", message, hint=hint)
        if len(self.cameras) > MAX_FRAMES:
            message = f"A path of {len(self.cameras)} frames is over the limit of {MAX_FRAMES}."
            raise LivescapeError("camera_path_invalid", message, hint=hint)
        check_rate(self.fps)

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self.frames)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as in the JSON file."""
        frames = [
            {"frame": frame, **camera.to_dict()}
            for frame, camera in zip(self.frames, self.cameras, strict=True)
        ]
        return {
            "format": FORMAT,
            "version": VERSION,
            "fps": self.fps,
            "reference": self.reference.to_dict(),
            "frames": frames,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> CameraPath:
        """Rebuild a path; unknown fields are ignored.

        Raises:
            LivescapeError: ``camera_path_invalid`` or ``camera_invalid``.
        """
        version = values.get("version")
        if values.get("format") != FORMAT or not is_integer(version) or version != VERSION:
            found = f"{reprlib.repr(values.get('format'))} version {reprlib.repr(version)}"
            raise LivescapeError(
                "camera_path_invalid",
                f"This is not a {FORMAT} file of version {VERSION} but {found}.",
                hint="Write it with the add-on, or as docs/camera_path.md describes.",
            )
        entries = values.get("frames")
        reference = values.get("reference")
        if not isinstance(entries, Sequence) or not isinstance(reference, Mapping):
            message = "The camera path lacks its 'reference' or its 'frames'."
            raise LivescapeError("camera_path_invalid", message)
        if not all(isinstance(entry, Mapping) for entry in entries):
            message = "A frame of the camera path is not an object with a camera's fields."
            raise LivescapeError("camera_path_invalid", message)
        try:
            numbers = tuple(
                integer(entry.get("frame", index + 1), -MAX_FRAME_NUMBER, MAX_FRAME_NUMBER)
                for index, entry in enumerate(entries)
            )
            fps = number(values.get("fps", 24.0))
        except WrongValue as error:
            message = f"A frame number or the rate of the camera path is {error}."
            raise LivescapeError("camera_path_invalid", message) from error
        cameras = tuple(Camera.from_dict(entry) for entry in entries)
        return cls(Camera.from_dict(reference), cameras, numbers, fps)


def read_camera_path(path: Path) -> CameraPath:
    """Read a camera path file.

    Raises:
        LivescapeError: ``camera_path_invalid``, ``camera_invalid``.
    """
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        message = f"The camera path {path.name} cannot be read: {error}."
        raise LivescapeError("camera_path_invalid", message) from error
    if not isinstance(values, dict):
        message = f"The camera path {path.name} is not a JSON object."
        raise LivescapeError("camera_path_invalid", message)
    return CameraPath.from_dict(values)


def write_camera_path(path: Path, camera_path: CameraPath) -> None:
    """Write a camera path file.

    Raises:
        LivescapeError: ``output_not_writable`` or ``disk_full``.
    """
    with whole_file(path) as partial:
        partial.write_text(json.dumps(camera_path.to_dict()), encoding="utf-8")
