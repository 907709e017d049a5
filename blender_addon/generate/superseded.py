"""Caches of scenes that came early and were replaced by better ones.

A step of undo may bring back an object that plays such a cache, and a .blend that was saved
meanwhile does play it. So they are removed when another file is opened or Blender is closed, and
those that were in place when the file was saved are left to the artist, among the unused ones.
One that was never shown is in no step of undo and goes at once. What a Blender that was killed has
left says which process has made it, and goes when its generation is over.
"""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import suppress
from pathlib import Path

from livescape_shared.cache.manifest import read_manifest
from livescape_shared.errors import LivescapeError

from ..cache import mentions
from ..cache.generations import played_folders
from . import records
from .early_scenes import maker_is_gone
from .records import Record

_left: set[Path] = set()
_saved: set[Path] = set()
"""What played when the open file was saved."""


def leave(folder: Path | None) -> None:
    """Note that a better scene has taken the place of the one in ``folder``."""
    if folder is not None:
        _left.add(folder.resolve())


def is_left(folder: Path) -> bool:
    """Whether a scene was shown, so that a step of undo may bring it back."""
    return folder.resolve() in _left


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


def remove_left(root: Path) -> None:
    """Remove what came early in Blenders that are gone, beside Blender's window.

    Args:
        root: Where the caches of the open file lie.
    """
    played = played_folders()
    threading.Thread(target=_remove_left, args=(root, played)).start()


def _remove_left(root: Path, played: set[Path]) -> None:
    kept = _kept(records.all_records(root))
    with suppress(OSError):
        left = {
            folder: (os.fsencode(folder.name),)
            for folder in root.iterdir()
            if folder.name not in kept and folder.resolve() not in played and _is_left(folder)
        }
        mentioned = mentions.blend_files(root.parent, left)
        for folder in left:
            if not mentioned[folder]:
                shutil.rmtree(folder, ignore_errors=True)
        if left:
            root.rmdir()  # unless it holds something still


def _kept(found: list[Record]) -> set[str]:
    """Return names of the caches that a generation may still need, or has come to."""
    early = {name for each in found if each.state in records.OPEN for name in each.early}
    return early | {each.cache for each in found}


def _is_left(folder: Path) -> bool:
    """Whether a folder is a scene that came early in a Blender that is gone."""
    with suppress(LivescapeError):
        return not folder.is_symlink() and maker_is_gone(read_manifest(folder).report)
    return False
