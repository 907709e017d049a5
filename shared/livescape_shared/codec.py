"""Messages to bytes and back: a msgpack header, then each array as one raw frame or several.

Everything is checked before anything is allocated: header size, message type, dtype against an
allow-list, and shape against the length of the frame that carries it. Nothing is ever unpickled.
Frames are little-endian whatever the machine.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgpack
import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.messages import MESSAGES, PROTOCOL_VERSION, Message, Refused
from livescape_shared.packing import ZSTD, Unpackable, pack, unpack
from livescape_shared.values import WrongValue, boolean, integer, is_integer, mapping, number, text

MAGIC = b"LVSC"
MAX_HEADER_BYTES = 2**20
MAX_MESSAGE_BYTES = 2 * 2**30
MAX_ARRAYS = 64
MAX_FRAMES = 2**16
MAX_ID_CHARACTERS = 64
DTYPES = frozenset({"uint8", "uint16", "int32", "int64", "float16", "float32", "float64"})


@dataclass(frozen=True)
class Envelope:
    """A message with its identity on the wire.

    Attributes:
        message: Its content.
        id: Id of this message.
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


def _wire_array(name: str, value: NDArray[Any]) -> NDArray[Any]:
    """Return ``value`` contiguous and little-endian, which is a copy only if it was not."""
    array = np.asarray(value, order="C")
    if array.dtype.name not in DTYPES:
        message = f"array {name} has dtype {array.dtype}, which cannot be sent"
        raise ValueError(message)
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def encode(
    message: Message,
    *,
    message_id: str | None = None,
    parent: str = "",
    version: tuple[int, int] = PROTOCOL_VERSION,
) -> list[bytes | memoryview]:
    """Return the frames of ``message``: header, then one per array, zero-copy.

    Raises:
        ValueError: If an array has a dtype outside ``DTYPES``.
    """
    body = {field.name: getattr(message, field.name) for field in fields(message)}
    arrays = {key: _wire_array(key, value) for key, value in body.pop("arrays", {}).items()}
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


def readdress(
    frames: Sequence[bytes | memoryview], *, parent: str, **values: Any
) -> list[bytes | memoryview]:
    """Return a stored message of ours as the answer to another, with ``values`` in its body.

    Its arrays are neither read nor copied. One that an earlier version has stored becomes one of
    this version: what is stored has the same meaning in all of them since 2.0.

    Raises:
        LivescapeError: ``message_malformed``.
    """
    header = _read_header(frames[0])
    if not isinstance(header.get("body"), dict):
        raise _malformed("it has no body")
    header["version"] = list(PROTOCOL_VERSION)
    header["parent"] = parent
    header["body"] |= values
    return [MAGIC + msgpack.packb(header, use_bin_type=True), *frames[1:]]


def pack_arrays(frames: Sequence[bytes | memoryview]) -> list[bytes | memoryview]:
    """Return a message of ours, as :func:`encode` returned it, with its arrays packed."""
    header = _read_header(frames[0])
    packed: list[bytes | memoryview] = []
    for entry, frame in zip(header["arrays"], frames[1:], strict=True):
        small = pack(frame, np.dtype(entry["dtype"]).itemsize)
        if small is not None:
            entry["packed"] = ZSTD
        packed.append(frame if small is None else small)
    return [MAGIC + msgpack.packb(header, use_bin_type=True), *packed]


def split(frames: Sequence[bytes | memoryview], limit: int) -> list[bytes | memoryview]:
    """Return the frames of a message with those of its arrays cut to ``limit`` bytes, uncopied."""
    cut: list[bytes | memoryview] = [frames[0]]
    for each in frames[1:]:
        frame = memoryview(each)
        cut.extend(frame[at : at + limit] for at in range(0, max(len(frame), 1), limit))
    return cut


def _read_header(frame: bytes | memoryview) -> dict[str, Any]:
    data = bytes(frame)
    if len(data) > MAX_HEADER_BYTES:
        raise _malformed(f"its header has {len(data)} bytes")
    if data[: len(MAGIC)] != MAGIC:
        raise _malformed("it does not start like a Livescape message")
    try:
        header = msgpack.unpackb(data[len(MAGIC) :], raw=False, strict_map_key=True)
    except (ValueError, msgpack.exceptions.UnpackException, RecursionError) as error:
        raise _malformed("its header is not msgpack") from error
    if not isinstance(header, dict):
        raise _malformed("its header is not a map")
    return header


def _read_version(header: dict[str, Any]) -> tuple[int, int]:
    version = header.get("version")
    if not isinstance(version, list) or len(version) != 2 or not all(map(_is_count, version)):
        raise _malformed("it names no protocol version")
    return version[0], version[1]


def version_error(version: tuple[int, int], *, here: str, there: str) -> LivescapeError:
    """Return the error for a peer that speaks another major ``version``.

    Args:
        version: What the peer speaks.
        here: Who we are, as in a sentence, such as ``"the server"``.
        there: Who the peer is.
    """
    ours = ".".join(map(str, PROTOCOL_VERSION))
    theirs = ".".join(map(str, version))
    older = there if version[0] < PROTOCOL_VERSION[0] else here
    return LivescapeError(
        "protocol_version",
        f"Protocol {theirs} is used by {there}, protocol {ours} by {here}.",
        hint=f"Update Livescape on the older side: {older}.",
    )


def _is_count(value: Any) -> bool:
    return is_integer(value) and 0 <= value < 2**31


