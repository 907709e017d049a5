"""What a long scenario has come to after each step, so that it can go on from there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import bpy as blender
from rig import Rig, Steps

bpy: Any = blender  # its stubs know no add-ons

TAKEN = "taken.json"
COPY = "copy.blend"


class Stages:
    """Copies of the scenario's folder, one after each step.

    Args:
        rig: What the scenario sees with.
        place: Where the copies are.
    """

    def __init__(self, rig: Rig, place: Path) -> None:
        self.rig, self.place = rig, place
        self.files = Path(rig.arguments["folder"])

    def keep(self, name: str) -> None:
        """Copy the folder, with the .blend as it is in memory."""
        copy = self.files / COPY
        bpy.ops.wm.save_as_mainfile(filepath=str(copy), copy=True)
        stage = self.place / name
        shutil.rmtree(stage, ignore_errors=True)
        shutil.copytree(self.files, stage, ignore=shutil.ignore_patterns("state"))
        copy.unlink()
        (stage / COPY).replace(stage / Path(bpy.data.filepath).name)
        found = {"shots": self.rig.taken, "facts": self.rig.facts}
        (stage / TAKEN).write_text(json.dumps(found), encoding="utf-8")

    def restore(self, name: str) -> Steps:
        """Open the .blend as it was after that step."""
        stage = self.place / name
        shutil.copytree(stage, self.files, dirs_exist_ok=True)
        found = json.loads((self.files / TAKEN).read_text(encoding="utf-8"))
        self.rig.taken, self.rig.facts = found["shots"], found["facts"]
        bpy.ops.wm.open_mainfile(filepath=str(self.files / "shot.blend"))
        yield 0.1
        shading = self.rig.view()[1].spaces.active.shading
        chosen, shading.type = shading.type, "SOLID"  # until all is there: it is drawn at once
        yield from self.rig.sidebar()
        shading.type = chosen
