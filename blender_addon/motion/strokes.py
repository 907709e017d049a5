"""Strokes: curve objects that hang on the camera and keep their points in the photo's frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Matrix, Vector
from mathutils.geometry import interpolate_bezier
from numpy.typing import NDArray

from .placing import seen_at
from .properties import DEFAULT_SPEED, FLOW, KINDS, MOVES, NONE, said_by
from .reference import Stage

Float64Array = NDArray[np.float64]

COLLECTION = "Livescape Motion"
MARK = "livescape_motion_strokes"
"""Custom property of the collection that strokes are put into; its name may change."""

SAME = 1e-4
"""As a share of the photo's long side: more than single precision rounds off."""

MOST_POINTS = 20_000
"""Points of a stroke beyond which those between are left out."""


@dataclass(frozen=True)
class Stroke:
    """A stroke as it is read.

    Attributes:
        name: Of its object.
        kind: ``FLOW``, ``MOVES`` or ``STANDS``.
        parts: Points [n, 2] of each spline in the photo's frame.
        speed: Percent of the photo's long side in a second.
        direction: Angle in radians, None where none is set.
    """

    name: str
    kind: str
    parts: tuple[Float64Array, ...]
    speed: float
    direction: float | None = None

    @property
    def is_region(self) -> bool:
        """Whether it encloses something."""
        return self.kind != FLOW


def is_stroke(item: bpy.types.Object | None) -> bool:
    """Whether an object is one of ours."""
    return item is not None and item.type == "CURVE" and said_by(item).kind != NONE


def is_own(block: bpy.types.ID) -> bool:
    """Whether a data-block can be changed: it is neither linked nor an override."""
    return block.library is None and block.override_library is None


