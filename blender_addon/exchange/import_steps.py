"""What was not made here on its way into a cache: what a thread does.

It touches nothing of Blender's.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from livescape_shared.errors import Cancelled
from livescape_shared.formats.sequence import SplatSequence
from livescape_shared.formats.sequence_scene import SequenceScene
from livescape_shared.splats import ImportedSplats

from .storing import discard, storing

READ = 0.5
"""Share of the whole after which everything is read."""


class ImportSteps:
    """Reads something and stores it, step by step, as a worker drives them; subclasses read.

    Args:
        name: Of the object, as long as nothing better is known.

    Attributes:
        name: Of the object.
        content: What was read, once it is.
        frames: How many of them it has.
    """

    report: Mapping[str, Any] = {}

    def __init__(self, name: str) -> None:
        self.name = name
        self.stage = "reading"
        self.fraction = 0.0
        self.content: SequenceScene | None = None
        self.frames = 1
        self._folder: Path | None = None
        self._is_cancelled = False
        self._steps = self.go()

    @property
    def folder(self) -> Path:
        """The cache, once it is whole."""
        assert self._folder is not None
        return self._folder

    def take_early(self) -> None:
        """Return nothing: it is shown when it is whole."""

    def step(self, budget_s: float, wait_s: float = 0.0) -> bool:
        """Do the next thing and return whether the cache is whole.

        Raises:
            LivescapeError: ``disk_full``, ``cache_not_writable``, or what reading raises.
            Cancelled: If that was asked for.
        """
        if self._is_cancelled:
            raise Cancelled
        for _ in self._steps:
            if self.stage == "storing":
                self.fraction += (1.0 - READ) / (self.frames + 1)
            return False
        return True

    def move_to(self, root: Path) -> None:
        """Stay: the worker moves what is whole."""

    def is_played(self) -> bool:
        """Whether something may play it: nothing does before its object is there."""
        return False

    def cancel(self) -> None:
        """Let the next step raise ``Cancelled``."""
        self._is_cancelled = True

    def close(self) -> None:
        """Leave nothing but a whole cache, and not that if nobody wants it."""
        self._steps.close()
        if self._is_cancelled and self._folder is not None:
            discard(self._folder)

    def go(self) -> Generator[None, None, None]:
        """Do it all, and yield wherever it may end."""
        raise NotImplementedError

    def noted(self, sequence: SplatSequence) -> SplatSequence:
        """Return a sequence of which it is noted how much has been read, and that ends early.

        Its ``read`` raises ``Cancelled`` once that was asked for.
        """

        def read(index: int) -> ImportedSplats:
            if self._is_cancelled:
                raise Cancelled
            found = sequence.read(index)
            self.fraction = max(self.fraction, READ * (index + 1) / sequence.count)
            return found

        return replace(sequence, read=read)

    def store(
        self, root: Path, content: SequenceScene, settings: dict[str, Any]
    ) -> Generator[None, None, None]:
        """Write what was read as a cache in ``root``; yield after every frame."""
        self.content, self.stage, self.fraction = content, "storing", READ
        self._folder = yield from storing(root, self.name, content, settings)
        self.fraction = 1.0
