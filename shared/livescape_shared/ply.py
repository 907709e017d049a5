"""The 3DGS PLY: binary little-endian, one vertex element, float properties.

Property names and encodings (log scales, logit opacity, SH DC, the remaining coefficients of one
channel after another) are those of the original 3DGS release, so that every splat tool opens the
file. :func:`read_ply` reads what this project wrote; :func:`read_splat_ply` reads any tool's.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape_shared.gaussians import Float32Array, Gaussians
from livescape_shared.ply_header import MAX_HEADER_BYTES, PlyLayout, invalid_ply, read_layout
from livescape_shared.rendering import SH_C0, SH_COEFFICIENTS
from livescape_shared.splats import ImportedSplats, Splats

_POSITION = ("x", "y", "z")
_NORMAL = ("nx", "ny", "nz")
_COLOR = ("f_dc_0", "f_dc_1", "f_dc_2")
_SCALE = ("scale_0", "scale_1", "scale_2")
_ROTATION = ("rot_0", "rot_1", "rot_2", "rot_3")
_REST = "f_rest_"
_NEEDED = (*_POSITION, *_COLOR, "opacity", *_SCALE, *_ROTATION)

_LINEAR_MARK = "color_space"
"""Element that identifies SHARP's files; their colours are sRGB, made for linear blending."""


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
    names = [*_POSITION, *_NORMAL, *_COLOR, *(f"{_REST}{i}" for i in range(rest))]
    names += ["opacity", *_SCALE, *_ROTATION]
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


def read_splat_ply(path: Path, *, with_harmonics: bool = True) -> ImportedSplats:
    """Read any tool's 3DGS PLY: properties in any order and of any type, degrees 0 to 3.

    Rows with values that are not numbers, or without extent, are left out and counted. The file is
    mapped, not read, so only what is kept costs memory.

    Raises:
        LivescapeError: ``ply_invalid``; the sentence says what was found.
    """
    try:
        with path.open("rb") as stream:
            layout = read_layout(path, stream.read(MAX_HEADER_BYTES))
        missing = [name for name in _NEEDED if name not in layout.names]
        if missing:
            raise invalid_ply(path, f"it lacks {', '.join(missing)}")
        rows = _map_rows(path, layout)
    except OSError as error:
        raise invalid_ply(path, error.strerror or "it cannot be opened") from error
    splats = Splats(_decode(rows), _harmonics(rows, layout) if with_harmonics else None)
    return ImportedSplats.sound(splats, blends_linearly=_LINEAR_MARK in layout.elements)


def _map_rows(path: Path, layout: PlyLayout) -> NDArray[np.void]:
    if not layout.count:
        return np.zeros(0, dtype=layout.row)
    held = max(path.stat().st_size - layout.offset, 0) // layout.row.itemsize
    if held < layout.count:
        raise invalid_ply(path, f"it ends after {held} of {layout.count} Gaussians")
    return np.memmap(path, layout.row, "r", offset=layout.offset, shape=(layout.count,))


def _columns(rows: NDArray[np.void], *names: str) -> Float32Array:
    return np.stack([rows[name].astype(np.float32) for name in names], axis=1)


def _decode(rows: NDArray[np.void]) -> Gaussians:
    quats = _columns(rows, *_ROTATION)
    logits = _columns(rows, "opacity")[:, 0]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return Gaussians(
            means=_columns(rows, *_POSITION),
            quats=quats / np.linalg.norm(quats, axis=1, keepdims=True),
            scales=np.exp(_columns(rows, *_SCALE)),
            opacities=(1.0 / (1.0 + np.exp(-logits))).astype(np.float32),
            colors=0.5 + SH_C0 * _columns(rows, *_COLOR),
        )


def _harmonics(rows: NDArray[np.void], layout: PlyLayout) -> Float32Array | None:
    """Return [N, K, 3] of the highest degree that is stored and known; None if all are zero."""
    names = {name for name in layout.names if name.startswith(_REST)}
    stored = len(names) // 3
    kept = max(count for count in SH_COEFFICIENTS if count <= stored)
    wanted = [f"{_REST}{channel * stored + k}" for k in range(kept) for channel in range(3)]
    if not kept or not names.issuperset(wanted):
        return None
    values = _columns(rows, *wanted).reshape(-1, kept, 3)
    return values if values.any() else None
