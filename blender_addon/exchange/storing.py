"""Scenes that were not made here, written as a cache."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import Any

from livescape_shared.cache.writer import CacheWriter
from livescape_shared.formats.sequence_scene import SequenceScene


def storing(
    root: Path, name: str, content: SequenceScene, settings: dict[str, Any]
) -> Generator[None, None, Path]:
    """Write ``content`` as a cache in ``root``; yield after every frame, and return its folder.

    A generator that is closed or fails before leaves nothing behind.

    Raises:
        LivescapeError: ``disk_full`` or ``cache_not_writable``.
    """
    writer = CacheWriter(root, name, settings)
    try:
        writer.begin(content.meta)
        writer.static(content.still.gaussians, content.still.harmonics)
        writer.moving(content.moving)
        yield
        for frame in content.frames():
            writer.frame(frame)
            yield
        writer.finish()
    except BaseException:
        writer.abort()
        raise
    return writer.folder


def discard(folder: Path) -> None:
    """Remove a cache that nothing plays, and the folder of caches if it was the only one."""
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):  # not empty: it holds other caches
        folder.parent.rmdir()
