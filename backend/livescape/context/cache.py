"""Stage results on disk under a key of everything they depend on.

An entry is the arrays of one dataclass in the safetensors format, behind the hash of them and of
its name: what does not match its hash is damaged, or another's, and made again. Entries are written
whole or not at all. The folder keeps to a size; what has not been used for longest goes first. A
result is never lost to the cache: where the folder cannot be written, that is logged, and the
result is handed on.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import logging
import os
import re
import types
import typing
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from safetensors.numpy import load, save

import livescape_shared
from livescape.engine.jit import source_digest
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_stream

LOGGER = logging.getLogger(__name__)

T = TypeVar("T")

FORMAT = 3
"""Raise to make every older entry invalid."""

SUFFIX = ".stage"
OLDER = re.compile(r"(layout|depth|clip|scene)-[0-9a-f]{24}\.npz")
"""Names of entries that earlier versions wrote and nothing reads any more.

Exactly those: the user may have named a folder with arrays of their own.
"""

_HASH_BYTES = 32
_PLAIN = "plain"
"""Name of the metadata that holds numbers and texts, as JSON."""


def stage_key(stage: str, *parts: object) -> str:
    """Return a key for ``stage`` and all that its result depends on (JSON values, arrays, keys)."""
    digest = hashlib.sha256(f"{stage}:{FORMAT}".encode())
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        elif isinstance(part, bytes):
            digest.update(hashlib.sha256(part).digest())
        else:
            digest.update(json.dumps(part, sort_keys=True).encode())
        digest.update(b"|")
    return f"{stage}-{digest.hexdigest()[:24]}"


@functools.cache
def code_version() -> str:
    """Return what changes with every change of the code: its version and a digest of its sources.

    The digest serves those who run from a checkout, whose version stands still for months.
    """
    folders = (Path(__file__).parents[1], Path(livescape_shared.__file__).parent)
    return " ".join([livescape_shared.__version__, *map(source_digest, folders)])


class StageCache:
    """A folder of stage results that keeps to a size."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        """Use ``folder``, made when the first result is written.

        Args:
            folder: Where results lie; other processes may use it too.
            limit_bytes: Most that all entries together may take.
        """
        self.folder = folder
        self._limit_bytes = limit_bytes

    def get(self, key: str, kind: type[T], make: Callable[[], T]) -> tuple[T, bool]:
        """Return the dataclass stored under ``key`` or made now, and whether it was stored.

        Args:
            key: From :func:`stage_key`.
            kind: Dataclass of arrays, numbers, strings and further such dataclasses.
            make: Makes it.
        """
        path = self.folder / f"{key}{SUFFIX}"
        try:
            data = path.read_bytes()
            os.utime(path)  # what was read last goes last
        except OSError:
            data = b""
        if data:
            try:
                return unpack(kind, _decoded(data, key)), True
            except Exception as error:  # whatever a damaged entry makes a reader raise
                LOGGER.warning(
                    "cache entry %s is damaged and is computed again: %s", path.name, error
                )
        value = make()
        self._write(path, _encoded(pack(value), key))
        return value, False

    def _write(self, path: Path, data: bytes) -> None:
        try:
            self._make_room(len(data), path)
            if len(data) > self._limit_bytes:
                LOGGER.info("%s is larger than the limit of the whole cache", path.name)
                return
            with whole_stream(path, mode=0o600) as stream:
                stream.write(data)
        except (LivescapeError, OSError) as error:
            LOGGER.warning("the result of %s is not kept in the cache: %s", path.stem, error)

    def _make_room(self, size: int, written: Path) -> None:
        """Remove entries, oldest use first, until ``size`` more bytes fit."""
        entries = []
        for entry in os.scandir(self.folder) if self.folder.is_dir() else ():
            with suppress(OSError):  # another process may have removed it
                if OLDER.fullmatch(entry.name):
                    os.unlink(entry.path)
                elif entry.name.endswith(SUFFIX) and entry.name != written.name:
                    status = entry.stat(follow_symlinks=False)
                    entries.append((status.st_mtime, status.st_size, entry.path))
        excess = size + sum(held for _, held, _ in entries) - self._limit_bytes
        for _, held, path in sorted(entries):
            if excess <= 0:
                return
            with suppress(OSError):  # Windows keeps what another process is reading
                os.unlink(path)
                excess -= held


def _encoded(values: dict[str, Any], key: str) -> bytes:
    """Return :func:`pack`'s values as the bytes of entry ``key``, their hash first."""
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    plain = {name: value for name, value in values.items() if name not in arrays}
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    payload = save(contiguous, metadata={_PLAIN: json.dumps(plain, default=_plain_number)})
    return _hash(payload, key) + payload


def _hash(payload: bytes, key: str) -> bytes:
    digest = hashlib.sha256(payload)
    digest.update(key.encode())
    return digest.digest()


def _plain_number(value: Any) -> Any:
    """Return a number of NumPy's as one of Python's."""
    return value.item()


def _decoded(data: bytes, key: str) -> dict[str, Any]:
    """Return what :func:`_encoded` was given.

    Raises:
        ValueError: If a byte is wrong or missing, or it is not entry ``key``.
    """
    payload = data[_HASH_BYTES:]
    if _hash(payload, key) != data[:_HASH_BYTES]:
        raise ValueError("its bytes are not those that were written")
    length = int.from_bytes(payload[:8], "little")
    header = json.loads(payload[8 : 8 + length])
    return {**load(payload), **json.loads(header["__metadata__"][_PLAIN])}


def pack(value: Any, prefix: str = "") -> dict[str, Any]:
    """Return the fields of a dataclass by name; those of nested dataclasses get dotted names."""
    values: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        item = getattr(value, field.name)
        if dataclasses.is_dataclass(item):
            values.update(pack(item, f"{prefix}{field.name}."))
        else:
            values[prefix + field.name] = item
    return values


def unpack(kind: type[T], values: dict[str, Any], prefix: str = "") -> T:
    """Rebuild a dataclass from :func:`pack`.

    Raises:
        KeyError: If a field is missing.
    """
    hints = typing.get_type_hints(kind)
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        wanted = hints[field.name]
        name = prefix + field.name
        if isinstance(wanted, types.UnionType):
            wanted = _stored_kind(wanted, values, f"{name}.")
        if dataclasses.is_dataclass(wanted):
            fields[field.name] = unpack(typing.cast(type, wanted), values, f"{name}.")
        else:
            fields[field.name] = values[name]
    return kind(**fields)


def _stored_kind(union: types.UnionType, values: dict[str, Any], prefix: str) -> type:
    """Return the dataclass of ``union`` of which every field is stored."""
    stored = {name.removeprefix(prefix).split(".")[0] for name in values if name.startswith(prefix)}
    for kind in union.__args__:
        if stored == {field.name for field in dataclasses.fields(kind)}:
            return typing.cast(type, kind)
    raise KeyError(prefix)
