"""The header of a PLY file: its elements, their layout and position, and its comments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.limits import MAX_GAUSSIANS

MAX_HEADER_BYTES = 64 * 1024

VERTEX = "vertex"

_END = b"end_header"
_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1",
    "short": "<i2", "int16": "<i2", "ushort": "<u2", "uint16": "<u2",
    "int": "<i4", "int32": "<i4", "uint": "<u4", "uint32": "<u4",
    "float": "<f4", "float32": "<f4", "double": "<f8", "float64": "<f8",
}  # fmt: skip


@dataclass(frozen=True)
class PlyElement:
    """Where the rows of one element lie.

    Attributes:
        name: ``vertex``, ``face``, ...
        count: Number of rows.
        row: Type of one row, a field per property.
        offset: Byte at which the first row starts.
    """

    name: str
    count: int
    row: np.dtype[np.void]
    offset: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the properties in order."""
        return tuple(self.row.names or ())

    @property
    def end(self) -> int:
        """The byte behind the last row."""
        return self.offset + self.count * self.row.itemsize


@dataclass(frozen=True)
class PlyLayout:
    """What the header of a binary little-endian PLY says.

    Attributes:
        elements: Those of known place, by name: all up to the first that holds lists.
        names: Names of all elements in order.
        comments: Text of the comments.
    """

    elements: dict[str, PlyElement]
    names: tuple[str, ...]
    comments: tuple[str, ...]


def invalid_ply(path: Path, what: str) -> LivescapeError:
    """Return the error of a PLY that cannot be used; ``what`` ends the sentence."""
    return LivescapeError(
        "ply_invalid",
        f"{path.name} is not a readable 3DGS PLY: {what}.",
        hint="Expected a binary little-endian PLY with x, f_dc_*, opacity, scale_* and rot_*.",
    )


def map_rows(path: Path, element: PlyElement) -> NDArray[np.void]:
    """Return the rows of an element, mapped rather than read.

    Raises:
        LivescapeError: ``ply_invalid`` if the file ends too early.
        OSError: From the file system.
    """
    if not element.count:
        return np.zeros(0, dtype=element.row)
    held = max(path.stat().st_size - element.offset, 0) // max(element.row.itemsize, 1)
    if held < element.count:
        what = "Gaussians" if element.name == VERTEX else f"rows of {element.name}"
        raise invalid_ply(path, f"it ends after {held} of {element.count} {what}")
    return np.memmap(path, element.row, "r", offset=element.offset, shape=(element.count,))


def read_layout(path: Path) -> PlyLayout:
    """Return the layout that the header of the file at ``path`` announces.

    Raises:
        LivescapeError: ``ply_invalid``; the sentence says what was found.
        OSError: From the file system.
    """
    with path.open("rb") as stream:
        data = stream.read(MAX_HEADER_BYTES)
    end = data.find(_END)
    offset = data.find(b"\n", end) + 1
    if not data.startswith(b"ply") or end < 0 or not offset:
        raise invalid_ply(path, "it has no PLY header")
    if data[end + len(_END) : offset].strip():
        raise invalid_ply(path, "it has no PLY header")
    lines = [line.split() for line in data[:end].decode("ascii", errors="replace").split("\n")]
    _check_format(path, lines)
    comments = tuple(" ".join(words[1:]) for words in lines if words[:1] == ["comment"])
    elements: dict[str, PlyElement] = {}
    blocks = _blocks(path, lines)
    for name, count, properties in blocks:
        if any(words[1:2] == ["list"] for words in properties) and name != VERTEX:
            break
        columns = [_column(path, words) for words in properties]
        if len({column for column, _ in columns}) != len(columns) or name in elements:
            raise invalid_ply(path, "a name occurs twice")
        elements[name] = PlyElement(name, count, np.dtype(columns), offset)
        offset = elements[name].end
    names = tuple(name for name, _, _ in blocks)
    if VERTEX not in elements:
        what = f"its elements are {', '.join(names)}" if names else "it announces no vertices"
        raise invalid_ply(path, what)
    return PlyLayout(elements, names, comments)


def _check_format(path: Path, lines: list[list[str]]) -> None:
    found = next((words[1] for words in lines if words[:1] == ["format"] and words[1:]), "none")
    if ["format", "binary_little_endian", "1.0"] not in lines:
        what = "it is written as text" if found == "ascii" else "it is not binary little-endian"
        raise invalid_ply(path, what)


def _blocks(path: Path, lines: list[list[str]]) -> list[tuple[str, int, list[list[str]]]]:
    """Return name, count and lines of properties of every element."""
    blocks: list[tuple[str, int, list[list[str]]]] = []
    for words in lines:
        if words[:1] == ["element"] and len(words) == 3:
            blocks.append((words[1], _count(path, words), []))
        elif words[:1] == ["property"] and blocks:
            blocks[-1][2].append(words)
    return blocks


def _count(path: Path, words: list[str]) -> int:
    if not (words[2].isascii() and words[2].isdigit()) or len(words[2]) > 18:
        raise invalid_ply(path, f"it has the element {' '.join(words[1:])}")
    count = int(words[2])
    if count > MAX_GAUSSIANS:
        raise invalid_ply(path, f"it announces {count} Gaussians")
    return count


def _column(path: Path, words: list[str]) -> tuple[str, str]:
    if len(words) != 3 or words[1] not in _TYPES:
        raise invalid_ply(path, f"it has the property {' '.join(words[1:])}")
    return words[2], _TYPES[words[1]]
