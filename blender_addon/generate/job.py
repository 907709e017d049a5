"""A generation that belongs to a scene of a .blend, whatever is open meanwhile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import bpy

from livescape_shared.cache.folder import ROOT
from livescape_shared.errors import LivescapeError

from ..slices import Sliced
from . import records
from .place import place_arrived
from .records import Record
from .worker import Arrived, Worker


class Job:
    """What is made for which scene.

    Args:
        record: What is kept of it on disk.
        blend: The .blend that started it, or that it was resumed in.
        scene: Its scene.
        worker: Who makes it.
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
        """Follow the open .blend to where it was saved now."""
        scene = self.scene()
        name = scene.name if scene is not None else self.record.scene
        if not self.is_open or (blend, name) == (self.blend, self.record.scene):
            return
        self.abandon_placing()  # paths are relative to another place now
        old, self.blend = self.root, blend
        self.record = replace(self.record, blend=blend.name, scene=name)
        records.move_record(old, self.root, self.record)
        records.write_record(self.root, self.record)
        self.worker.move_to(self.root)

    def left(self) -> None:
        """Note that another .blend takes the place of this one, or it itself anew."""
        self.abandon_placing()
        self.is_open = False

    def opened(self, blend: Path) -> None:
        """Take the .blend up again if it is this one."""
        scene = bpy.data.scenes.get(self.record.scene)
        if blend == self.blend and scene is not None:
            self.is_open, self._scene_id = True, scene.session_uid

    def place(self, arrived: Arrived, budget_s: float) -> None:
        """Go on building the object; once it is there, :attr:`placed` is its name.

        Raises:
            LivescapeError: ``scene_missing``, or whatever building raises.
        """
        scene = self.scene()
        if scene is None:
            raise LivescapeError(
                "scene_missing",
                f"The scene {self.record.scene} is gone for which {self.record.name} was made.",
                hint="Choose another scene and place it there.",
            )
        if self.placing is None:
            self.placing = Sliced(lambda: place_arrived(scene, arrived))
        if self.placing.step(budget_s):
            self.placed = self.placing.result.name
            self.placing = None

    def abandon_placing(self) -> None:
        """Forget what was built so far: what it holds on to is about to change."""
        if self.placing is not None:
            self.placing.abandon()
            self.placing = None

    def keep(self, state: str, *, cache: str = "", error: LivescapeError | None = None) -> None:
        """Let the record say how it ended, to be offered when the .blend is open again."""
        told = error.to_dict() if error is not None else {}
        self.record = replace(self.record, state=state, cache=cache, error=told)
        records.write_record(self.root, self.record)

    def forget(self) -> None:
        """Remove the record: there is nothing left to offer."""
        records.remove_record(self.root, self.record)
