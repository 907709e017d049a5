"""A splat file of another program on its way into a cache: what a thread does.

It touches nothing of Blender's.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.formats.load import load_splats
from livescape_shared.formats.sequence import SequenceScene, file_sequence, sequence_scene
from livescape_shared.formats.webp import Decode
from livescape_shared.gaussians import Gaussians
from livescape_shared.scene import MovingGaussians, SceneMeta
from livescape_shared.settings import Blend

from . import by_backend
from .storing import discard, storing


@dataclass(frozen=True)
class Wanted:
    """What is to be imported, as plain values.

    Attributes:
        path: A splat file of any kind that is read.
        axes: As for :func:`livescape_shared.formats.load.to_blender`.
        as_sequence: Whether files beside it that differ by a number are further frames.
        root: Folder of caches.
        start_frame: Frame of the scene at which the first one is shown.
        fps: The scene's frames a second.
        python: The backend's, where the file can be read by way of it alone.
    """

    path: Path
    axes: str
    as_sequence: bool
    root: Path
    start_frame: int
    fps: float
    python: Path | None = None


class FileSteps:
    """Reads a file and stores it, step by step, as a worker drives them.

    Args:
        wanted: What to read.
        decode: Decodes WebP pictures.
        name_for: Returns a free name of an object, close to one that is wanted.

    Attributes:
        name: Of the object.
        content: What was read, once it is.
        frames: How many of them it has.
        axes: In which it stands, as ``wanted`` has it.
    """

    report: Mapping[str, Any] = {}

    def __init__(self, wanted: Wanted, decode: Decode, name_for: Callable[[str], str]) -> None:
        self.wanted = wanted
        self.name = wanted.path.stem
        self.stage = "reading"
        self.fraction = 0.0
        self.axes = wanted.axes
        self.content: SequenceScene | None = None
        self.frames = 1
        self._decode = decode
        self._name_for = name_for
        self._folder: Path | None = None
        self._is_cancelled = False
        self._steps = self._go()

    @property
    def folder(self) -> Path:
        """The cache, once it is whole."""
        assert self._folder is not None
        return self._folder

    def take_early(self) -> None:
        """Return nothing: a file is shown when it is whole."""

    def step(self, budget_s: float, wait_s: float = 0.0) -> bool:
        """Do the next thing and return whether the cache is whole.

        Raises:
            LivescapeError: ``splats_empty``, ``sequence_too_large``, ``disk_full``,
                ``cache_not_writable``, as :func:`load_splats` or :func:`.by_backend.converting`.
            Cancelled: If that was asked for.
        """
        if self._is_cancelled:
            raise Cancelled
        for _ in self._steps:
            return False
        return True

    def move_to(self, root: Path) -> None:
        """Stay: the worker moves what is whole."""

    def cancel(self) -> None:
        """Let the next step raise ``Cancelled``."""
        self._is_cancelled = True

    def close(self) -> None:
        """Leave nothing but a whole cache, and not that if nobody wants it."""
        self._steps.close()
        if self._is_cancelled and self._folder is not None:
            discard(self._folder)

    def _go(self) -> Generator[None, None, None]:
        wanted = self.wanted
        with tempfile.TemporaryDirectory() as folder:
            path = wanted.path
            if wanted.python is not None:
                path = yield from by_backend.converting(
                    wanted.python, path, Path(folder), wanted.axes, wanted.fps
                )
                self.axes = by_backend.AXES
            self._read(path)
            assert self.content is not None
            yield
            self.stage = "storing"
            offset = list(self.content.first.offset)
            settings = {"imported": wanted.path.name, "axes": self.axes, "offset": offset}
            self._folder = yield from storing(wanted.root, self.name, self.content, settings)

    def _read(self, path: Path) -> None:
        wanted, sequence = self.wanted, None
        if wanted.as_sequence:
            sequence = file_sequence(path, self._decode, wanted.fps)
        if sequence is None:
            self.content = self._one_frame(path)
        else:
            self.name, self.frames = sequence.name, sequence.count
            self.content = sequence_scene(sequence, wanted.start_frame, wanted.fps)
        self.name = self._name_for(self.name)

    def _one_frame(self, path: Path) -> SequenceScene:
        found = load_splats(path, self._decode)
        if not len(found.splats):
            raise LivescapeError(
                "splats_empty",
                f"{path.name} holds no Gaussian that can be shown.",
                hint="Export it again from the program that made it.",
            )
        blend: Blend = "linear" if found.blends_linearly else "srgb"
        start, fps = self.wanted.start_frame, self.wanted.fps
        meta = SceneMeta(len(found.splats), 0, 1, False, 1.0, start, fps, blend)
        none = MovingGaussians(Gaussians.empty(), np.zeros((0, 2), np.float32))
        return SequenceScene(meta, found.splats, none, lambda: iter(()), found)
