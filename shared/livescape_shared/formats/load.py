"""Reads the splat files of other programs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from livescape_shared.formats import spz
from livescape_shared.ply import read_splat_ply
from livescape_shared.splats import AXES, ImportedSplats


def load_splats(path: Path) -> ImportedSplats:
    """Read a PLY or, by its suffix, an SPZ file; splats stand in the axes of the file.

    Raises:
        LivescapeError: ``ply_invalid`` or ``spz_invalid``; the sentence says what was found.
    """
    return spz.read_spz(path) if path.suffix.lower() == ".spz" else read_splat_ply(path)


def to_blender(path: Path, axes: str) -> list[list[float]]:
    """Return the [4, 4] that takes the splats of ``path`` to Blender's axes.

    Args:
        path: The file; an SPZ has axes of its own.
        axes: Those of a PLY, a key of :data:`livescape_shared.splats.AXES`.
    """
    matrix = np.eye(4)
    matrix[:3, :3] = AXES[spz.AXES if path.suffix.lower() == ".spz" else axes]
    return [[float(value) for value in row] for row in matrix]
