"""What was not made here on its way into a scene: what Blender's own thread does."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy

from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.formats.sequence_scene import SequenceScene

from ..generate.busy import reason_to_wait
from ..generate.place import place_arrived
from ..generate.stage_names import stage_name
from ..generate.worker import Arrived, Worker
from ..slices import Sliced
from ..splats.chosen import select
from ..splats.object import find_object
from .import_steps import ImportSteps
from .imported import Import, free_name, said
from .on_main import OnMain
from .storing import discard
from .undone import Undone

END_S = 0.01
"""How long the end of the thread is waited for; it leaves nothing behind when it comes later."""


class SceneImport:
    """Something on its way into a scene; subclasses say what.

    Args:
        scene: Gets the object.
        label: What is imported, for the panel.
        steps: Reads and stores it in a thread.
        on_main: What the thread asks of Blender's own.
        root: Folder of caches.

    Attributes:
        label: What is imported, for the panel.
        undo_name: What the step of undo is called.
        reason: Why Blender's data must not be touched now; empty if they may be.
    """

    undo_name = ""

    def __init__(
        self, scene: bpy.types.Scene, label: str, steps: ImportSteps, on_main: OnMain, root: Path
    ) -> None:
        self.label = label
        self._scene_id = scene.session_uid
        self._on_main = on_main
        self._steps = steps
        self._worker = Worker(steps, root)
        self._placing: Sliced[bpy.types.Object] | None = None
        self._undone = Undone()
        self._found: Import | None = None
        self._is_cancelled = False
        self.reason = ""
        self._worker.start()

    @property
    def is_placing(self) -> bool:
        """Whether the object is being built."""
        return self._placing is not None

    @property
    def stage(self) -> str:
        """What is being done, or waited for."""
        if self._worker.is_over:
            return stage_name(self.reason or "building the object")
        return stage_name(self._steps.stage)

    @property
    def fraction(self) -> float:
        """How much has been read and stored, 0 to 1."""
        return self._steps.fraction

    @property
    def is_urgent(self) -> bool:
        """Whether it goes on as fast as it is called."""
        return self.is_placing

    def advance(self, context: Any, budget_s: float, wait_s: float) -> Import | None:
        """Do what there is to do on the main thread; return what it became, None before.

        Raises:
            LivescapeError: What its steps raise, or ``scene_missing``.
            Cancelled: If that was asked for.
        """
        self.reason = "" if math.isinf(budget_s) else reason_to_wait(context)
        self.serve()
        self._worker.wait(wait_s)
        if not self._worker.is_over:
            return None
        if self._worker.error is not None:
            raise self._worker.error
        arrived = self._worker.arrived
        if arrived is None or (self._is_cancelled and not self._has_begun):
            raise Cancelled
        if self.reason:
            return None
        if self._is_cancelled:
            self._take_away()
            raise Cancelled
        if self._found is not None:
            return self._found
        if self._placing is None:
            scene = self.scene()
            self._undone = Undone()
            self._placing = Sliced(lambda: self._placed(scene, arrived))
        with self._undone.on_failure():
            if not self._placing.step(budget_s):
                return None
        content = self.content
        self._found = said(self._placing.result, content, self._steps.frames)
        # The step of undo is left to the next call: Blender evaluates and draws what is new before.
        return self._found if math.isinf(budget_s) else None

    def cancel(self) -> None:
        """Ask for the end, which :meth:`advance` makes."""
        self._is_cancelled = True
        self._steps.cancel()
        self._worker.cancel()

    def data_changes(self) -> None:
        """Let go of Blender's data, which a step of undo is about to exchange."""
        self._abandon_placing()
        self._found = None  # it is no step of undo yet, so it goes; it is built once more

    def before_saving(self) -> None:
        """Take away what is half built."""
        if self._found is None:
            self._take_away()

    def saved(self, root: Path) -> None:
        """Follow the .blend to where it was saved now."""
        if self._found is None:  # otherwise it stays where the file says that it lies
            self._worker.move_to(root)

    def end(self) -> None:
        """Let go of everything, and leave nothing behind but a whole object."""
        if self._found is not None:
            return
        self._take_away()
        self._on_main.end()
        self._steps.cancel()
        self._worker.cancel()
        self._worker.wait(END_S)
        if self._worker.arrived is not None:
            discard(self._worker.arrived.folder)

    @property
    def _has_begun(self) -> bool:
        """Whether anything of the object is in the file."""
        return self._placing is not None or self._found is not None

    def _abandon_placing(self) -> None:
        """Forget what was built so far: what it holds on to is about to change."""
        if self._placing is not None:
            self._placing.abandon()
            self._placing = None

    def _take_away(self) -> None:
        """Remove what was built so far."""
        self._abandon_placing()
        self._undone.remove()
        self.put_back()
        self._found = None

    @property
    def content(self) -> SequenceScene:
        """What was read, once it is."""
        assert self._steps.content is not None
        return self._steps.content

    def serve(self) -> None:
        """Do what the thread asks for."""
        self._on_main.serve()

    def adapt(self, scene: bpy.types.Scene, item: bpy.types.Object) -> None:
        """Put the object where it belongs; the last thing that is done."""

    def put_back(self) -> None:
        """Undo :meth:`adapt`, but for the object, which is gone."""

    def scene(self) -> bpy.types.Scene:
        """Return the scene that gets the object.

        Raises:
            LivescapeError: ``scene_missing``.
        """
        for scene in bpy.data.scenes:
            if scene.session_uid == self._scene_id:
                return scene
        raise LivescapeError(
            "scene_missing",
            f"The scene is gone into which {self.label} was to be imported.",
            hint="Import it into another scene.",
        )

    def _placed(self, scene: bpy.types.Scene, arrived: Arrived) -> bpy.types.Object:
        found = arrived.content
        if find_object(scene, found.name):  # somebody else has taken the name meanwhile
            arrived = replace(arrived, content=replace(found, name=free_name(scene, found.name)))
        item = place_arrived(scene, arrived)
        self.adapt(scene, item)
        select(scene, item)
        return item
