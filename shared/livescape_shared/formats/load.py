"""Reads the splat files of other programs, told apart by their content."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from livescape_shared.errors import LivescapeError
from livescape_shared.formats import kinds
from livescape_shared.formats.export import DEFAULT_AXES
from livescape_shared.formats.four_dgs import read_four_dgs, splats_at
from livescape_shared.formats.gltf import read_gltf
from livescape_shared.formats.invalid import foreign_file, invalid_splats
from livescape_shared.formats.ksplat import read_ksplat
from livescape_shared.formats.sog import read_sog
from livescape_shared.formats.splat import read_splat
from livescape_shared.formats.spz import read_spz
from livescape_shared.formats.spz_streams import invalid_spz
from livescape_shared.formats.usd_read import read_usd
from livescape_shared.formats.webp import Decode, decode_by_pillow
from livescape_shared.ply import read_splat_ply
from livescape_shared.ply_header import invalid_ply
from livescape_shared.splats import AXES, ImportedSplats

AXES_OF_FILE = "file"
"""Instead of axes: those that the file states, else those of 3DGS."""

PATTERNS = tuple(f"*{suffix}" for suffix in kinds.SUFFIXES)
"""Names of the files that can be read."""

_INVALID: dict[str, Callable[[Path, str], LivescapeError]] = {
    kinds.PLY: invalid_ply,
    kinds.SPZ: invalid_spz,
}


def load_splats(path: Path, decode: Decode = decode_by_pillow) -> ImportedSplats:
    """Read a splat file of any known kind; splats stand in the axes of the file.

    Args:
        path: PLY, SPZ, ``.splat``, ``.ksplat``, SOG, glTF or OpenUSD, whatever its name.
        decode: Decodes the WebP pictures of a SOG.

    Raises:
        LivescapeError: ``ply_invalid``, ``spz_invalid`` or ``splats_invalid``, whose sentence says
            what was found; ``splats_foreign``, whose sentence says what the file is instead;
            ``zstandard_missing``, ``usd_missing``, ``fourdgs_missing`` or ``webp_missing``.
    """
    kind = None
    try:
        kind, instead = kinds.kind_of(path)
        if kind is None:
            known = ", ".join(sorted({name.lstrip(".") for name in kinds.SUFFIXES}))
            raise foreign_file(path, instead, f"Splats are read from {known}.")
        return _read(kind, path, decode)
    except OSError as error:
        what = error.strerror or "it cannot be opened"
        promised = kinds.SUFFIXES.get(path.suffix.lower(), kinds.PLY)
        raise _invalid(kind or promised, path, what) from error


def _invalid(kind: str, path: Path, what: str) -> LivescapeError:
    if kind in _INVALID:
        return _INVALID[kind](path, what)
    return invalid_splats(path, kind, what)


def _read(kind: str, path: Path, decode: Decode) -> ImportedSplats:
    if kind == kinds.SOG:
        return read_sog(path, decode)
    if kind == kinds.PLY:
        return read_splat_ply(path, recentre=True)
    readers: dict[str, Callable[[Path], ImportedSplats]] = {
        kinds.SPZ: read_spz,
        kinds.GLTF: read_gltf,
        kinds.USD: read_usd,
        kinds.SPLAT: read_splat,
        kinds.KSPLAT: read_ksplat,
        kinds.FOUR_DGS: _first_of_four_dgs,
    }
    return readers[kind](path)


def _first_of_four_dgs(path: Path) -> ImportedSplats:
    scene, _, axes = read_four_dgs(path)
    return splats_at(scene, 0.0, axes)


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
