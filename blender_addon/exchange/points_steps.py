"""Blender's own splats on their way into a cache: what a thread does.

It touches nothing of Blender's: what is shown in a frame is read by the main thread.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from livescape_shared.formats.sequence import SplatSequence
from livescape_shared.formats.sequence_scene import sequence_scene
from livescape_shared.gaussians import Gaussians
from livescape_shared.splats import ImportedSplats, Splats

from .import_steps import ImportSteps

AXES = "z_up"
AT_ONCE = 4
"""Coefficients that are read in one call."""


@dataclass(frozen=True)
class Shown:
    """What an object shows in a frame.

    Attributes:
        gaussians: In its own axes.
        coefficients: How many there are besides, of view-dependent colour.
        place: Its matrix [4, 4] in the world.
    """

    gaussians: Gaussians
    coefficients: int
    place: NDArray[np.float64]


class Reader(Protocol):
    """Asks the main thread what an object shows: little in each call."""

    def shown(self, frame: int) -> Shown:
        """Return what it shows in a frame."""

    def coefficients(self, frame: int, which: range) -> NDArray[np.float32]:
        """Return some of its coefficients [n, k, 3] of view-dependent colour."""

    def place_at(self, frame: int) -> NDArray[np.float64]:
        """Return where it is in a frame."""


class PointsSteps(ImportSteps):
    """Reads what an object shows, frame by frame, and stores it, as a worker drives them.

    What a step raises besides: ``splats_empty``, ``sequence_too_large`` or what ``shown`` raises.

    Args:
        source: Name of the object that shows the splats.
        name: A free name for the object that is made.
        frames: First frame and number of frames.
        fps: The scene's frames a second.
        root: Folder of caches.
        reader: Asks what the object shows.
        may_move: Whether it may be elsewhere in another frame.

    Attributes:
        place: Where it is in all frames, None if it moves: then its splats are in the world's axes.
    """

    def __init__(
        self,
        source: str,
        name: str,
        frames: tuple[int, int],
        fps: float,
        root: Path,
        reader: Reader,
        *,
        may_move: bool,
    ) -> None:
        super().__init__(name)
        self._source, self._fps, self._root = source, fps, root
        self._first, self.frames = frames
        self._reader, self._may_move = reader, may_move
        self.place: NDArray[np.float64] | None = None

    def go(self) -> Generator[None, None, None]:
        """Read and store."""
        first, rests = self._first, True
        if self._may_move:
            place = self._reader.place_at(first)
            for frame in range(first + 1, first + self.frames):
                yield
                rests = rests and np.array_equal(self._reader.place_at(frame), place)

        def read(index: int) -> ImportedSplats:
            shown = self._reader.shown(first + index)
            splats = Splats(shown.gaussians)
            if index == 0 and shown.coefficients:  # what stands has them, and is the same later on
                splats = Splats(shown.gaussians, self._coefficients(first, shown.coefficients))
            if rests:
                self.place = shown.place
            else:
                splats = splats.transformed(shown.place)
            return ImportedSplats.sound(splats, axes=AXES)

        sequence = self.noted(SplatSequence(self._source, self.frames, read))
        content = sequence_scene(sequence, first, self._fps)
        yield
        settings = {"imported": self._source, "axes": AXES, "offset": [0, 0, 0]}
        yield from self.store(self._root, content, settings)

    def _coefficients(self, frame: int, count: int) -> NDArray[np.float32]:
        found = []
        for begin in range(0, count, AT_ONCE):
            which = range(begin, min(begin + AT_ONCE, count))
            found.append(self._reader.coefficients(frame, which))
        return np.concatenate(found, axis=1)
