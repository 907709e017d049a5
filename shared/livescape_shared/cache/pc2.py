"""The PC2 point cache: positions of every vertex on every frame, as Blender's Mesh Cache reads it.

Layout (little-endian): ``POINTCACHE2`` and a zero byte, int32 version 1, int32 points, float32
start, float32 sample rate, int32 frames, then float32 xyz of every point, frame after frame.
"""

from __future__ import annotations

import hashlib
import os
import struct
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from livescape_shared.gaussians import GaussianFrame, control_points
from livescape_shared.scene import SceneMeta

_MAGIC = b"POINTCACHE2\0"
_HEADER = struct.Struct("<12siiffi")


def points_per_row(meta: SceneMeta) -> int:
    """Return how many points of a moving Gaussian are played.

    All four control points where rotations and scales change, else the mean alone.
    """
    return 4 if meta.deforms else 1


def played_points(frame: GaussianFrame, meta: SceneMeta) -> NDArray[np.float32]:
    """Return the points [points_per_row * M, 3] of a frame."""
    if not meta.deforms:
        return frame.means
    return control_points(frame.means, frame.quats, frame.scales).reshape(-1, 3)


class Pc2Writer:
    """Writes frames in order as they arrive; the file has its name only once it is whole.

    Args:
        path: The finished file; while writing it ends in ``.partial``.
        points: Vertices per frame.
        frames: Frames that will be written.
    """

    def __init__(self, path: Path, points: int, frames: int) -> None:
        self.path = path
        self.points = points
        self.frames = frames
        self.written = 0
        self._digest = hashlib.sha256()
        self._partial = path.with_name(path.name + ".partial")
        self._stream = self._partial.open("wb")
        self._write(_HEADER.pack(_MAGIC, 1, points, 0.0, 1.0, frames))

    def _write(self, data: bytes) -> None:
        self._stream.write(data)
        self._digest.update(data)

    def append(self, positions: NDArray[np.float32]) -> None:
        """Write the next frame.

        Args:
            positions: [points, 3].

        Raises:
            ValueError: If the shape is another or all frames are written already.
            OSError: From the file system.
        """
        if positions.shape != (self.points, 3):
            message = f"positions has shape {positions.shape}, expected ({self.points}, 3)"
            raise ValueError(message)
        if self.written == self.frames:
            message = f"all {self.frames} frames are written already"
            raise ValueError(message)
        self._write(np.ascontiguousarray(positions, dtype="<f4").tobytes())
        self.written += 1

    def finish(self) -> str:
        """Give the file its name and return the SHA-256 of its content.

        Raises:
            ValueError: If frames are missing.
        """
        if self.written != self.frames:
            message = f"{self.written} of {self.frames} frames were written"
            raise ValueError(message)
        self._stream.close()
        os.replace(self._partial, self.path)
        return self._digest.hexdigest()

    def abort(self) -> None:
        """Remove what was written; does nothing once finished, and never fails."""
        with suppress(OSError):  # what is left in its buffer may not fit on the disk
            self._stream.close()
        with suppress(OSError):
            self._partial.unlink(missing_ok=True)

    def __enter__(self) -> Pc2Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.abort()


def read_pc2(path: Path) -> NDArray[np.float32]:
    """Return the positions [frames, points, 3] of a PC2 file, mapped from disk.

    Raises:
        ValueError: If the header or the size is wrong; the message says how.
    """
    with path.open("rb") as stream:
        header = stream.read(_HEADER.size)
    if len(header) != _HEADER.size:
        message = f"{path.name} is too short for a PC2 header"
        raise ValueError(message)
    magic, version, points, _, _, frames = _HEADER.unpack(header)
    if magic != _MAGIC or version != 1 or points < 0 or frames < 0:
        message = f"{path.name} is not a PC2 file of version 1"
        raise ValueError(message)
    expected = _HEADER.size + 12 * points * frames
    if path.stat().st_size != expected:
        message = f"{path.name} has {path.stat().st_size} bytes, its header says {expected}"
        raise ValueError(message)
    if points * frames == 0:
        return np.zeros((frames, points, 3), dtype=np.float32)
    return np.memmap(path, "<f4", "r", offset=_HEADER.size, shape=(frames, points, 3))
