"""The 3DGS PLY: binary little-endian, one vertex element, float properties.

Property names and encodings (log scales, logit opacity, SH DC) are those of the original 3DGS
release, so that every splat tool opens the file.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape_shared.conventions import SH_C0
from livescape_shared.errors import LivescapeError
from livescape_shared.gaussians import Gaussians

MAX_HEADER_BYTES = 64 * 1024
MAX_VERTICES = 50_000_000

_NAMES = (
    "x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2",
    "opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3",
)  # fmt: skip
_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1",
    "short": "<i2", "int16": "<i2", "ushort": "<u2", "uint16": "<u2",
    "int": "<i4", "int32": "<i4", "uint": "<u4", "uint32": "<u4",
    "float": "<f4", "float32": "<f4", "double": "<f8", "float64": "<f8",
}  # fmt: skip


def write_ply(path: Path, gaussians: Gaussians) -> None:
    """Write ``gaussians`` to ``path``, replacing it only once the file is whole."""
    rows = np.zeros((len(gaussians), len(_NAMES)), dtype="<f4")
    opacities = np.clip(gaussians.opacities, 1e-6, 1.0 - 1e-6)
    rows[:, 0:3] = gaussians.means
    rows[:, 6:9] = (gaussians.colors - 0.5) / SH_C0
    rows[:, 9] = np.log(opacities / (1.0 - opacities))
    rows[:, 10:13] = np.log(np.maximum(gaussians.scales, 1e-12))
    rows[:, 13:17] = gaussians.quats
    properties = "".join(f"property float {name}\n" for name in _NAMES)
    header = (
        "ply\nformat binary_little_endian 1.0\n"
        f"element vertex {len(gaussians)}\n{properties}end_header\n"
    )
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as stream:
        stream.write(header.encode("ascii"))
        stream.write(rows.tobytes())
    os.replace(partial, path)


def _invalid(path: Path, what: str) -> LivescapeError:
    return LivescapeError(
        "ply_invalid",
        f"{path.name} is not a readable 3DGS PLY: {what}.",
        hint="Expected a binary little-endian PLY with x, f_dc_*, opacity, scale_* and rot_*.",
    )


def _read_header(path: Path, data: bytes) -> tuple[int, np.dtype[np.void], int]:
    """Return vertex count, row type and offset of the first row."""
    end = data.find(b"end_header\n")
    if not data.startswith(b"ply") or end < 0:
        raise _invalid(path, "it has no PLY header")
    lines = data[:end].decode("ascii", errors="replace").split("\n")
    if "format binary_little_endian 1.0" not in (line.strip() for line in lines):
        raise _invalid(path, "it is not binary little-endian")
    columns: list[tuple[str, str]] = []
    count, element = -1, ""
    for line in lines:
        words = line.split()
        if len(words) == 3 and words[0] == "element":
            if count >= 0:
                break
            element = words[1]
            if element != "vertex" or not words[2].isdigit():
                raise _invalid(path, f"its first element is {element}")
            count = int(words[2])
        elif words and words[0] == "property" and element == "vertex":
            if len(words) != 3 or words[1] not in _TYPES:
                raise _invalid(path, f"it has the property {' '.join(words[1:])}")
            columns.append((words[2], _TYPES[words[1]]))
    if not 0 <= count <= MAX_VERTICES:
        raise _invalid(path, f"it announces {count} Gaussians")
    names = [name for name, _ in columns]
    missing = [n for n in _NAMES if not n.startswith("n") and n not in names]
    if missing or len(set(names)) != len(names):
        raise _invalid(path, f"it lacks {', '.join(missing)}" if missing else "a name repeats")
    return count, np.dtype(columns), end + len(b"end_header\n")


def read_ply(path: Path) -> Gaussians:
    """Read a 3DGS PLY; view-dependent colour (f_rest_*) is ignored.

    Raises:
        LivescapeError: ``ply_invalid``; the sentence says what was found.
    """
    try:
        with path.open("rb") as stream:
            count, row, offset = _read_header(path, stream.read(MAX_HEADER_BYTES))
            stream.seek(offset)
            data = stream.read(count * row.itemsize)
    except OSError as error:
        raise _invalid(path, error.strerror or "it cannot be opened") from error
    if len(data) != count * row.itemsize:
        raise _invalid(path, f"it ends after {len(data) // row.itemsize} of {count} Gaussians")
    rows = np.frombuffer(data, dtype=row)

    def columns(*names: str) -> NDArray[np.float32]:
        return np.stack([rows[name].astype(np.float32) for name in names], axis=1)

    quats = columns("rot_0", "rot_1", "rot_2", "rot_3")
    quats = quats / np.maximum(np.linalg.norm(quats, axis=1, keepdims=True), 1e-12)
    colors = 0.5 + SH_C0 * columns("f_dc_0", "f_dc_1", "f_dc_2")
    return Gaussians(
        means=columns("x", "y", "z"),
        quats=quats,
        scales=np.exp(columns("scale_0", "scale_1", "scale_2")),
        opacities=(1.0 / (1.0 + np.exp(-columns("opacity")[:, 0]))).astype(np.float32),
        colors=colors,
    )
