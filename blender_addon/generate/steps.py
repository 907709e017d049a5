"""What a worker drives to its end, step by step; it touches nothing of Blender's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from ..cache import mentions


class Steps(Protocol):
    """What a worker drives: a generation, or a whole cache that is only to be loaded."""

    name: str
    stage: str
    fraction: float

    @property
    def folder(self) -> Path:
        """The cache, once it is whole."""

    def take_early(self) -> Path | None:
        """Return the cache of the best scene that is there before the whole one, once."""

    @property
    def report(self) -> Mapping[str, Any]:
        """What the backend says about the scene."""

    def step(self, budget_s: float, wait_s: float = 0.0) -> bool:
        """Do what there is to do and return whether the cache is whole."""

    def move_to(self, root: Path) -> None:
        """Put the scene elsewhere, if it has no place yet."""

    def is_played(self) -> bool:
        """Whether something may play the cache where it lies, so that it must stay there."""

    def cancel(self) -> None:
        """Let a later step raise ``Cancelled``."""

    def close(self) -> None:
        """Let go of everything."""


class WholeCache:
    """A generation that is over, of which only the object is to be built.

    Args:
        name: Of the object.
        folder: The cache.
        is_new: Whether no object of the open .blend has ever played it.
    """

    stage = "loading"
    fraction = 1.0
    report: Mapping[str, Any] = {}

    def __init__(self, name: str, folder: Path, *, is_new: bool = False) -> None:
        self.name = name
        self.folder = folder
        self._is_new = is_new

    def take_early(self) -> None:
        """Return none."""

    def step(self, budget_s: float, wait_s: float = 0.0) -> bool:
        """Return that it is whole."""
        return True

    def move_to(self, root: Path) -> None:
        """Stay: the worker moves what is whole."""

    def is_played(self) -> bool:
        """Whether an object, or a .blend beside it, may play it where it lies."""
        if not self._is_new:
            return True
        beside = self.folder.parent.parent
        try:
            found = mentions.blend_files(beside, {"": (os.fsencode(self.folder.name),)})
        except OSError:
            return True
        return bool(found[""])

    def cancel(self) -> None:
        """Go on: there is nothing to wait for."""

    def close(self) -> None:
        """Let go of nothing."""
