"""Messages to bytes and back: a msgpack header, then each array as a raw frame.

Everything is checked before anything is allocated: header size, message type, dtype against an
allow-list, and shape against the length of the frame that carries it. Nothing is ever unpickled.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgpack
import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.messages import MESSAGES, PROTOCOL_VERSION, Message

MAGIC = b"LVSC"
MAX_HEADER_BYTES = 64 * 2**20
MAX_MESSAGE_BYTES = 2 * 2**30
MAX_ARRAYS = 64
DTYPES = frozenset({"uint8", "uint16", "int32", "int64", "float16", "float32", "float64"})


@dataclass(frozen=True)
class Envelope:
    """A message with its identity on the wire.

    Attributes:
        message: What is said.
        id: Names this message.
        parent: The id of the message that it answers; empty if none.
        version: Protocol version of the sender.
    """

    message: Message
    id: str
    parent: str = ""
    version: tuple[int, int] = PROTOCOL_VERSION


def _malformed(what: str) -> LivescapeError:
    return LivescapeError(
        "message_malformed",
        f"A message could not be read: {what}.",
        hint="Use the same Livescape version in Blender and on the server.",
    )


def new_id() -> str:
    """Return a fresh message id."""
    return uuid.uuid4().hex


def encode(
    message: Message,
    *,
    message_id: str | None = None,
    parent: str = "",
    version: tuple[int, int] = PROTOCOL_VERSION,
) -> list[bytes | memoryview]:
    """Return the frames of ``message``: header, then one per array, zero-copy."""
    body = {field.name: getattr(message, field.name) for field in fields(message)}
    arrays = {key: np.ascontiguousarray(value) for key, value in body.pop("arrays", {}).items()}
    header = {
        "version": list(version),
        "type": message.type,
        "id": message_id or new_id(),
        "parent": parent,
        "body": body,
        "arrays": [
            {"name": name, "dtype": array.dtype.name, "shape": list(array.shape)}
            for name, array in arrays.items()
        ],
    }
    packed = MAGIC + msgpack.packb(header, use_bin_type=True)
    return [packed, *(_raw(array) for array in arrays.values())]


def _raw(array: NDArray[Any]) -> bytes | memoryview:
    """Return the bytes of a contiguous array without copying them."""
    return array.reshape(-1).view(np.uint8).data if array.size else b""


def _read_header(frame: bytes | memoryview) -> dict[str, Any]:
    data = bytes(frame)
    if len(data) > MAX_HEADER_BYTES:
        raise _malformed(f"its header has {len(data)} bytes")
    if data[: len(MAGIC)] != MAGIC:
        raise _malformed("it does not start as a Livescape message")
    try:
        header = msgpack.unpackb(data[len(MAGIC) :], raw=False, strict_map_key=True)
    except (ValueError, msgpack.exceptions.UnpackException, RecursionError) as error:
        raise _malformed("its header is not msgpack") from error
    if not isinstance(header, dict):
        raise _malformed("its header is not a map")
    return header


def _read_version(header: dict[str, Any]) -> tuple[int, int]:
    version = header.get("version")
    if (
        not isinstance(version, list)
        or len(version) != 2
        or not all(isinstance(part, int) for part in version)
    ):
        raise _malformed("it names no protocol version")
    if version[0] != PROTOCOL_VERSION[0]:
        ours = ".".join(map(str, PROTOCOL_VERSION))
        theirs = ".".join(map(str, version))
        older = "the other side" if version[0] < PROTOCOL_VERSION[0] else "this side"
        raise LivescapeError(
            "protocol_version",
            f"One side speaks protocol {theirs}, the other {ours}.",
            hint=f"Update Livescape on {older}.",
        )
    return version[0], version[1]


def _read_array(entry: Any, frame: bytes | memoryview) -> tuple[str, NDArray[Any]]:
    if not isinstance(entry, dict):
        raise _malformed("an array has no description")
    name, dtype, shape = entry.get("name"), entry.get("dtype"), entry.get("shape")
    if not isinstance(name, str) or not name:
        raise _malformed("an array has no name")
    if dtype not in DTYPES:
        raise _malformed(f"array {name} has the type {dtype!r}")
    if (
        not isinstance(shape, list)
        or len(shape) > 4
        or not all(isinstance(n, int) and 0 <= n < 2**31 for n in shape)
    ):
        raise _malformed(f"array {name} has the shape {shape!r}")
    expected = math.prod(shape) * np.dtype(dtype).itemsize
    actual = len(memoryview(frame))
    if expected != actual:
        raise _malformed(f"array {name} should have {expected} bytes and has {actual}")
    return name, np.frombuffer(frame, dtype=dtype).reshape(shape)


def _build(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Message:
    cls = MESSAGES.get(str(header.get("type")))
    body = header.get("body")
    if cls is None:
        raise LivescapeError("message_unknown", f"There is no message {header.get('type')!r}.")
    if not isinstance(body, dict):
        raise _malformed("it has no body")
    values: dict[str, Any] = {}
    for field in fields(cls):
        if field.name == "arrays":
            values["arrays"] = arrays
        elif field.name in body:
            value = body[field.name]
            default = getattr(cls(), field.name)
            wanted = dict if isinstance(default, dict) else type(default)
            if wanted is float and isinstance(value, int):
                value = float(value)
            if not isinstance(value, wanted) or isinstance(value, bool):
                raise _malformed(f"{field.name} of {cls.type} is {type(value).__name__}")
            values[field.name] = value
    return cls(**values)


def decode(frames: Sequence[bytes | memoryview]) -> Envelope:
    """Return the message carried by ``frames``.

    Raises:
        LivescapeError: ``message_malformed``, ``message_unknown`` or ``protocol_version``.
    """
    if not 1 <= len(frames) <= 1 + MAX_ARRAYS:
        raise _malformed(f"it has {len(frames)} frames")
    if sum(len(memoryview(frame)) for frame in frames) > MAX_MESSAGE_BYTES:
        raise _malformed("it is too large")
    header = _read_header(frames[0])
    version = _read_version(header)
    entries = header.get("arrays")
    if not isinstance(entries, list) or len(entries) != len(frames) - 1:
        raise _malformed("its arrays and frames differ in number")
    arrays = dict(
        _read_array(entry, frame) for entry, frame in zip(entries, frames[1:], strict=True)
    )
    message = _build(header, arrays)
    return Envelope(message, str(header.get("id", "")), str(header.get("parent", "")), version)
