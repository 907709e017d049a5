"""Sky and water that move by themselves, as regions to edit."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from livescape_shared.errors import LivescapeError

from ..bridge.sketch import Outline
from .placing import from_pixels
from .properties import MOVES
from .reference import Stage
from .strokes import add_stroke


def add_regions(
    scene: bpy.types.Scene, stage: Stage, outlines: Sequence[Outline]
) -> list[bpy.types.Object]:
    """Add a region for each outline.

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
    return [
        add_stroke(
            scene,
            stage,
            MOVES,
            [from_pixels(each.corners.astype(np.float64) * photo, photo)],
            name=each.name.title(),
        )
        for each in outlines
    ]
