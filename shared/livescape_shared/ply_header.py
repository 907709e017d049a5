"""The header of a PLY file: the number, layout and position of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livescape_shared.errors import LivescapeError

MAX_HEADER_BYTES = 64 * 1024
MAX_VERTICES = 50_000_000

_END = b"end_header"
_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1",
    "short": "<i2", "int16": "<i2", "ushort": "<u2", "uint16": "<u2",
    "int": "<i4", "int32": "<i4", "uint": "<u4", "uint32": "<u4",
    "float": "<f4", "float32": "<f4", "double": "<f8", "float64": "<f8",
}  # fmt: skip


@dataclass(frozen=True)
class PlyLayout:
    """Where the vertices of a binary little-endian PLY lie.

    Attributes:
        count: Number of vertices.
        row: Type of one vertex, a field per property.
        offset: Byte at which the first vertex starts.
        elements: Names of all elements in order; the first is ``vertex``.
    """

    count: int
    row: np.dtype[np.void]
    offset: int
    elements: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the properties in order."""
        return tuple(self.row.names or ())


def invalid_ply(path: Path, what: str) -> LivescapeError:
    """Return the error of a PLY that cannot be used; ``what`` ends the sentence."""
    return LivescapeError(
        "ply_invalid",
        f"{path.name} is not a readable 3DGS PLY: {what}.",
        hint="Expected a binary little-endian PLY with x, f_dc_*, opacity, scale_* and rot_*.",
    )


def read_layout(path: Path, data: bytes) -> PlyLayout:
    """Return the layout that ``data``, the beginning of the file at ``path``, announces.

    Raises:
        LivescapeError: ``ply_invalid``; the sentence says what was found.
    """
    end = data.find(_END)
    offset = data.find(b"\n", end) + 1
    if not data.startswith(b"ply") or end < 0 or not offset:
        raise invalid_ply(path, "it has no PLY header")
    if data[end + len(_END) : offset].strip():
        raise invalid_ply(path, "it has no PLY header")
    lines = [line.split() for line in data[:end].decode("ascii", errors="replace").split("\n")]
    _check_format(path, lines)
    elements: list[str] = []
    columns: list[tuple[str, str]] = []
    count = 0
    for words in lines:
        if len(words) == 3 and words[0] == "element":
            elements.append(words[1])
            if len(elements) == 1:
                count = _vertex_count(path, words)
        elif words and words[0] == "property" and elements == ["vertex"]:
            columns.append(_column(path, words))
    if not elements:
        raise invalid_ply(path, "it announces no vertices")
    names = [name for name, _ in columns]
    if len(set(names)) != len(names):
        raise invalid_ply(path, "a name occurs twice")
    return PlyLayout(count, np.dtype(columns), offset, tuple(elements))


def _check_format(path: Path, lines: list[list[str]]) -> None:
    found = next((words[1] for words in lines if words[:1] == ["format"] and words[1:]), "none")
    if ["format", "binary_little_endian", "1.0"] not in lines:
        what = "it is written as text" if found == "ascii" else "it is not binary little-endian"
        raise invalid_ply(path, what)


def _vertex_count(path: Path, words: list[str]) -> int:
    if words[1] != "vertex" or not words[2].isdigit():
        raise invalid_ply(path, f"its first element is {' '.join(words[1:])}")
    count = int(words[2])
    if count > MAX_VERTICES:
        raise invalid_ply(path, f"it announces {count} Gaussians")
    return count


def _column(path: Path, words: list[str]) -> tuple[str, str]:
    if len(words) != 3 or words[1] not in _TYPES:
        raise invalid_ply(path, f"it has the property {' '.join(words[1:])}")
    return words[2], _TYPES[words[1]]
