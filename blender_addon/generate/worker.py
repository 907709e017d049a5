"""A generation in a thread of its own, so that nothing of it ever holds Blender up.

The thread talks to the server, checks and writes what arrives, and computes the arrays of the
object's meshes. It touches nothing of Blender's; what is seen of it are plain values.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from livescape_shared.errors import LivescapeError

from ..cache.contents import read_cache
from ..splats.content import MeshContent, SplatContent, mesh_content

BUDGET_S = 0.25
WAIT_S = 0.05
STOP_S = 3.0
"""How long the end of the thread is waited for when Blender closes."""


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

    def cancel(self) -> None:
        """Let a later step raise ``Cancelled``."""

    def close(self) -> None:
        """Let go of everything."""


class WholeCache:
    """A generation that is over, of which only the object is to be built.

    Args:
        name: Of the object.
        folder: The cache.
    """

    stage = "loading"
    fraction = 1.0
    report: Mapping[str, Any] = {}

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder

    def take_early(self) -> None:
        """Return none."""

    def step(self, budget_s: float, wait_s: float = 0.0) -> bool:
        """Return that it is whole."""
        return True

    def move_to(self, root: Path) -> None:
        """Stay: others may play it where it is."""

    def cancel(self) -> None:
        """Go on: there is nothing to wait for."""

    def close(self) -> None:
        """Let go of nothing."""


@dataclass(frozen=True)
class Arrived:
    """A whole cache and what its object is made of.

    Attributes:
        folder: The cache.
        content: What the object is made of; its cache file is an absolute path.
        arrays: Of its meshes.
    """

    folder: Path
    content: SplatContent
    arrays: MeshContent


class Worker:
    """Drives a generation to its end.

    Args:
        steps: What to drive; belongs to the thread from :meth:`start` on.
        root: Folder of caches in which the scene belongs.
    """

    def __init__(self, steps: Steps, root: Path) -> None:
        self._steps = steps
        self._root = root
        self._cancelled = threading.Event()
        self._stopped = threading.Event()
        self._over = threading.Event()
        self._early: Arrived | None = None
        self._early_lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="Livescape", daemon=True)
        self.error: BaseException | None = None
        self.arrived: Arrived | None = None

    @property
    def stage(self) -> str:
        """What is being done."""
        return self._steps.stage

    @property
    def fraction(self) -> float:
        """How much is done, 0 to 1."""
        return self._steps.fraction

    @property
    def report(self) -> Mapping[str, Any]:
        """What the backend says about the scene."""
        return self._steps.report

    def take_early(self) -> Arrived | None:
        """Return the best scene that is there before the whole one, once: who has it removes it."""
        with self._early_lock:
            taken, self._early = self._early, None
        return taken

    @property
    def is_over(self) -> bool:
        """Whether there is a result or an error."""
        return self._over.is_set()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def cancel(self) -> None:
        """Ask for the end; the error is then ``Cancelled``."""
        self._cancelled.set()

    def move_to(self, root: Path) -> None:
        """Let the scene belong elsewhere, because its .blend was saved there."""
        self._root = root

    def stop(self) -> None:
        """End the thread, whatever it does; what the server does goes on."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def wait(self, timeout_s: float) -> None:
        """Wait for the end, no longer than this."""
        self._over.wait(timeout_s)

    def _run(self) -> None:
        try:
            self._drive()
        except BaseException as error:
            self.error = error
        finally:
            self._close()
            self._over.set()

    def _drive(self) -> None:
        while not self._stopped.is_set():
            if self._cancelled.is_set():
                self._steps.cancel()
            self._steps.move_to(self._root)
            if self._steps.step(BUDGET_S, WAIT_S):
                self.arrived = self._taken(self._steps.folder)
                return
            self._take_early()

    def _taken(self, folder: Path) -> Arrived:
        folder = self._at_home(folder)
        content = read_cache(folder, self._steps.name)
        return Arrived(folder, content, mesh_content(content))

    def _take_early(self) -> None:
        """Prepare the newest of the scenes that are there before the whole one."""
        folder = self._steps.take_early()
        if folder is None:
            return
        left: Path | None = folder
        with suppress(LivescapeError):  # it is only early
            arrived = self._taken(folder)
            with self._early_lock:
                before, self._early = self._early, arrived
            left = before.folder if before is not None else None
        if left is not None:
            shutil.rmtree(left, ignore_errors=True)

    def _at_home(self, folder: Path) -> Path:
        """Return the folder of the cache, moved to where its .blend lies now."""
        root = self._root
        if folder.parent == root or isinstance(self._steps, WholeCache):
            return folder
        root.mkdir(parents=True, exist_ok=True)
        moved = Path(shutil.move(folder, root / folder.name))
        with suppress(OSError):  # not empty: it holds other caches
            folder.parent.rmdir()
        return moved

    def _close(self) -> None:
        try:
            self._steps.close()
        except Exception as error:
            self.error = self.error or error
