"""From strokes to the annotation that the backend takes, and back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from livescape_shared.annotation import FRAMES_PER_DRAG, Annotation
from livescape_shared.errors import LivescapeError

from . import shapes
from .paint import Paint
from .placing import from_pixels, have_one_shape, to_pixels
from .properties import FLOW, MOVES, STANDS
from .strokes import Stroke

Float64Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SPACING = 0.02
"""Distance of the hints along a stroke, as a share of the photo's long side."""

MOST_HINTS = 24
"""Most hints along one stroke."""

REGION_HINTS = 9
"""Most hints in a region that has one direction."""

SHORTEST = 0.004
"""Length of a stroke below which it has no direction, as a share of the photo's long side."""

SMALLEST = 1e-5
"""Area of a region below which it encloses nothing, as a share of the photo's."""


def annotation_of(
    strokes: Sequence[Stroke], photo: tuple[int, int], fps: float, paint: Paint | None = None
) -> Annotation | None:
    """Return what is drawn, in pixels of the photo; None if it says nothing.

    A region without an arrow of its own moves as such a region usually does.

    Args:
        strokes: In the photo's frame.
        photo: Width and height in pixels.
        fps: Frames per second of the shot.
        paint: What is painted, if anything is.
    """
    hints = [np.zeros((0, 2, 2))]
    regions: dict[str, list[Float64Array]] = {MOVES: [], STANDS: []}
    for stroke in strokes:
        drag = stroke.speed / 100.0 * max(photo) / fps * FRAMES_PER_DRAG
        if stroke.kind == FLOW:
            hints += [hints_along(part, photo, drag) for part in flows(stroke)]
            continue
        outlines = outlines_of(stroke, photo)
        regions[stroke.kind] += outlines
        if stroke.direction is not None:
            hints += [_one_way(outline, stroke.direction, drag) for outline in outlines]
    lines = np.concatenate(hints)
    groups = np.repeat(np.arange(len(hints), dtype=np.int32), [len(part) for part in hints])
    inside = ((lines[:, 0] >= 0) & (lines[:, 0] <= photo)).all(axis=1)
    kept = np.asarray(lines[inside], dtype=np.float32)
    moves, stands = (tuple(each.astype(np.float32) for each in regions[kind]) for kind in regions)
    moving, standing = _masks(paint)
    if not (len(kept) or moves or stands) and moving is None and standing is None:
        return None
    return Annotation(
        moves, kept, *photo, stands, True, groups[inside], moving=moving, standing=standing
    )


def _masks(paint: Paint | None) -> tuple[Mask | None, Mask | None]:
    """Return the masks of what is painted: none where nothing is, so that the rest stays."""
    if paint is None:
        return None, None
    moving, standing = (each if each.any() else None for each in (paint.moving, paint.standing))
    return moving, standing


def flows(stroke: Stroke) -> list[Float64Array]:
    """Return the parts of an arrow that are long enough to have a direction."""
    return [part for part in stroke.parts if len(part) > 1 and shapes.length(part) > SHORTEST]


def outlines_of(stroke: Stroke, photo: tuple[int, int]) -> list[Float64Array]:
    """Return the outlines [n, 2] of a region within the photo, in pixels."""
    cut = [shapes.within(to_pixels(part, photo), *photo) for part in stroke.parts]
    least = SMALLEST * photo[0] * photo[1]
    return [outline for outline in cut if len(outline) > 2 and shapes.area(outline) > least]


def hints_along(part: Float64Array, photo: tuple[int, int], drag: float) -> Float64Array:
    """Return hint lines [k, 2, 2] along a stroke [n, 2] of the photo's frame, ``drag`` pixels long.

    A stroke of two points is a hint line as labelme knows it: it speaks for where it starts.
    """
    pixels = to_pixels(part, photo)
    if len(pixels) == 2:
        way = pixels[1] - pixels[0]
        places, leads = pixels[:1], (way / np.linalg.norm(way))[None]
    else:
        places, leads = shapes.along(pixels, SPACING * max(photo), MOST_HINTS)
    return np.stack([places, places + leads * drag], axis=1)


def strokes_from(annotation: Annotation, photo: tuple[int, int], fps: float) -> list[Stroke]:
    """Return the strokes that say what an annotation says.

    Args:
        annotation: Of the photo at any size.
        photo: Width and height in pixels.
        fps: Frames per second of the shot.

    Raises:
        LivescapeError: ``annotation_invalid`` if it is of a picture of another shape.
    """
    if not have_one_shape((annotation.width, annotation.height), photo):
        raise LivescapeError(
            "annotation_invalid",
            f"The annotation is of a picture of {annotation.width} x {annotation.height} pixels, "
            f"the photo has {photo[0]} x {photo[1]}.",
            hint="Choose the photo that was annotated, without cropping.",
        )
    drawn = annotation.resized(*photo)
    found = [
        Stroke("", kind, (from_pixels(outline.astype(np.float64), photo),), 0.0)
        for kind, outlines in ((MOVES, drawn.polygons), (STANDS, drawn.still))
        for outline in outlines
    ]
    for line in drawn.hints.astype(np.float64):
        speed = float(np.linalg.norm(line[1] - line[0])) / FRAMES_PER_DRAG * fps
        found.append(Stroke("", FLOW, (from_pixels(line, photo),), 100.0 * speed / max(photo)))
    return found


def _one_way(outline: Float64Array, direction: float, drag: float) -> Float64Array:
    places = shapes.places_in(outline, REGION_HINTS)
    way = np.array([np.cos(direction), -np.sin(direction)]) * drag
    return np.stack([places, places + way], axis=1)
