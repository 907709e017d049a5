"""Reads the splat files of other programs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from livescape_shared.formats import spz
from livescape_shared.formats.export import DEFAULT_AXES
from livescape_shared.ply import read_splat_ply
from livescape_shared.splats import AXES, ImportedSplats

AXES_OF_FILE = "file"
"""Instead of axes: those that the file states, else those of 3DGS."""


def load_splats(path: Path) -> ImportedSplats:
    """Read a PLY or, by its suffix, an SPZ file; splats stand in the axes of the file.

    Raises:
        LivescapeError: ``ply_invalid`` or ``spz_invalid``; the sentence says what was found.
    """
    return spz.read_spz(path) if path.suffix.lower() == ".spz" else read_splat_ply(path)


def to_blender(found: ImportedSplats, axes: str = AXES_OF_FILE) -> list[list[float]]:
    """Return the [4, 4] that takes the splats of a file to Blender's axes.

    Args:
        found: The content of the file.
        axes: A key of :data:`livescape_shared.splats.AXES` where the file errs or states nothing,
            or ``AXES_OF_FILE``.
    """
    stated = found.axes or DEFAULT_AXES
    matrix = np.eye(4)
    matrix[:3, :3] = AXES[stated if axes == AXES_OF_FILE else axes]
    return [[float(value) for value in row] for row in matrix]
