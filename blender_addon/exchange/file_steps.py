"""A splat file of another program on its way into a cache: what a thread does.

It touches nothing of Blender's.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livescape_shared.errors import LivescapeError
from livescape_shared.formats.load import load_splats
from livescape_shared.formats.sequence import file_sequence
from livescape_shared.formats.sequence_scene import SequenceScene, sequence_scene
from livescape_shared.formats.webp import Decode
from livescape_shared.gaussians import Gaussians
from livescape_shared.scene import MovingGaussians, SceneMeta
from livescape_shared.settings import Blend

from . import by_backend
from .import_steps import ImportSteps


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


class FileSteps(ImportSteps):
    """Reads a file and stores it, step by step, as a worker drives them.

    What a step raises besides: ``splats_empty``, ``sequence_too_large``, as :func:`load_splats` or
    :func:`.by_backend.converting`.

    Args:
        wanted: What to read.
        decode: Decodes WebP pictures.
        name_for: Returns a free name of an object, close to one that is wanted.

    Attributes:
        axes: In which it stands, as ``wanted`` has it.
    """

    def __init__(self, wanted: Wanted, decode: Decode, name_for: Callable[[str], str]) -> None:
        super().__init__(wanted.path.stem)
        self.wanted = wanted
        self.axes = wanted.axes
        self._decode = decode
        self._name_for = name_for

    def go(self) -> Generator[None, None, None]:
        """Read and store."""
        wanted = self.wanted
        with tempfile.TemporaryDirectory() as folder:
            path = wanted.path
            if wanted.python is not None:
                path = yield from by_backend.converting(
                    wanted.python, path, Path(folder), wanted.axes, wanted.fps
                )
                self.axes = by_backend.AXES
            content = self._read(path)
            yield
            offset = list(content.first.offset)
            settings = {"imported": wanted.path.name, "axes": self.axes, "offset": offset}
            yield from self.store(wanted.root, content, settings)

    def _read(self, path: Path) -> SequenceScene:
        wanted, sequence = self.wanted, None
        if wanted.as_sequence:
            sequence = file_sequence(path, self._decode, wanted.fps)
        if sequence is None:
            content = self._one_frame(path)
        else:
            self.name, self.frames = sequence.name, sequence.count
            content = sequence_scene(self.noted(sequence), wanted.start_frame, wanted.fps)
        self.name = self._name_for(self.name)
        return content

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
