"""A folder of small records, a file for each key: added and removed whole, without a lock.

So a command can add or remove one while the server runs, which looks whenever it needs to know.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from livescape_shared.files import Refusal, output_refusal, whole_file
from livescape_shared.remote.keys import key_from_text, key_text
from livescape_shared.values import mapping, text

MAX_CARD_BYTES = 4096


class Cards:
    """Records by key. A file that is not one of ours, or is damaged, counts as missing.

    Args:
        folder: Where they are; made when the first is added.
        refusal: Makes the error to raise if one cannot be written.
    """

    def __init__(self, folder: Path, *, refusal: Refusal = output_refusal) -> None:
        self._folder = folder
        self._refusal = refusal

    def __contains__(self, key: bytes) -> bool:
        """Return whether there is a record of ``key``, without opening it."""
        return os.path.lexists(self._path(key))

    def get(self, key: bytes, *, strict: bool = False) -> Mapping[str, Any] | None:
        """Return the record of ``key``, None if there is none.

        Args:
            key: The key.
            strict: Whether one that cannot be read now must not count as missing.

        Raises:
            OSError: If ``strict``.
        """
        try:
            known, values = self._read(self._path(key))
        except OSError:
            if strict:
                raise
            return None
        return values if known == key else None

    def all(self) -> Iterator[tuple[bytes, Mapping[str, Any]]]:
        """Yield every key and its record, in no particular order."""
        found: list[Path] = []
        with suppress(OSError):
            found = list(self._folder.glob("*.json"))
        for path in found:
            with suppress(OSError):
                key, values = self._read(path)
                if path == self._path(key):
                    yield key, values

    def state(self) -> int:
        """Return what changes whenever a record is written or removed."""
        try:
            return self._folder.stat().st_mtime_ns
        except OSError:
            return 0

    def put(self, key: bytes, values: Mapping[str, Any]) -> None:
        """Write the record of ``key``, in place of the one that it had.

        Raises:
            LivescapeError: What ``refusal`` returns.
        """
        path = self._path(key)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise self._refusal(path, error) from error
        with whole_file(path, mode=0o600, durable=True, refusal=self._refusal) as partial:
            content = json.dumps({**values, "key": key_text(key)})
            partial.write_text(content, encoding="utf-8")

    def remove(self, key: bytes) -> None:
        """Remove the record of ``key``, if there is one.

        Raises:
            LivescapeError: What ``refusal`` returns.
        """
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise self._refusal(self._path(key), error) from error

    def _path(self, key: bytes) -> Path:
        return self._folder / f"{hashlib.sha256(key).hexdigest()[:32]}.json"

    def _read(self, path: Path) -> tuple[bytes, Mapping[str, Any]]:
        with suppress(FileNotFoundError, KeyError, ValueError, RecursionError):
            values = mapping(json.loads(path.read_bytes()[:MAX_CARD_BYTES]))
            return key_from_text(text(values["key"])), values
        return b"", {}
