"""Objects of other kinds - curves, Grease Pencil, annotations - as strokes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from .placing import seen_at
from .properties import FLOW, MOVES
from .reference import Stage
from .strokes import add_stroke, find_stroke, is_stroke, spline_points

Float64Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Found:
    name: str
    points: Float64Array
    is_closed: bool


def take_over(
    scene: bpy.types.Scene, stage: Stage, chosen: Iterable[bpy.types.Object]
) -> list[bpy.types.Object]:
    """Add a stroke for all that was drawn otherwise, as the camera sees it now.

    What is closed becomes a region that moves, what is open an arrow. The originals stay.

    Args:
        scene: Gets the strokes; its annotations that lie in space are taken over too.
        stage: Where the photo is.
        chosen: Curves and Grease Pencil objects; others are left alone.
    """
    to_photo = np.array(stage.world.inverted(), dtype=np.float64)
    made = []
    for found in (*_drawn_on(chosen), *_annotations(scene)):
        points = found.points @ to_photo[:3, :3].T + to_photo[:3, 3]
        seen = seen_at(points, stage.eye)
        seen = seen[np.isfinite(seen).all(axis=1)]
        if len(seen) > 1:
            kind = MOVES if found.is_closed and len(seen) > 2 else FLOW
            known = find_stroke(scene, stage, kind, [seen])
            made.append(known or add_stroke(scene, stage, kind, [seen], name=found.name))
    return made


def _drawn_on(chosen: Iterable[bpy.types.Object]) -> Iterator[_Found]:
    for item in chosen:
        if is_stroke(item):
            continue
        if item.type == "CURVE":
            for spline in item.data.splines:  # type: ignore[union-attr]
                yield _found(item, spline_points(spline), is_closed=bool(spline.use_cyclic_u))
        elif item.type in ("GREASEPENCIL", "GPENCIL"):
            for stroke in _grease_pencil(item.data):
                places = [point.position for point in stroke.points]
                yield _found(item, _rows(places), is_closed=bool(stroke.cyclic))


def _grease_pencil(data: Any) -> Iterator[Any]:
    for layer in data.layers:
        frame = layer.current_frame()
        if frame is not None and not layer.hide:
            yield from frame.drawing.strokes


def _annotations(scene: Any) -> Iterator[_Found]:
    """Yield what was annotated in space; Blender 5 calls the property by another name."""
    data = getattr(scene, "annotation", None) or getattr(scene, "grease_pencil", None)
    if scene.tool_settings.annotation_stroke_placement_view3d == "VIEW":
        return  # strokes on the screen itself, whose place nothing tells
    for layer in data.layers if data is not None else ():
        frame = layer.active_frame
        for stroke in frame.strokes if frame is not None and not layer.annotation_hide else ():
            yield _Found("Annotation", _rows([p.co for p in stroke.points]), is_closed=False)


def _found(item: bpy.types.Object, points: Float64Array, *, is_closed: bool) -> _Found:
    matrix = np.array(item.matrix_world, dtype=np.float64)
    return _Found(item.name, points @ matrix[:3, :3].T + matrix[:3, 3], is_closed)


def _rows(places: list[Any]) -> Float64Array:
    return np.array([tuple(place) for place in places], dtype=np.float64).reshape(-1, 3)
