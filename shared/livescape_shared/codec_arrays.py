"""Arrays of a message: one raw frame each or several, described in its header.

Dtype and shape are checked against an allow-list and the length of the frames before anything is
allocated. Frames are little-endian whatever the machine.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.packing import ZSTD, Unpackable, unpack
from livescape_shared.values import is_integer

MAX_MESSAGE_BYTES = 2 * 2**30
DTYPES = frozenset({"uint8", "uint16", "int32", "int64", "float16", "float32", "float64"})


def malformed(what: str) -> LivescapeError:
    """Return the error of a message that cannot be read; ``what`` ends the sentence."""
    return LivescapeError(
        "message_malformed",
        f"A message could not be read: {what}.",
        hint="Use the same Livescape version in Blender and on the server.",
    )


def wire_array(name: str, value: NDArray[Any]) -> NDArray[Any]:
    """Return ``value`` contiguous and little-endian, which is a copy only if it was not.

    Raises:
        ValueError: If its dtype is outside ``DTYPES``.
    """
    array = np.asarray(value, order="C")
    if array.dtype.name not in DTYPES:
        message = f"array {name} has dtype {array.dtype}, which cannot be sent"
        raise ValueError(message)
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def raw_bytes(array: NDArray[Any]) -> bytes | memoryview:
    """Return the bytes of a contiguous array without copying them."""
    return array.reshape(-1).view(np.uint8).data if array.size else b""


def is_count(value: Any) -> bool:
    """Return whether a value from a header is a number of something."""
    return is_integer(value) and 0 <= value < 2**31


def _describe(entry: Any) -> tuple[str, np.dtype[Any], list[int]]:
    """Return name, type and shape of an array; its size is possible."""
    if not isinstance(entry, dict):
        raise malformed("an array has no description")
    name, dtype, shape = entry.get("name"), entry.get("dtype"), entry.get("shape")
    if not isinstance(name, str) or not name:
        raise malformed("an array has no name")
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise malformed(f"array {name[:40]} has a type that cannot be sent")
    if not isinstance(shape, list) or len(shape) > 4 or not all(map(is_count, shape)):
        raise malformed(f"array {name[:40]} has an impossible shape")
    # NumPy multiplies the sides of an empty array too, in 64 bits.
    if math.prod(side for side in shape if side) * np.dtype(dtype).itemsize > MAX_MESSAGE_BYTES:
        raise malformed(f"array {name[:40]} has an impossible shape")
    return name, np.dtype(dtype).newbyteorder("<"), shape


def _joined(parts: list[memoryview], size: int) -> memoryview:
    """Return the bytes of ``parts`` one after another; other threads run between two of them."""
    whole = np.empty(size, np.uint8).data
    at = 0
    for part in parts:
        whole[at : at + len(part)] = part
        at += len(part)
    return whole


def read_arrays(entries: list[Any], frames: list[memoryview]) -> dict[str, NDArray[Any]]:
    """Return the arrays that ``entries`` describe; only one in several frames is copied.

    Raises:
        LivescapeError: ``message_malformed``.
    """
    arrays: dict[str, NDArray[Any]] = {}
    at = 0
    for entry in entries:
        name, dtype, shape = _describe(entry)
        if entry.get("packed"):
            arrays[name] = _unpacked(entry, frames[at : at + 1], dtype, shape)
            at += 1
            continue
        expected = math.prod(shape) * dtype.itemsize
        first, actual = at, 0
        while at < len(frames) and (at == first or actual < expected):
            actual += len(frames[at])
            at += 1
        parts = frames[first:at]
        if actual != expected or (len(parts) > 1 and not all(map(len, parts))) or not parts:
            raise malformed(f"array {name[:40]} should have {expected} bytes and has {actual}")
        data = parts[0] if len(parts) == 1 else _joined(parts, expected)
        arrays[name] = np.frombuffer(data, dtype=dtype).reshape(shape)
    if at != len(frames):
        raise malformed("its arrays and frames differ in number")
    return arrays


def _unpacked(
    entry: dict[str, Any], parts: list[memoryview], dtype: np.dtype[Any], shape: list[int]
) -> NDArray[Any]:
    """Return an array that is packed into one frame."""
    if entry["packed"] != ZSTD or not parts:
        raise malformed(f"array {entry['name'][:40]} is packed in another way")
    try:
        return unpack(parts[0], dtype, shape)
    except Unpackable as error:
        raise malformed(f"array {entry['name'][:40]}: {error}") from error
