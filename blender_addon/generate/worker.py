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
from typing import Any

from livescape_shared.errors import LivescapeError

from ..cache.contents import read_cache
from ..cache.moved import moved_cache
from ..splats.content import MeshContent, SplatContent, mesh_content
from .steps import Steps

BUDGET_S = 0.25
WAIT_S = 0.05
STOP_S = 3.0
"""How long the end of the thread is waited for when Blender closes."""


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
        self._early_tried = root
        self._lock = threading.Lock()
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
        with self._lock:
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

    def give_back(self, early: Arrived) -> None:
        """Take a scene again that :meth:`take_early` has returned and that was never shown."""
        with self._lock:
            if self._early is None:
                self._early = early
                return
        shutil.rmtree(early.folder, ignore_errors=True)

    def move_to(self, root: Path) -> None:
        """Let the scene belong elsewhere, because its .blend was saved there.

        Nothing may play it yet, nor hold on to :attr:`arrived`. Moving may take long, to another
        disk for example: :attr:`is_over` says when it is done.
        """
        with self._lock:
            self._root = root
            if not self._over.is_set() or not self._is_away:
                return
            self._over.clear()
        self._thread = threading.Thread(target=self._end, name="Livescape", daemon=True)
        self._thread.start()

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
            self._end()

    def _drive(self) -> None:
        while not self._stopped.is_set():
            if self._cancelled.is_set():
                self._steps.cancel()
            self._steps.move_to(self._root)
            if self._steps.step(BUDGET_S, WAIT_S):
                self.arrived = self._taken(self._steps.folder)
                return
            self._take_early()

    def _end(self) -> None:
        """Say that it is over, with the caches where their .blend lies at that moment."""
        tried = None
        while True:
            with self._lock:
                if not self._is_away or tried == self._root:
                    self._over.set()
                    return
                tried = self._root
            self._bring_early_home()
            try:
                self._bring_home()
            except BaseException as error:
                self.arrived, self.error = None, error

    @property
    def _is_away(self) -> bool:
        """Whether a cache lies elsewhere than its .blend."""
        there = (self.arrived, self._early)
        return any(each is not None and each.folder.parent != self._root for each in there)

    def _bring_home(self) -> None:
        arrived = self.arrived
        if arrived is None:
            return
        folder = self._at_home(arrived.folder)
        if folder != arrived.folder:
            self.arrived = self._read(folder)

    def _taken(self, folder: Path) -> Arrived:
        return self._read(self._at_home(folder))

    def _read(self, folder: Path) -> Arrived:
        content = read_cache(folder, self._steps.name)
        return Arrived(folder, content, mesh_content(content))

    def _take_early(self) -> None:
        """Prepare the newest of the scenes that are there before the whole one."""
        folder = self._steps.take_early()
        if folder is None:
            self._bring_early_home()
        else:
            self._prepare_early(folder)

    def _bring_early_home(self) -> None:
        root = self._root
        early = self.take_early() if root != self._early_tried else None
        if early is None:
            return
        self._early_tried = root  # where it cannot go it is not carried again and again
        if early.folder.parent == root:
            self.give_back(early)
        else:
            self._prepare_early(early.folder)

    def _prepare_early(self, folder: Path) -> None:
        left: Path | None = folder
        with suppress(LivescapeError):  # it is only early
            arrived = self._taken(folder)
            with self._lock:
                before, self._early = self._early, arrived
            left = before.folder if before is not None else None
        if left is not None:
            shutil.rmtree(left, ignore_errors=True)

    def _at_home(self, folder: Path) -> Path:
        """Return the folder of the cache, moved to where its .blend lies now."""
        root = self._root
        if folder.parent == root or self._steps.is_played():
            return folder
        return moved_cache(folder, root)

    def _close(self) -> None:
        try:
            self._steps.close()
        except Exception as error:
            self.error = self.error or error
