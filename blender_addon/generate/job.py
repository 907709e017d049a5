"""A generation that belongs to a scene of a .blend, whatever is open meanwhile."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import bpy

from livescape_shared.cache.folder import ROOT
from livescape_shared.errors import LivescapeError

from ..cache.cache_folder import played_folder
from ..slices import Sliced
from ..splats.object import find_object
from . import records, superseded
from .place import place_arrived
from .records import Record
from .remaining import Stopwatch
from .steps import WholeCache
from .worker import Arrived, Worker


class Job:
    """What is made for which scene.

    Args:
        record: What is kept of it on disk.
        blend: The .blend that started it, or that it was resumed in.
        scene: Its scene.
        worker: Who makes it.

    Attributes:
        placed: Name of the object, once the whole scene is in it.
        remark: What to tell besides, at the end.
        shown: The scene in the object that came before the whole one.
        before: The cache that the object played when the first of those took its place.
        reason: Why the object is given back what it played before.
        watch: How long it has taken.
        again: State of the record, if it is one that is over and only shown again.
        kind: Of the run, as :mod:`.durations` knows it; empty if it tells nothing.
    """

    def __init__(self, record: Record, blend: Path, scene: bpy.types.Scene, worker: Worker) -> None:
        self.record = record
        self.blend = blend
        self.worker = worker
        self.is_open = True
        self._scene_id = scene.session_uid
        self.placing: Sliced[bpy.types.Object] | None = None
        self.placed = ""
        self.remark = ""
        self.shown: Arrived | None = None
        self.before: Path | None = None
        self.reason: BaseException | None = None
        self.watch = Stopwatch()
        self.kind = ""
        self.again = ""
        self.known: Mapping[str, float] = {}
        self._being_placed: Arrived | None = None
        self.name_in_scene = ""
        self._newest: Arrived | None = None

    @property
    def root(self) -> Path:
        """The folder of caches in which the scene belongs."""
        return self.blend.parent / ROOT

    def scene(self) -> bpy.types.Scene | None:
        """Return the scene that gets the object, if it is open and has not been deleted."""
        if not self.is_open:
            return None
        for scene in bpy.data.scenes:
            if scene.session_uid == self._scene_id:
                return scene
        return None

    def saved(self, blend: Path) -> None:
        """Follow the open .blend to where it was saved now.

        What an object plays already stays, as Blender has just written where it lies.
        """
        scene = self.scene()
        name = scene.name if scene is not None else self.record.scene
        if not self.is_open or self.placed or (blend, name) == (self.blend, self.record.scene):
            return
        if self.again:
            return  # it is in the list of the other file, with its cache
        old, self.blend = self.root, blend
        self.record = replace(self.record, blend=blend.name, scene=name)
        records.move_record(old, self.root, self.record)
        records.write_record(self.root, self.record)
        if self._newest is not None and self._newest is not self.shown:
            self.worker.give_back(self._newest)
            self._newest = None
        self.worker.move_to(self.root)

    def data_changed(self) -> None:
        """Build again what a step of undo has taken away, for it is none itself yet."""
        scene = self.scene()
        if scene is None:
            return
        played = _played_by(scene, self.record.name)
        if self.placed:
            arrived = self.worker.arrived
            if arrived is None or played != arrived.folder:
                self.placed = ""
        elif self.reason is None and self.shown is not None and played != self.shown.folder:
            superseded.leave(self.shown.folder)  # another step may bring it back
            self._newest, self.shown = self._newest or self.shown, None

    def left(self) -> None:
        """Note that another .blend takes the place of this one, or it itself anew."""
        self.abandon_placing()
        self.is_open = False

    def opened(self, blend: Path) -> None:
        """Take the .blend up again if it is this one."""
        scene = bpy.data.scenes.get(self.record.scene)
        if blend == self.blend and scene is not None:
            self.is_open, self._scene_id = True, scene.session_uid

    def newest_early(self) -> Arrived | None:
        """Return the best scene that is there before the whole one."""
        found = self.worker.take_early()
        if found is not None:
            self._discard(self._newest)
            self._newest = found
            with suppress(LivescapeError):  # should Blender be killed, it is left to the artist
                self._note_early(found.folder.name)
        return self._newest

    def _note_early(self, folder: str) -> None:
        self.record = replace(self.record, early=(*self.record.early, folder))
        records.write_record(self.root, self.record)

    def go_back(self, folder: Path, reason: BaseException) -> None:
        """Begin to give the object back what it played before.

        Args:
            folder: The cache.
            reason: Why.
        """
        self.abandon_placing()
        self._discard(self.worker.take_early())
        self.reason = reason
        self.worker = Worker(WholeCache(self.record.name, folder), self.root)
        self.worker.start()

    def end(self) -> None:
        """Let go of everything; what it has made stays."""
        self.abandon_placing()
        self.worker.stop()
        for early in (self.worker.take_early(), self._newest):
            self._discard(early)

    def _discard(self, early: Arrived | None) -> None:
        """Remove a scene that came early and was never shown."""
        if early is None or early is self.shown or superseded.is_left(early.folder):
            return
        if early is self._being_placed:
            self.abandon_placing()
        superseded.discard(early.folder)

    def show(self, early: Arrived, budget_s: float) -> bool:
        """Go on building the object of a scene that came before the whole one.

        Returns:
            Whether it is there.

        Raises:
            LivescapeError: As :meth:`place`.
        """
        scene = self.scene()
        if scene is not None and self.shown is None and self.before is None:
            self.before = _played_by(scene, self.record.name)
        if not self._build(early, budget_s):
            return False
        before, self.shown = self.shown, early
        superseded.leave(before.folder if before is not None else None)
        return True

    def place(self, arrived: Arrived, budget_s: float) -> None:
        """Go on building the object; once it is there, :attr:`placed` is its name.

        Raises:
            LivescapeError: ``scene_missing``, or whatever building raises.
        """
        if self._build(arrived, budget_s):
            self.placed = self.name_in_scene
            if self.shown is not None:
                superseded.leave(self.shown.folder)

    def _build(self, arrived: Arrived, budget_s: float) -> bool:
        scene = self.scene()
        if scene is None:
            raise LivescapeError(
                "scene_missing",
                f"The scene {self.record.scene} is gone for which {self.record.name} was made.",
                hint="Choose another scene and place it there.",
            )
        if self._being_placed is not arrived:
            self.abandon_placing()
        if self.placing is None:
            self._being_placed = arrived
            self.placing = Sliced(lambda: place_arrived(scene, arrived))
        if not self.placing.step(budget_s):
            return False
        self.name_in_scene = self.placing.result.name
        self.placing = self._being_placed = None
        return True

    def abandon_placing(self) -> None:
        """Forget what was built so far: what it holds on to is about to change."""
        if self.placing is not None:
            self.placing.abandon()
            self.placing = self._being_placed = None

    def keep(self, state: str, *, cache: str = "", error: LivescapeError | None = None) -> None:
        """Let the record say how it ended, to be offered when the .blend is open again."""
        told = error.to_dict() if error is not None else {}
        self.record = replace(self.record, state=state, cache=cache, error=told)
        records.write_record(self.root, self.record)

    def forget(self) -> None:
        """Remove the record: there is nothing left to offer, and nothing to list."""
        records.remove_record(self.root, self.record)

    def close(self, state: str, *, cache: str = "", error: LivescapeError | None = None) -> None:
        """Let the record tell how it ended; there is nothing left to take up again."""
        if not self.again:
            seconds = time.time() - self.record.started
            self.record = replace(self.record, seconds=seconds)
        with suppress(LivescapeError):  # the list of jobs lacks a line then
            self.keep(self.again or state, cache=cache or self.record.cache, error=error)
        records.forget_request(self.root, self.record)


def _played_by(scene: bpy.types.Scene, name: str) -> Path | None:
    """Return the cache that the object of this name plays; None if it is not there, or lost."""
    played = find_object(scene, name)
    if played is None:
        return None
    with suppress(LivescapeError):
        folder = played_folder(played)
        return folder if folder.is_dir() else None
    return None
