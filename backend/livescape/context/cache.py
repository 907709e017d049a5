"""Stage results on disk under a key of everything they depend on.

An entry is one ``.npz`` of plain arrays and is written whole or not at all; a damaged entry is
made again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import logging
import os
import types
import typing
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)

T = TypeVar("T")
FORMAT = 1
"""Raise to make every older entry invalid."""

# What reading a damaged archive raises, depending on which of its bytes are wrong.
_DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


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


class StageCache:
    """A folder of stage results."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``, made if absent.

        Raises:
            LivescapeError: ``cache_not_writable``.
        """
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _not_writable(folder, error) from error

    def get(self, key: str, kind: type[T], make: Callable[[], T]) -> tuple[T, bool]:
        """Return the dataclass stored under ``key`` or made now, and whether it was stored.

        Args:
            key: From :func:`stage_key`.
            kind: Dataclass of arrays, numbers, strings and further such dataclasses.
            make: Makes it.
        """
        path = self.folder / f"{key}.npz"
        if path.exists():
            try:
                with np.load(path, allow_pickle=False) as entry:
                    return unpack(kind, dict(entry)), True
            except _DAMAGE as error:
                LOGGER.warning("cache entry %s is damaged and is made again: %s", path.name, error)
        value = make()
        self._write(path, pack(value))
        return value, False

    def _write(self, path: Path, arrays: dict[str, NDArray[Any]]) -> None:
        partial = path.with_suffix(f".{os.getpid()}.partial")
        try:
            with partial.open("wb") as stream:
                np.savez(stream, allow_pickle=False, **arrays)
            os.replace(partial, path)
        except OSError as error:
            with contextlib.suppress(OSError):  # a read-only disk refuses even this
                partial.unlink()
            raise _not_writable(self.folder, error) from error


def _not_writable(folder: Path, error: OSError) -> LivescapeError:
    return LivescapeError(
        "cache_not_writable",
        f"The folder {folder} cannot be written: {error.strerror or error}.",
        hint="Free some space or choose another cache folder.",
    )


def pack(value: Any, prefix: str = "") -> dict[str, NDArray[Any]]:
    """Return the fields of a dataclass as arrays; nested dataclasses get dotted names."""
    arrays: dict[str, NDArray[Any]] = {}
    for field in dataclasses.fields(value):
        item = getattr(value, field.name)
        if dataclasses.is_dataclass(item):
            arrays.update(pack(item, f"{prefix}{field.name}."))
        else:
            arrays[prefix + field.name] = np.asarray(item)
    return arrays


def unpack(kind: type[T], arrays: dict[str, NDArray[Any]], prefix: str = "") -> T:
    """Rebuild a dataclass from :func:`pack`.

    Raises:
        KeyError: If an array is missing.
    """
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        wanted = hints[field.name]
        name = prefix + field.name
        if isinstance(wanted, types.UnionType):
            wanted = _stored_kind(wanted, arrays, f"{name}.")
        if dataclasses.is_dataclass(wanted):
            values[field.name] = unpack(typing.cast(type, wanted), arrays, f"{name}.")
        else:
            array = arrays[name]
            values[field.name] = array.item() if wanted in (int, float, str, bool) else array
    return kind(**values)


def _stored_kind(union: types.UnionType, arrays: dict[str, NDArray[Any]], prefix: str) -> type:
    """Return the dataclass of ``union`` of which every field is stored."""
    stored = {name.removeprefix(prefix).split(".")[0] for name in arrays if name.startswith(prefix)}
    for kind in union.__args__:
        if stored == {field.name for field in dataclasses.fields(kind)}:
            return typing.cast(type, kind)
    raise KeyError(prefix)
