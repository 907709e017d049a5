"""The 3DGS PLY: binary little-endian, one vertex element, float properties.

Property names and encodings (log scales, logit opacity, SH DC, the remaining coefficients of one
channel after another) are those of the original 3DGS release, so that every splat tool opens the
file. :func:`read_ply` reads what this project wrote; :func:`read_splat_ply` reads any tool's.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape_shared import ply_dialects as dialects
from livescape_shared.gaussians import Float32Array, Gaussians
from livescape_shared.linear_colors import displayed
from livescape_shared.ply_compressed import CHUNK, decode_chunks
from livescape_shared.ply_dialects import COLOR, OPACITY, POSITION, ROTATION, SCALE, columns
from livescape_shared.ply_header import VERTEX, PlyElement, invalid_ply, map_rows, read_layout
from livescape_shared.recentring import NO_OFFSET, Offset, recentred
from livescape_shared.rendering import SH_C0, SH_COEFFICIENTS
from livescape_shared.splats import ImportedSplats, Splats

_NORMAL = ("nx", "ny", "nz")
_REST = "f_rest_"


def write_ply(path: Path, gaussians: Gaussians, harmonics: Float32Array | None = None) -> None:
    """Write ``gaussians`` to ``path``.

    Args:
        path: The file.
        gaussians: [N] set.
        harmonics: [N, K, 3] spherical harmonics beyond degree 0, if there are any.

    Raises:
        OSError: From the file system.
    """
    rest = 0 if harmonics is None else 3 * harmonics.shape[1]
    names = [*POSITION, *_NORMAL, *COLOR, *(f"{_REST}{i}" for i in range(rest))]
    names += [OPACITY, *SCALE, *ROTATION]
    rows = np.zeros((len(gaussians), len(names)), dtype="<f4")
    opacities = np.clip(gaussians.opacities, 1e-6, 1.0 - 1e-6)
    rows[:, 0:3] = gaussians.means
    rows[:, 6:9] = (gaussians.colors - 0.5) / SH_C0
    if harmonics is not None:
        rows[:, 9 : 9 + rest] = harmonics.transpose(0, 2, 1).reshape(len(gaussians), rest)
    rows[:, 9 + rest] = np.log(opacities / (1.0 - opacities))
    rows[:, 10 + rest : 13 + rest] = np.log(np.maximum(gaussians.scales, 1e-12))
    rows[:, 13 + rest :] = gaussians.quats
    properties = "".join(f"property float {name}\n" for name in names)
    header = (
        "ply\nformat binary_little_endian 1.0\n"
        f"element vertex {len(gaussians)}\n{properties}end_header\n"
    )
    with path.open("wb") as stream:
        stream.write(header.encode("ascii"))
        stream.write(rows.data)


def read_ply(path: Path) -> Gaussians:
    """Read a 3DGS PLY of which every row must be valid; view-dependent colour is ignored.

    Raises:
        LivescapeError: ``ply_invalid``; the sentence says what was found.
    """
    imported = read_splat_ply(path, with_harmonics=False)
    if imported.dropped:
        raise invalid_ply(path, f"{imported.dropped} Gaussians have impossible values")
    return imported.splats.gaussians


def read_splat_ply(
    path: Path, *, with_harmonics: bool = True, recentre: bool = False
) -> ImportedSplats:
    """Read any tool's 3DGS PLY: properties in any order and of any type, degrees 0 to 3.

    Rows with values that are not numbers, or without extent, are left out and counted. The file is
    mapped, not read, so only what is kept costs memory.

    Args:
        path: The file.
        with_harmonics: Whether view-dependent colour is wanted.
        recentre: Whether positions too far away for single precision may be moved.

    Raises:
        LivescapeError: ``ply_invalid``; the sentence says what was found.
    """
    try:
        layout = read_layout(path)
        vertex = layout.elements[VERTEX]
        if CHUNK in layout.elements:
            splats, offset = decode_chunks(path, layout), NO_OFFSET
        else:
            _check_complete(path, vertex)
            splats, offset = _decode(map_rows(path, vertex), vertex, with_harmonics, recentre)
    except OSError as error:
        raise invalid_ply(path, error.strerror or "it cannot be opened") from error
    return ImportedSplats.sound(
        displayed(splats) if dialects.colors_are_linear(layout) else splats,
        blends_linearly=dialects.blends_linearly(layout),
        axes=dialects.stated_axes(layout),
        offset=offset,
    )


def _check_complete(path: Path, vertex: PlyElement) -> None:
    missing = dialects.missing(vertex)
    if set(missing) >= {OPACITY, *SCALE[:2], *ROTATION}:
        raise invalid_ply(path, "it holds points or a mesh, no Gaussians")
    if missing:
        raise invalid_ply(path, f"it lacks {', '.join(missing)}")


def _decode(
    rows: NDArray[np.void], vertex: PlyElement, with_harmonics: bool, recentre: bool
) -> tuple[Splats, Offset]:
    quats = columns(rows, *ROTATION)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        scales, opacities = dialects.scales_and_opacities(rows, vertex.names)
        if recentre:
            wide = np.stack([rows[name].astype(np.float64) for name in POSITION], axis=1)
            means, offset = recentred(wide, scales)
        else:
            means, offset = columns(rows, *POSITION), NO_OFFSET
        gaussians = Gaussians(
            means=means,
            quats=quats / np.linalg.norm(quats, axis=1, keepdims=True),
            scales=scales,
            opacities=opacities,
            colors=dialects.colors(rows, vertex.names),
        )
    return Splats(gaussians, _harmonics(rows, vertex) if with_harmonics else None), offset


def _harmonics(rows: NDArray[np.void], vertex: PlyElement) -> Float32Array | None:
    """Return [N, K, 3] of the highest degree that is stored and known; None if all are zero."""
    names = {name for name in vertex.names if name.startswith(_REST)}
    stored = len(names) // 3
    kept = max(count for count in SH_COEFFICIENTS if count <= stored)
    wanted = [f"{_REST}{channel * stored + k}" for k in range(kept) for channel in range(3)]
    if not kept or not names.issuperset(wanted):
        return None
    values = columns(rows, *wanted).reshape(-1, kept, 3)
    return values if values.any() else None
