"""Caches of scenes that came early and were replaced by better ones.

A step of undo may bring back an object that plays such a cache, and a .blend that was saved
meanwhile does play it. So they are removed when another file is opened or Blender is closed, and
those that were in place when the file was saved are left to the artist, among the unused ones.
One that was never shown is in no step of undo and goes at once.
"""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from ..cache.generations import played_folders

_left: set[Path] = set()
_saved: set[Path] = set()
"""What played when the open file was saved."""


def leave(folder: Path | None) -> None:
    """Note that a better scene has taken the place of the one in ``folder``."""
    if folder is not None:
        _left.add(folder.resolve())


def discard(folder: Path) -> None:
    """Remove a scene that nothing has played, beside Blender's window."""
    leave(folder)  # should it not be possible now
    threading.Thread(target=shutil.rmtree, args=(folder, True)).start()


def waiting() -> set[Path]:
    """Return the folders that are removed later, by themselves."""
    return _left - _saved


def keep_played() -> None:
    """Leave to the artist what plays now: the file has just been saved with it."""
    _saved.update(played_folders())


def remove() -> None:
    """Remove what nothing can bring back any more: no step of undo is left."""
    for folder in _left - _saved - played_folders():
        shutil.rmtree(folder, ignore_errors=True)
    _left.clear()
    _saved.clear()
