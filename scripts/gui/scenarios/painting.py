"""A mask is painted with the brush, added to, taken from, undone, saved and opened again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy as blender
from rig import Rig, Steps

bpy: Any = blender  # its stubs know no add-ons
SIZE = (512, 384)
SKY = [(0.0, 0.0), (1.0, 0.0), (1.0, 0.3), (0.0, 0.3)]
"""Outline in shares of the photo, as a server finds it."""


def run(rig: Rig) -> Steps:
    """Play."""
    yield from rig.empty_shot(frames=24)
    scene, ops = bpy.context.scene, bpy.ops.livescape
    rig.settings.photo = rig.arguments["small"]
    yield from rig.until(lambda: tuple(rig.settings.photo_size) == SIZE, seconds=20.0)
    with rig.override():
        ops.match_camera()
        bpy.ops.ed.undo_push(message="Begin")
        ops.paint_mask("INVOKE_DEFAULT", meaning="MOVES")
    yield 2.0
    canvas = rig.addon("motion.canvas")
    (item,) = canvas.canvases(scene)
    assert bpy.context.mode == "PAINT_TEXTURE", bpy.context.mode
    rig.facts["brush"] = bpy.context.tool_settings.image_paint.brush.name
    left, right = _across(rig, 0.55)
    rig.draw([left, ((left[0] + right[0]) / 2, left[1]), right])
    yield 1.5
    yield from _shot(rig, "painting_moves")
    first = _counts(canvas, item)
    assert first["moving"] > 500, first
    assert first["standing"] == 0, first
    rig.facts["colour"] = _painted_colour(item)

    with rig.override():
        ops.paint_mask("INVOKE_DEFAULT", meaning="STANDS")
    yield 1.0
    left, right = _across(rig, 0.7)
    rig.draw([left, right])
    yield 1.5
    both = _counts(canvas, item)
    assert both["standing"] > 500, both
    yield from _shot(rig, "painting_stands")

    with rig.override():
        ops.paint_mask("INVOKE_DEFAULT", meaning="ERASES")
    yield 1.0
    rig.draw([left, right])
    yield 1.5
    erased = _counts(canvas, item)
    assert erased["standing"] < 0.3 * both["standing"], (erased, both)
    yield from _shot(rig, "painting_erased")
    x, y = rig.middle()
    rig.move(x, y)
    rig.key("ctrl+z")
    yield 1.5
    assert _counts(canvas, item) == both, "a step of undo brings back what was erased"
    rig.key("ctrl+z")
    yield 1.5
    undone = _counts(canvas, canvas.canvases(bpy.context.scene)[0])
    assert undone == first, (undone, first)

    _fill(rig)
    yield 1.0
    (item,) = canvas.canvases(bpy.context.scene)
    filled = _counts(canvas, item)
    assert filled["moving"] > first["moving"] + 0.2 * SIZE[0] * SIZE[1], filled
    yield from _shot(rig, "painting_sky")
    yield 0.5
    with rig.override():
        bpy.ops.ed.undo()
    yield 1.5
    (item,) = canvas.canvases(bpy.context.scene)
    without = _counts(canvas, item)
    assert without == first, (without, first)
    with rig.override():
        bpy.ops.ed.redo()
    yield 1.5
    (item,) = canvas.canvases(bpy.context.scene)
    kept = _counts(canvas, item)
    assert kept == filled, (kept, filled)

    with rig.override():
        ops.end_painting()
    yield 1.0
    yield from _shot(rig, "painting_done")
    path = Path(rig.arguments["folder"]) / "painted.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    yield 2.0
    (item,) = canvas.canvases(bpy.context.scene)
    assert _counts(canvas, item) == kept, "it is in the file"


def _fill(rig: Rig) -> None:
    """Do what *Start from Sky and Water* does when its answer is there."""
    import numpy as np

    context = bpy.context
    sketch, regions = rig.addon("bridge.sketch"), rig.addon("motion.regions")
    stage = rig.addon("motion.reference").stage_now(context.scene)
    outline = sketch.Outline("sky", np.array(SKY, np.float32))
    regions.add_regions(context.scene, stage, [outline])
    rig.addon("undo_step").push_undo(context, "Start from Sky and Water")


def _shot(rig: Rig, name: str) -> Steps:
    """Take a picture of what is there now: the screen shows the view that was drawn before."""
    for _ in range(2):
        rig.view()[1].tag_redraw()
        yield 0.5
    rig.shot(name)


def _across(rig: Rig, share: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return two places on the screen, on the photo at this share of the view's height."""
    window, _, region = rig.view()
    x, _ = rig.middle()
    top = window.height - region.y - region.height
    y = top + share * region.height
    return (x - 150, y), (x + 150, y)


def _counts(canvas: Any, item: Any) -> dict[str, int]:
    paint = canvas.paint_of(item)
    return {"moving": int(paint.moving.sum()), "standing": int(paint.standing.sum())}


def _painted_colour(item: Any) -> list[float]:
    pixels = item.livescape_motion.mask.pixels[:]
    at = next(index for index in range(3, len(pixels), 4) if pixels[index] > 0.95)
    return [round(value, 2) for value in pixels[at - 3 : at]]
