"""A mask is painted with the brush, added to, taken from, undone, saved and opened again."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy as blender
from rig import Rig, Steps

bpy: Any = blender  # its stubs know no add-ons
Counts = dict[str, int]
"""Pixels that are painted, by what they do."""

SIZE = (512, 384)
SKY = [(0.0, 0.0), (1.0, 0.0), (1.0, 0.3), (0.0, 0.3)]
"""Outline in shares of the photo, as a server finds it."""


def run(rig: Rig) -> Steps:
    """Play."""
    yield from rig.empty_shot(frames=24)
    rig.settings.photo = rig.arguments["small"]
    yield from rig.until(lambda: tuple(rig.settings.photo_size) == SIZE, seconds=20.0)
    with rig.override():
        bpy.ops.livescape.match_camera()
        bpy.ops.ed.undo_push(message="Begin")
    first = yield from _what_moves(rig)
    yield from _what_stands(rig, first)
    filled = yield from _the_sky(rig, first)
    with rig.override():
        bpy.ops.livescape.end_painting()
    yield 1.0
    yield from _shot(rig, "painting_done")
    path = Path(rig.arguments["folder"]) / "painted.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    yield 2.0
    assert _counts(rig) == filled, "it is in the file"


def _what_moves(rig: Rig) -> Generator[float, None, Counts]:
    """Paint it; return how many pixels are painted."""
    with rig.override():
        bpy.ops.livescape.paint_mask("INVOKE_DEFAULT", meaning="MOVES")
    yield 2.0
    assert bpy.context.mode == "PAINT_TEXTURE", bpy.context.mode
    rig.facts["brush"] = bpy.context.tool_settings.image_paint.brush.name
    left, right = _across(rig, 0.55)
    rig.draw([left, ((left[0] + right[0]) / 2, left[1]), right])
    yield 1.5
    yield from _shot(rig, "painting_moves")
    first = _counts(rig)
    assert first["moving"] > 500, first
    assert first["standing"] == 0, first
    rig.facts["colour"] = _painted_colour(_canvas(rig))
    return first


def _what_stands(rig: Rig, first: Counts) -> Steps:
    """Paint it, erase it, and take both back."""
    with rig.override():
        bpy.ops.livescape.paint_mask("INVOKE_DEFAULT", meaning="STANDS")
    yield 1.0
    left, right = _across(rig, 0.7)
    rig.draw([left, right])
    yield 1.5
    both = _counts(rig)
    assert both["standing"] > 500, both
    yield from _shot(rig, "painting_stands")

    with rig.override():
        bpy.ops.livescape.paint_mask("INVOKE_DEFAULT", meaning="ERASES")
    yield 1.0
    rig.draw([left, right])
    yield 1.5
    erased = _counts(rig)
    assert erased["standing"] < 0.3 * both["standing"], (erased, both)
    yield from _shot(rig, "painting_erased")
    x, y = rig.middle()
    rig.move(x, y)
    rig.key("ctrl+z")
    yield 1.5
    assert _counts(rig) == both, "a step of undo brings back what was erased"
    rig.key("ctrl+z")
    yield 1.5
    undone = _counts(rig)
    assert undone == first, (undone, first)


def _the_sky(rig: Rig, first: Counts) -> Generator[float, None, Counts]:
    """Fill it, take it back and do it again; return how many pixels are painted."""
    _fill(rig)
    yield 1.0
    filled = _counts(rig)
    assert filled["moving"] > first["moving"] + 0.2 * SIZE[0] * SIZE[1], filled
    yield from _shot(rig, "painting_sky")
    yield 0.5
    with rig.override():
        bpy.ops.ed.undo()
    yield 1.5
    without = _counts(rig)
    assert without == first, (without, first)
    with rig.override():
        bpy.ops.ed.redo()
    yield 1.5
    kept = _counts(rig)
    assert kept == filled, (kept, filled)
    return kept


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


def _canvas(rig: Rig) -> Any:
    """Return what is painted on, which steps of undo exchange."""
    (item,) = rig.addon("motion.canvas").canvases(bpy.context.scene)
    return item


def _counts(rig: Rig) -> Counts:
    paint = rig.addon("motion.canvas").paint_of(_canvas(rig))
    return {"moving": int(paint.moving.sum()), "standing": int(paint.standing.sum())}


def _painted_colour(item: Any) -> list[float]:
    pixels = item.livescape_motion.mask.pixels[:]
    at = next(index for index in range(3, len(pixels), 4) if pixels[index] > 0.95)
    return [round(value, 2) for value in pixels[at - 3 : at]]
