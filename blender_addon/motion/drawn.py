"""All that is drawn on a photo: strokes and paint."""

from __future__ import annotations

from collections.abc import Sequence

import bpy

from .canvas import canvases, is_canvas, remove_canvas
from .reference import Stage
from .strokes import hang, is_stroke, remove_stroke, stroke_objects


def is_drawn(item: bpy.types.Object | None) -> bool:
    """Whether an object is a stroke or a painted mask."""
    return is_stroke(item) or is_canvas(item)


def drawn_objects(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Return strokes and painted masks of a scene."""
    return [*stroke_objects(scene), *canvases(scene)]


def hang_all(items: Sequence[bpy.types.Object], stage: Stage) -> int:
    """Put all of them where the photo is seen; return how many were elsewhere."""
    return sum(hang(item, stage) for item in items)


def remove_drawn(item: bpy.types.Object) -> None:
    """Delete a stroke or a painted mask."""
    if is_canvas(item):
        remove_canvas(item)
    else:
        remove_stroke(item)
