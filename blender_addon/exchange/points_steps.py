"""Blender's own splats on their way into a cache: what a thread does.

It touches nothing of Blender's: what is shown in a frame is read by the main thread.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape_shared.formats.sequence import SplatSequence, sequence_scene
from livescape_shared.splats import ImportedSplats, Splats

from .import_steps import ImportSteps

AXES = "z_up"


@dataclass(frozen=True)
class Shown:
    """What an object shows in a frame.

    Attributes:
        splats: In its own axes.
        place: Its matrix [4, 4] in the world.
    """

    splats: Splats
    place: NDArray[np.float64]


class PointsSteps(ImportSteps):
    """Reads what an object shows, frame by frame, and stores it, as a worker drives them.

    What a step raises besides: ``splats_empty``, ``sequence_too_large`` or what ``shown`` raises.

    Args:
        source: Name of the object that shows the splats.
        name: A free name for the object that is made.
        frames: First frame and number of frames.
        fps: The scene's frames a second.
        root: Folder of caches.
        shown: Returns what the object shows in a frame.
        place_at: Returns where it is in a frame; None if it is in one place anyway.

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
        shown: Callable[[int], Shown],
        place_at: Callable[[int], NDArray[np.float64]] | None,
    ) -> None:
        super().__init__(name)
        self._source, self._fps, self._root = source, fps, root
        self._first, self.frames = frames
        self._place_at, self._shown = place_at, shown
        self.place: NDArray[np.float64] | None = None

    def go(self) -> Generator[None, None, None]:
        """Read and store."""
        first, rests = self._first, True
        if self._place_at is not None:
            place = self._place_at(first)
            for frame in range(first + 1, first + self.frames):
                yield
                rests = rests and np.array_equal(self._place_at(frame), place)

        def read(index: int) -> ImportedSplats:
            shown = self._shown(first + index)
            if rests:
                self.place = shown.place
            splats = shown.splats if rests else shown.splats.transformed(shown.place)
            return ImportedSplats.sound(splats, axes=AXES)

        sequence = self.noted(SplatSequence(self._source, self.frames, read))
        content = sequence_scene(sequence, first, self._fps)
        yield
        settings = {"imported": self._source, "axes": AXES, "offset": [0, 0, 0]}
        yield from self.store(self._root, content, settings)
