"""A cache that goes where its .blend was saved; touches nothing of Blender's."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from livescape_shared.cache.manifest import FILE


def moved_cache(folder: Path, root: Path) -> Path:
    """Return the folder of a cache, moved among those of ``root``.

    Where that is impossible - the disk there is full, or nothing may be written - it stays, whole,
    where it is.

    Args:
        folder: The cache, which nothing plays.
        root: Where it is to lie; need not exist.
    """
    target = root / folder.name
    try:
        root.mkdir(parents=True, exist_ok=True)
        try:
            folder.rename(target)
        except OSError:  # another disk, for example
            _copy(folder, target)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        with suppress(OSError):  # not empty, or never made
            root.rmdir()
        return folder
    with suppress(OSError):  # not empty: it holds other caches
        folder.parent.rmdir()
    return target


def _copy(folder: Path, target: Path) -> None:
    """Copy a cache; what makes it one comes last, so that half of it is none.

    Raises:
        OSError: Then nothing of it is there.
    """
    target.mkdir()
    try:
        for path in sorted(folder.iterdir(), key=lambda path: path.name == FILE):
            shutil.copy2(path, target)
    except OSError:
        shutil.rmtree(target, ignore_errors=True)
        raise