def _describe(entry: Any) -> tuple[str, np.dtype[Any], list[int]]:
    """Return name, type and shape of an array; its size is possible."""
    if not isinstance(entry, dict):
        raise _malformed("an array has no description")
    name, dtype, shape = entry.get("name"), entry.get("dtype"), entry.get("shape")
    if not isinstance(name, str) or not name:
        raise _malformed("an array has no name")
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise _malformed(f"array {name[:40]} has a type that cannot be sent")
    if not isinstance(shape, list) or len(shape) > 4 or not all(map(_is_count, shape)):
        raise _malformed(f"array {name[:40]} has an impossible shape")
    # NumPy multiplies the sides of an empty array too, in 64 bits.
    if math.prod(side for side in shape if side) * np.dtype(dtype).itemsize > MAX_MESSAGE_BYTES:
        raise _malformed(f"array {name[:40]} has an impossible shape")
    return name, np.dtype(dtype).newbyteorder("<"), shape


def _joined(parts: list[memoryview], size: int) -> memoryview:
    """Return the bytes of ``parts`` one after another; other threads run between two of them."""
    whole = np.empty(size, np.uint8).data
    at = 0
    for part in parts:
        whole[at : at + len(part)] = part
        at += len(part)
    return whole


def _read_arrays(entries: list[Any], frames: list[memoryview]) -> dict[str, NDArray[Any]]:
    """Return the arrays that ``entries`` describe; only one in several frames is copied."""
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
            raise _malformed(f"array {name[:40]} should have {expected} bytes and has {actual}")
        data = parts[0] if len(parts) == 1 else _joined(parts, expected)
        arrays[name] = np.frombuffer(data, dtype=dtype).reshape(shape)
    if at != len(frames):
        raise _malformed("its arrays and frames differ in number")
    return arrays


def _unpacked(
    entry: dict[str, Any], parts: list[memoryview], dtype: np.dtype[Any], shape: list[int]
) -> NDArray[Any]:
    """Return an array that is packed into one frame."""
    if entry["packed"] != ZSTD or not parts:
        raise _malformed(f"array {entry['name'][:40]} is packed in another way")
    try:
        return unpack(parts[0], dtype, shape)
    except Unpackable as error:
        raise _malformed(f"array {entry['name'][:40]}: {error}") from error


_KINDS: dict[type, Callable[[Any], Any]] = {
    bool: boolean, int: integer, float: number, str: text, dict: mapping,
}  # fmt: skip
"""The rule for a field of a message, by the type of its default."""


def _build(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Message:
    name, body = header.get("type"), header.get("body")
    if not isinstance(name, str):
        raise _malformed("it names no type")
    cls = MESSAGES.get(name)
    if cls is None:
        raise LivescapeError(
            "message_unknown",
            f"There is no message {name[:40]!r}.",
            hint="Use the same Livescape version in Blender and on the server.",
        )
    if not isinstance(body, dict):
        raise _malformed("it has no body")
    values: dict[str, Any] = {}
    for field in fields(cls):
        if field.name == "arrays":
            values["arrays"] = arrays
        elif field.name in body:
            try:
                values[field.name] = _KINDS[type(getattr(cls(), field.name))](body[field.name])
            except WrongValue as error:
                raise _malformed(f"{field.name} of {cls.type} is {error}") from error
    return cls(**values)


def decode(
    frames: Sequence[bytes | memoryview], *, here: str = "this side", there: str = "the other side"
) -> Envelope:
    """Return the message carried by ``frames``.

    A ``refused`` message is read whatever its sender's major version, because it is how the
    sender reports that the versions do not match; its layout is the same in all versions.

    Args:
        frames: What :func:`encode` returned.
        here: Who is reading, for the sentence about versions.
        there: Who wrote.

    Raises:
        LivescapeError: ``message_malformed``, ``message_unknown`` or ``protocol_version``.
    """
    if not 1 <= len(frames) <= MAX_FRAMES:
        raise _malformed(f"it has {len(frames)} frames")
    views = [memoryview(frame) for frame in frames]
    if sum(map(len, views)) > MAX_MESSAGE_BYTES:
        raise _malformed("it is too large")
    header = _read_header(frames[0])
    version = _read_version(header)
    if version[0] != PROTOCOL_VERSION[0] and header.get("type") != Refused.type:
        raise version_error(version, here=here, there=there)
    entries = header.get("arrays")
    if not isinstance(entries, list) or not len(entries) <= min(MAX_ARRAYS, len(frames) - 1):
        raise _malformed("its arrays and frames differ in number")
    arrays = _read_arrays(entries, views[1:])
    if len(arrays) != len(entries):
        raise _malformed("two of its arrays have one name")
    message = _build(header, arrays)
    return Envelope(message, _read_id(header, "id"), _read_id(header, "parent"), version)


def _read_id(header: dict[str, Any], key: str) -> str:
    value = header.get(key, "")
    if not isinstance(value, str) or len(value) > MAX_ID_CHARACTERS:
        raise _malformed(f"its {key} is not a short text")
    return value


def peek_type(frames: Sequence[bytes | memoryview]) -> str:
    """Return the type that a message claims to have, or "" if its header cannot be read."""
    try:
        kind = _read_header(frames[0]).get("type") if frames else ""
    except Exception:  # whatever made it unreadable
        return ""
    return kind if isinstance(kind, str) else ""


def peek_id(frames: Sequence[bytes | memoryview]) -> str:
    """Return the id of a message that :func:`decode` refused, or "" if it has none."""
    try:
        return _read_id(_read_header(frames[0]), "id") if frames else ""
    except Exception:  # whatever made it unreadable
        return ""
