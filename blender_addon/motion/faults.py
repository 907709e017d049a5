"""What a drawing cannot mean, in sentences: shown in the panel, and no hindrance to the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from . import shapes
from .annotate import flows, outlines_of
from .paint import Paint
from .placing import to_pixels
from .properties import FLOW, MOVES, STANDS
from .strokes import Stroke

Float64Array = NDArray[np.float64]
Covers = Callable[[Float64Array], NDArray[np.bool_]]
"""Says which points [n, 2], pixels of the photo, a region covers."""

NEAR = 0.05
"""Distance of strokes that speak for the same place, as a share of the photo's long side."""

AGAINST = -0.5
"""Cosine of the angle of two that contradict each other: more than 120 degrees apart."""

MOST_COMPARED = 24
"""Most arrows that are compared with each other."""

PAINTED = "the painted mask"


def faults(
    strokes: Sequence[Stroke], photo: tuple[int, int], paint: Paint | None = None
) -> list[str]:
    """Return sentences about strokes that do not say what they seem to say.

    Args:
        strokes: In the photo's frame.
        photo: Width and height in pixels.
        paint: What is painted on the photo, if anything is.
    """
    found = [text for stroke in strokes if (text := _alone(stroke, photo))]
    arrows = [
        (stroke, points)
        for stroke in strokes
        if stroke.kind == FLOW and len(points := _points_within(stroke, photo))
    ]
    for kind in (STANDS, MOVES):
        regions: list[tuple[str, Covers]] = [
            (stroke.name, partial(_covered, outlines))
            for stroke in strokes
            if stroke.kind == kind and (outlines := outlines_of(stroke, photo))
        ]
        if paint is not None and (paint.moving if kind == MOVES else paint.standing).any():
            regions.append((PAINTED, partial(paint.says, kind, photo=photo)))
        found += _misplaced(arrows, regions, kind)
    return found + _contradictions([arrow for arrow, _ in arrows], photo)


def _alone(stroke: Stroke, photo: tuple[int, int]) -> str:
    """Return what is wrong with a stroke by itself, empty if nothing."""
    if not any(len(part) for part in stroke.parts):
        return f"{stroke.name} has no points in front of the camera and says nothing."
    points = np.concatenate([to_pixels(part, photo) for part in stroke.parts])
    in_photo = ((points >= 0) & (points <= photo)).all(axis=1)
    if stroke.is_region:
        if outlines_of(stroke, photo):
            return ""
        if any(len(part) > 2 for part in stroke.parts) and not in_photo.any():
            return f"{stroke.name} lies outside the photo and is not used."
        return f"{stroke.name} encloses nothing and is not used."
    if not flows(stroke):
        return f"{stroke.name} is too short to have a direction and is not used."
    if not in_photo.any():
        return f"{stroke.name} lies outside the photo and is not used."
    if in_photo.mean() < 0.75:
        return f"{stroke.name} leads out of the photo; only what lies within is used."
    return ""


def _covered(outlines: Sequence[Float64Array], points: Float64Array) -> NDArray[np.bool_]:
    return np.asarray(np.any([shapes.inside(each, points) for each in outlines], axis=0))


def _points_within(stroke: Stroke, photo: tuple[int, int]) -> Float64Array:
    """Return the points [n, 2] of an arrow that lie in the photo, in pixels."""
    parts = [to_pixels(part, photo) for part in flows(stroke)]
    points = np.concatenate([np.zeros((0, 2)), *parts])
    return points[((points >= 0) & (points <= photo)).all(axis=1)]


def _misplaced(
    arrows: Sequence[tuple[Stroke, Float64Array]],
    regions: Sequence[tuple[str, Covers]],
    kind: str,
) -> list[str]:
    found = []
    for arrow, points in arrows:
        shares = {name: float(covers(points).mean()) for name, covers in regions}
        name, share = max(shares.items(), key=lambda pair: pair[1], default=("", 0.0))
        if kind == STANDS and share > 0.5:
            found.append(f"{arrow.name} lies in {name}, which stands; it moves nothing there.")
        elif kind == MOVES and regions and share == 0.0:
            found.append(f"{arrow.name} lies in no region that moves; it moves nothing there.")
    return found


def _contradictions(arrows: Sequence[Stroke], photo: tuple[int, int]) -> list[str]:
    reach = NEAR * max(photo)
    ways = []
    for arrow in arrows[:MOST_COMPARED]:
        parts = [shapes.along(to_pixels(part, photo), reach / 2, 24) for part in flows(arrow)]
        places, leads = (np.concatenate([part[index] for part in parts]) for index in (0, 1))
        ways.append((arrow.name, places, leads))
    found = []
    for (one, here, this), (other, there, that) in combinations(ways, 2):
        near = np.linalg.norm(here[:, None] - there[None], axis=-1) < reach
        if (near & (this @ that.T < AGAINST)).any():
            found.append(
                f"{one} and {other} point against each other; between them the motion turns and "
                "slows down."
            )
    return found
