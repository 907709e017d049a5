"""Hashes of files, each computed once for every version of a file."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file, read again only if its size or time has changed.

    Raises:
        OSError: If it cannot be read.
    """
    status = path.stat()
    return _hash_of_version(path, status.st_size, status.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _hash_of_version(path: Path, size: int, changed_ns: int) -> str:
    del size, changed_ns  # they distinguish versions in the cache
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
