"""Which .blend files mention something, found in their bytes without opening them in Blender.

Blender stores paths and custom properties as plain text in its data-blocks. A file that is
compressed in a way this Python cannot read counts as one that mentions everything.
"""

from __future__ import annotations

import gzip
from collections.abc import Hashable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

_GZIP, _ZSTANDARD, _PLAIN = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BLENDER"
_PIECE = 2**23

Key = TypeVar("Key", bound=Hashable)


def blend_files(
    folder: Path, patterns: Mapping[Key, tuple[bytes, ...]]
) -> dict[Key, tuple[str, ...]]:
    """Return the names of the .blend files of ``folder`` that mention each key's patterns.

    Args:
        folder: Its sub-folders are not searched, nor are backups (.blend1).
        patterns: Any one of them is a mention.

    Raises:
        OSError: If a file cannot be read.
    """
    found: dict[Key, list[str]] = {key: [] for key in patterns}
    for path in sorted(folder.glob("*.blend")) if patterns else ():
        wanted = {pattern for group in patterns.values() for pattern in group}
        mentioned = _mentioned(path, wanted)
        for key, group in patterns.items():
            if mentioned.intersection(group):
                found[key].append(path.name)
    return {key: tuple(names) for key, names in found.items()}


def _mentioned(path: Path, wanted: set[bytes]) -> set[bytes]:
    stream = _opened(path)
    if stream is None:
        return wanted
    overlap = max(map(len, wanted)) - 1
    mentioned: set[bytes] = set()
    with stream:
        tail = b""
        while piece := stream.read(_PIECE):
            text = tail + piece
            mentioned.update(pattern for pattern in wanted if pattern in text)
            tail = text[-overlap:] if overlap else b""
    return mentioned


def _opened(path: Path) -> Any:
    """Return the content of a .blend as a stream; None if it cannot be looked into."""
    with path.open("rb") as stream:
        head = stream.read(len(_PLAIN))
    if head.startswith(_PLAIN):
        return path.open("rb")
    if head.startswith(_GZIP):
        return gzip.open(path)
    if head.startswith(_ZSTANDARD):
        with suppress(ImportError):
            import zstandard  # Blender brings it

            # Blender writes many frames, so that it can read parts of a file.
            return zstandard.ZstdDecompressor().stream_reader(
                path.open("rb"), read_across_frames=True, closefd=True
            )
    return None
