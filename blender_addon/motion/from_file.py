"""What an annotation in a file says, drawn in a scene: once, however often the file is read."""

from __future__ import annotations

import bpy

from livescape_shared.annotation import Annotation

from .annotate import strokes_from
from .canvas import add_canvas, canvas_size, own_canvas, paint_of, use_paint
from .paint import Paint, paint_from
from .properties import said_by
from .reference import Stage
from .strokes import add_stroke, find_stroke


def add_annotation(
    scene: bpy.types.Scene, stage: Stage, annotation: Annotation, fps: float
) -> list[bpy.types.Object]:
    """Draw what an annotation says and return the objects that say it.

    A stroke that is there already gets the speed that the annotation has; what is painted already
    stays beneath.

    Args:
        scene: Gets the strokes and the paint.
        stage: Where the photo is.
        annotation: Of the photo at any size.
        fps: Frames per second of the shot.

    Raises:
        LivescapeError: ``annotation_invalid`` if it is of a picture of another shape.
    """
    made = []
    for stroke in strokes_from(annotation, stage.photo, fps):
        item = find_stroke(scene, stage, stroke.kind, stroke.parts)
        if item is None:
            item = add_stroke(scene, stage, stroke.kind, stroke.parts, speed=stroke.speed)
        else:
            said_by(item).speed = stroke.speed
        made.append(item)
    paint = paint_from(annotation)
    if paint is not None:
        made.append(_painted(scene, stage, paint))
    return made


def _painted(scene: bpy.types.Scene, stage: Stage, paint: Paint) -> bpy.types.Object:
    """Paint on the mask of the photo, which is made if there is none."""
    canvas = own_canvas(scene, stage.photo) or add_canvas(scene, stage)
    before = paint_of(canvas)
    use_paint(canvas, paint.resized(canvas_size(stage.photo)).over(before))
    return canvas
