"""Messages to bytes and back: a msgpack header, then each array as one raw frame or several.

Everything is checked before anything is allocated: header size, message type, and the arrays as
:mod:`livescape_shared.codec_arrays` does. Nothing is ever unpickled.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import msgpack
import numpy as np
from numpy.typing import NDArray

from livescape_shared.codec_arrays import (
    MAX_MESSAGE_BYTES,
    is_count,
    malformed,
    raw_bytes,
    read_arrays,
    wire_array,
)
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import MESSAGES, PROTOCOL_VERSION, Message, Refused
from livescape_shared.packing import ZSTD, pack
from livescape_shared.values import WrongValue, boolean, integer, mapping, number, text

MAGIC = b"LVSC"
MAX_HEADER_BYTES = 2**20
MAX_ARRAYS = 64
MAX_FRAMES = 2**16
MAX_ID_CHARACTERS = 64


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
    """Return the frames of ``message``: header, then one per array, zero-copy.

    Raises:
        ValueError: If an array has a dtype outside ``DTYPES``.
    """
    body = {field.name: getattr(message, field.name) for field in fields(message)}
    arrays = {key: wire_array(key, value) for key, value in body.pop("arrays", {}).items()}
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
    return [packed, *(raw_bytes(array) for array in arrays.values())]


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
        raise malformed("it has no body")
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
        raise malformed(f"its header has {len(data)} bytes")
    if data[: len(MAGIC)] != MAGIC:
        raise malformed("it does not start like a Livescape message")
    try:
        header = msgpack.unpackb(data[len(MAGIC) :], raw=False, strict_map_key=True)
    except (ValueError, msgpack.exceptions.UnpackException, RecursionError) as error:
        raise malformed("its header is not msgpack") from error
    if not isinstance(header, dict):
        raise malformed("its header is not a map")
    return header


def _read_version(header: dict[str, Any]) -> tuple[int, int]:
    version = header.get("version")
    if not isinstance(version, list) or len(version) != 2 or not all(map(is_count, version)):
        raise malformed("it names no protocol version")
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


_KINDS: dict[type, Callable[[Any], Any]] = {
    bool: boolean, int: integer, float: number, str: text, dict: mapping,
}  # fmt: skip
"""The rule for a field of a message, by the type of its default."""


def _build(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Message:
    name, body = header.get("type"), header.get("body")
    if not isinstance(name, str):
        raise malformed("it names no type")
    cls = MESSAGES.get(name)
    if cls is None:
        raise LivescapeError(
            "message_unknown",
            f"There is no message {name[:40]!r}.",
            hint="Use the same Livescape version in Blender and on the server.",
        )
    if not isinstance(body, dict):
        raise malformed("it has no body")
    values: dict[str, Any] = {}
    for field in fields(cls):
        if field.name == "arrays":
            values["arrays"] = arrays
        elif field.name in body:
            try:
                values[field.name] = _KINDS[type(getattr(cls(), field.name))](body[field.name])
            except WrongValue as error:
                raise malformed(f"{field.name} of {cls.type} is {error}") from error
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
        raise malformed(f"it has {len(frames)} frames")
    views = [memoryview(frame) for frame in frames]
    if sum(map(len, views)) > MAX_MESSAGE_BYTES:
        raise malformed("it is too large")
    header = _read_header(frames[0])
    version = _read_version(header)
    if version[0] != PROTOCOL_VERSION[0] and header.get("type") != Refused.type:
        raise version_error(version, here=here, there=there)
    entries = header.get("arrays")
    if not isinstance(entries, list) or not len(entries) <= min(MAX_ARRAYS, len(frames) - 1):
        raise malformed("its arrays and frames differ in number")
    arrays = read_arrays(entries, views[1:])
    if len(arrays) != len(entries):
        raise malformed("two of its arrays have one name")
    message = _build(header, arrays)
    return Envelope(message, _read_id(header, "id"), _read_id(header, "parent"), version)


def _read_id(header: dict[str, Any], key: str) -> str:
    value = header.get(key, "")
    if not isinstance(value, str) or len(value) > MAX_ID_CHARACTERS:
        raise malformed(f"its {key} is not a short text")
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
