"""glTF 2.0: its document, its buffers, and the arrays that accessors describe."""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from livescape_shared.formats.invalid import invalid_splats
from livescape_shared.limits import MAX_GAUSSIANS

KIND = "glTF"
SIGNATURE = b"glTF"
FLOAT, UNSIGNED_BYTE = 5126, 5121

_HEADER = struct.Struct("<4sII")
_CHUNK = struct.Struct("<I4s")
_JSON, _BIN = b"JSON", b"BIN\0"
_TYPES = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
_ARRAY_BUFFER = 34962


class Gltf:
    """A document with its buffers.

    Args:
        path: A ``.glb``, or a ``.gltf`` whose buffers lie beside or within it.

    Raises:
        LivescapeError: ``splats_invalid``.
        OSError: From the file system.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        data = path.read_bytes()
        packed = data.startswith(SIGNATURE)
        text, self._binary = self._chunks(data) if packed else (data, b"")
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self.invalid("its JSON is damaged") from error
        if not isinstance(document, dict):
            raise self.invalid("its JSON is no document")
        self.document: dict[str, Any] = document
        self._buffers: dict[int, bytes] = {}

    def invalid(self, what: str) -> Exception:
        """Return the error of this file; ``what`` ends the sentence."""
        return invalid_splats(self.path, KIND, what)

    def item(self, kind: str, index: Any) -> dict[str, Any]:
        """Return an entry of one of the document's lists.

        Raises:
            LivescapeError: ``splats_invalid`` if there is none.
        """
        entries = self.document.get(kind)
        if isinstance(entries, list) and isinstance(index, int) and 0 <= index < len(entries):
            entry = entries[index]
            if isinstance(entry, dict):
                return entry
        raise self.invalid(f"it has no {kind} number {index}")

    def view(self, index: Any) -> bytes:
        """Return the bytes of a buffer view."""
        view = self.item("bufferViews", index)
        if view.get("extensions"):
            raise self.invalid(f"its data is packed by {', '.join(view['extensions'])}")
        buffer = self._buffer(view.get("buffer"))
        start, length = int(view.get("byteOffset", 0)), int(view["byteLength"])
        if start < 0 or length < 0 or start + length > len(buffer):
            raise self.invalid("its buffer is too short")
        return buffer[start : start + length]

    def array(self, index: Any) -> NDArray[np.float32]:
        """Return the values [N, width] of an accessor; those that are normalized, as 0..1."""
        accessor = self.item("accessors", index)
        if "sparse" in accessor or "bufferView" not in accessor:
            raise self.invalid("it stores data in a way that is not read")
        kind, width = _TYPES[accessor["componentType"]], _WIDTHS[accessor["type"]]
        count, start = int(accessor["count"]), int(accessor.get("byteOffset", 0))
        row = np.dtype((kind, (width,)))
        step = int(self.item("bufferViews", accessor["bufferView"]).get("byteStride", row.itemsize))
        data = self.view(accessor["bufferView"])
        reach = start + (count - 1) * step + row.itemsize if count > 0 else start
        if not 0 <= count <= MAX_GAUSSIANS or start < 0 or reach > len(data) or step < row.itemsize:
            raise self.invalid("its accessors do not fit its buffer")
        base = np.dtype(kind)
        stored: NDArray[Any] = np.ndarray((count, width), base, data, start, (step, base.itemsize))
        values = stored.astype(np.float32)
        if accessor.get("normalized") and base.kind in "iu":
            values = np.maximum(values / np.float32(np.iinfo(base).max), -1.0)
        return np.asarray(values, dtype=np.float32)

    def _chunks(self, data: bytes) -> tuple[bytes, bytes]:
        """Return the JSON and the binary chunk of a ``.glb``."""
        found: dict[bytes, bytes] = {}
        at = _HEADER.size
        if len(data) < at or _HEADER.unpack_from(data)[1] != 2:
            raise self.invalid("its header is not that of version 2")
        while at + _CHUNK.size <= len(data):
            length, kind = _CHUNK.unpack_from(data, at)
            at += _CHUNK.size
            if at + length > len(data):
                raise self.invalid("it ends too early")
            found.setdefault(kind, data[at : at + length])
            at += length
        if _JSON not in found:
            raise self.invalid("it has no JSON")
        return found[_JSON], found.get(_BIN, b"")

    def _buffer(self, index: Any) -> bytes:
        if index not in self._buffers:
            self._buffers[index] = self._fetched(self.item("buffers", index).get("uri"))
        return self._buffers[index]

    def _fetched(self, uri: Any) -> bytes:
        if uri is None:
            return self._binary
        name = unquote(str(uri))
        if name.startswith("data:"):
            try:
                return base64.b64decode(name.partition(",")[2], validate=True)
            except binascii.Error as error:
                raise self.invalid("its buffer is damaged") from error
        target = (self.path.parent / name).resolve()
        if ":" in name or not target.is_relative_to(self.path.parent.resolve()):
            raise self.invalid(f"its buffer lies elsewhere, at {name[:80]}")
        return target.read_bytes()


def write_glb(
    path: Path, document: dict[str, Any], arrays: Sequence[tuple[str, NDArray[Any]]]
) -> None:
    """Write a ``.glb`` with one mesh of one primitive.

    Args:
        path: The file.
        document: Everything but buffers and what points into them.
        arrays: Attributes of the primitive by name: [N, width] floats, or bytes that are
            normalized.

    Raises:
        OSError: From the file system.
    """
    views: list[dict[str, int]] = []
    accessors: list[dict[str, Any]] = []
    attributes: dict[str, int] = {}
    at = 0
    for name, array in arrays:
        attributes[name] = len(accessors)
        size = array.nbytes
        views.append({"buffer": 0, "byteOffset": at, "byteLength": size, "target": _ARRAY_BUFFER})
        accessors.append(_accessor(len(accessors), name, array))
        at += size + -size % 4
    document["meshes"][0]["primitives"][0]["attributes"] = attributes
    body = {
        **document,
        "buffers": [{"byteLength": at}],
        "bufferViews": views,
        "accessors": accessors,
    }
    text = json.dumps(body, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    whole = _HEADER.size + 2 * _CHUNK.size + len(text) + at
    with path.open("wb") as stream:
        stream.write(_HEADER.pack(SIGNATURE, 2, whole))
        stream.write(_CHUNK.pack(len(text), _JSON) + text)
        stream.write(_CHUNK.pack(at, _BIN))
        for _, array in arrays:
            stream.write(np.ascontiguousarray(array).tobytes())
            stream.write(b"\0" * (-array.nbytes % 4))


def _accessor(number: int, name: str, array: NDArray[Any]) -> dict[str, Any]:
    widths = {width: kind for kind, width in _WIDTHS.items()}
    accessor: dict[str, Any] = {
        "bufferView": number,
        "componentType": FLOAT if array.dtype.kind == "f" else UNSIGNED_BYTE,
        "count": len(array),
        "type": widths[array.shape[1]],
    }
    if array.dtype.kind != "f":
        accessor["normalized"] = True
    if name == "POSITION":
        accessor["min"] = [float(value) for value in array.min(axis=0)]
        accessor["max"] = [float(value) for value in array.max(axis=0)]
    return accessor
