"""Generate in a window: an error card, progress, Cancel, the end, undo."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import bpy as blender
from rig import Rig, Steps

bpy: Any = blender  # its stubs know no add-ons
QUICK = {"working_size": 160, "gaussian_budget": 4000, "fit_iterations": 20, "views": 2,
         "deform_iterations": 2, "loop_frames": 8}  # fmt: skip


def run(rig: Rig) -> Steps:
    """Play."""
    yield from rig.empty_shot(frames=8)

    # What is missing is said, and nothing starts.
    rig.settings.photo = str(Path(rig.arguments["folder"]) / "nowhere.jpg")
    _generate(rig)
    yield from rig.until(lambda: rig.state.error_code)
    assert not rig.state.is_running
    rig.facts["error"] = rig.state.error_code
    yield 1.0
    rig.shot("modal_1_error")

    # It runs, and Esc cancels nothing.
    rig.settings.photo = rig.arguments["photo"]
    for name, value in QUICK.items():
        setattr(rig.settings, name, value)
    _generate(rig)
    yield from rig.until(lambda: rig.state.is_running)
    yield from rig.until(lambda: rig.state.fraction > 0.02)
    rig.key("Escape")
    yield 1.0
    assert rig.state.is_running, "Esc has cancelled a generation"
    rig.shot("modal_2_running")

    # Cancel ends it.
    clock = rig.clock()
    bpy.ops.livescape.cancel()
    yield from rig.until(lambda: not rig.state.is_running, seconds=30.0)
    rig.facts["cancel"] = clock.read()
    yield 1.0
    rig.shot("modal_3_cancelled")

    # To its end; Undo takes back what was generated.
    _generate(rig)
    yield from rig.until(lambda: rig.state.is_running)
    yield from rig.until(lambda: not rig.state.is_running, seconds=600.0)
    assert not rig.state.error_code, rig.state.error_message
    yield 2.0
    rig.shot("modal_4_done")
    finished = _generation(rig)
    assert finished
    with rig.override():
        bpy.ops.ed.undo()
    yield 1.0
    rig.facts["undone"] = _generation(rig) != finished
    assert rig.facts["undone"], "Undo leaves what was generated"
    rig.shot("modal_5_undone")


def _generation(rig: Rig) -> str:
    """Return which cache the object plays; empty without one."""
    item = bpy.context.scene.objects.get("Livescape")
    return str(rig.addon("splats.object").SplatObject(item).generation) if item else ""


def _generate(rig: Rig) -> None:
    # An error report reaches a script as an exception; the panel shows it to the artist.
    with rig.override(), suppress(RuntimeError):
        bpy.ops.livescape.generate("INVOKE_DEFAULT")