def stroke_objects(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Return the strokes of a scene, wherever in it they were put."""
    return [item for item in scene.objects if is_stroke(item)]


def read_strokes(scene: bpy.types.Scene, stage: Stage | None) -> list[Stroke]:
    """Return what the strokes of a scene say.

    Args:
        scene: Whose strokes.
        stage: Where the photo is; None if there is no camera, which strokes can do without.
    """
    return [read_stroke(item, stage) for item in stroke_objects(scene)]


def read_stroke(item: bpy.types.Object, stage: Stage | None) -> Stroke:
    """Return what one stroke says, moved and edited as it is now."""
    said = said_by(item)
    to_photo = _to_photo(item, stage)
    curve = item.data
    assert isinstance(curve, bpy.types.Curve)
    parts = [spline_points(spline) for spline in curve.splines]
    if stage is None:
        placed = [_apply(to_photo, part)[:, :2] for part in parts]
    else:
        placed = [seen_at(_apply(to_photo, part), stage.eye) for part in parts]
    kept = tuple(part[np.isfinite(part).all(axis=1)] for part in placed)
    direction = said.direction if said.has_direction and said.kind == MOVES else None
    return Stroke(item.name, said.kind, kept, said.speed, direction)


def add_stroke(
    scene: bpy.types.Scene,
    stage: Stage,
    kind: str,
    parts: Sequence[Float64Array],
    *,
    name: str = "",
    speed: float = DEFAULT_SPEED,
) -> bpy.types.Object:
    """Add a stroke to a scene and return its object.

    Args:
        scene: Gets it.
        stage: Where the photo is.
        kind: What it says.
        parts: Points [n, 2] in the photo's frame.
        name: Of the object; by default that of its kind.
        speed: Percent of the photo's long side in a second.
    """
    label = name or next(text for each, text, *_ in KINDS if each == kind)
    curve = bpy.data.curves.new(label, "CURVE")
    curve.dimensions = "3D"
    for part in parts:
        spline = curve.splines.new("POLY")
        spline.points.add(len(part) - 1)
        padded = np.column_stack([part, np.zeros(len(part)), np.ones(len(part))])
        spline.points.foreach_set("co", padded.astype(np.float32).ravel())
        spline.use_cyclic_u = kind != FLOW
    item = bpy.data.objects.new(label, curve)
    item.hide_render = True
    item.show_in_front = True
    said = said_by(item)
    said.kind, said.speed = kind, speed
    collection_of(scene).objects.link(item)
    hang(item, stage)
    return item


def find_stroke(
    scene: bpy.types.Scene, stage: Stage, kind: str, parts: Sequence[Float64Array]
) -> bpy.types.Object | None:
    """Return the stroke that says the same in the same place, None if there is none.

    One that is found twice, or read from a file twice, is not to be there twice.

    Args:
        scene: Whose strokes.
        stage: Where the photo is.
        kind: What it says.
        parts: Points [n, 2] in the photo's frame.
    """
    for item in filter(is_own, stroke_objects(scene)):
        found = read_stroke(item, stage)
        is_alike = found.kind == kind and len(found.parts) == len(parts)
        if is_alike and all(map(_are_same, found.parts, parts)):
            return item
    return None


def _are_same(one: Float64Array, other: Float64Array) -> bool:
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=0.0, atol=SAME))


def remove_stroke(item: bpy.types.Object) -> None:
    """Delete a stroke, and its curve if no other uses it."""
    curve = item.data
    bpy.data.objects.remove(item)
    if isinstance(curve, bpy.types.Curve) and curve.users == 0:
        bpy.data.curves.remove(curve)


def hang(item: bpy.types.Object, stage: Stage) -> bool:
    """Put a stroke where the photo is seen; return whether it was elsewhere.

    Where the artist has moved it within the photo, it stays moved.
    """
    if not is_own(item):
        return False
    hung = stage.hung
    is_there = item.parent == stage.camera and np.allclose(
        np.array(item.matrix_parent_inverse), np.array(hung), rtol=1e-5, atol=1e-7
    )
    if is_there:
        return False
    item.parent = stage.camera
    item.parent_type = "OBJECT"
    item.matrix_parent_inverse = hung
    return True


def collection_of(scene: bpy.types.Scene) -> bpy.types.Collection:
    """Return the scene's own collection of what is drawn, made if there is none."""
    for child in scene.collection.children_recursive:
        if child.get(MARK) and is_own(child):
            return child
    made = bpy.data.collections.new(COLLECTION)
    made[MARK] = True
    scene.collection.children.link(made)
    return made


def _to_photo(item: bpy.types.Object, stage: Stage | None) -> Matrix:
    """Return the matrix from a stroke's own axes to the photo's frame.

    One that hangs on a camera, or on nothing because that camera was deleted, is in the photo's
    frame already.
    """
    parent = item.parent
    if stage is None or parent is None or parent.type == "CAMERA":
        return item.matrix_basis
    return stage.world.inverted() @ item.matrix_world


def spline_points(spline: bpy.types.Spline) -> Float64Array:
    """Return the points [n, 3] of a spline as it is drawn."""
    if spline.type == "BEZIER":
        points = _bezier_points(spline)
    else:
        flat = np.empty(4 * len(spline.points), np.float32)
        spline.points.foreach_get("co", flat)
        points = flat.reshape(-1, 4)[:, :3].astype(np.float64)
    return points[:: 1 + len(points) // MOST_POINTS]


def _bezier_points(spline: bpy.types.Spline) -> Float64Array:
    corners = list(spline.bezier_points)
    ends = corners[1:] + (corners[:1] if spline.use_cyclic_u else [])
    points: list[Vector] = [corners[0].co] if corners else []
    for one, other in zip(corners, ends, strict=False):
        count = max(spline.resolution_u, 1) + 1
        way = interpolate_bezier(one.co, one.handle_right, other.handle_left, other.co, count)
        points.extend(way[1:])
    return np.array(points, dtype=np.float64).reshape(-1, 3)


def _apply(matrix: Matrix, points: Float64Array) -> Float64Array:
    values = np.array(matrix, dtype=np.float64)
    return np.asarray(points @ values[:3, :3].T + values[:3, 3])
