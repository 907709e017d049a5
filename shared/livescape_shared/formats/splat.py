"""``.splat``, the file of the first web viewers: 32 bytes per Gaussian, no header, no harmonics.

Position and linear scales as floats, colour and opacity in 8 bits, the rotation w, x, y, z in 8
bits around 128 (antimatter15/splat, MIT).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from livescape_shared.formats.invalid import invalid_splats
from livescape_shared.gaussians import Gaussians
from livescape_shared.limits import MAX_GAUSSIANS
from livescape_shared.splats import ImportedSplats, Splats

KIND = ".splat"

ROW = np.dtype([("xyz", "<f4", 3), ("scale", "<f4", 3), ("rgba", "u1", 4), ("rot", "u1", 4)])
_UNIT = 3.0
_LARGEST = 1e12
"""Beyond it, numbers are no positions, and the file is something else."""


def looks_like(head: bytes, size: int) -> bool:
    """Return whether a file of ``size`` that begins so may be a ``.splat``, which has no magic.

    Its rotations tell: four bytes around 128 that make a unit quaternion.
    """
    rows = np.frombuffer(head[: len(head) // ROW.itemsize * ROW.itemsize], ROW)
    if not len(rows) or size % ROW.itemsize:
        return False
    lengths = np.linalg.norm(rows["rot"].astype(np.float64) - 128.0, axis=1)
    with np.errstate(invalid="ignore"):
        placed = (np.abs(rows["xyz"]) < _LARGEST).all() and (rows["scale"] >= 0.0).all()
    return bool(placed and (np.abs(lengths - 128.0) < _UNIT).all())


def read_splat(path: Path) -> ImportedSplats:
    """Read a ``.splat`` file.

    Raises:
        LivescapeError: ``splats_invalid``; the sentence says what was found.
        OSError: From the file system.
    """
    count, left = divmod(path.stat().st_size, ROW.itemsize)
    if left or not count:
        raise invalid_splats(path, KIND, f"its size is no multiple of {ROW.itemsize} bytes")
    if count > MAX_GAUSSIANS:
        raise invalid_splats(path, KIND, f"it holds {count} Gaussians")
    rows = np.memmap(path, ROW, "r", shape=(count,))
    likely = (np.abs(rows["xyz"]) < _LARGEST).all(axis=1) & (rows["scale"] >= 0.0).all(axis=1)
    if np.count_nonzero(likely) < 0.5 * count:
        raise invalid_splats(path, KIND, "its numbers are no positions and scales")
    rgba = rows["rgba"].astype(np.float32) / 255.0
    quats = rows["rot"].astype(np.float32) - 128.0
    length = np.linalg.norm(quats, axis=1, keepdims=True)
    quats = np.where(length > 0.0, quats / np.maximum(length, 1e-9), np.array([1.0, 0.0, 0.0, 0.0]))
    gaussians = Gaussians(rows["xyz"], quats, rows["scale"], rgba[:, 3], rgba[:, :3])
    return ImportedSplats.sound(Splats(gaussians))
