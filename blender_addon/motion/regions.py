"""Sky and water that move by themselves, as regions to edit or as paint."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from livescape_shared.errors import LivescapeError

from ..bridge.sketch import Outline
from .canvas import own_canvas, paint_of, use_paint
from .paint import paint_within
from .placing import from_pixels
from .properties import MOVES
from .reference import Stage
from .strokes import add_stroke, find_stroke


def add_regions(
    scene: bpy.types.Scene, stage: Stage, outlines: Sequence[Outline]
) -> list[bpy.types.Object]:
    """Paint what outlines enclose on the painted mask, if there is one, or add a region for each.

    What is painted already stays over it.

    Args:
        scene: Gets them.
        stage: Where the photo is.
        outlines: In shares of the photo.

    Raises:
        LivescapeError: ``regions_missing`` if there is none.
    """
    if not outlines:
        raise LivescapeError(
            "regions_missing",
            "Neither clouds nor water were found in the photo.",
            hint="Draw a region around what is to move.",
        )
    photo = stage.photo
    found = [from_pixels(each.corners.astype(np.float64) * photo, photo) for each in outlines]
    canvas = own_canvas(scene, photo)
    if canvas is None:
        return [
            find_stroke(scene, stage, MOVES, [corners])
            or add_stroke(scene, stage, MOVES, [corners], name=each.name.title())
            for each, corners in zip(outlines, found, strict=True)
        ]
    paint = paint_of(canvas)
    use_paint(canvas, paint.over(paint_within(found, paint.size)))
    return [canvas]
