"""The artist's annotation: what moves and what stands in a photo, as a labelme JSON file says it.

The unit is the usual one: a hint line of 50 pixels means 1 pixel per frame, both measured in the
annotated image (``demo.py`` of xingyi-li/3d-cinemagraphy, and 3D-MOM after it).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)

Float32Array = NDArray[np.float32]

FRAMES_PER_DRAG = 50.0
"""Length of a hint line divided by this is the motion in pixels per frame."""

MOVES, STANDS, HINT = "motion", "still", "hint"
"""What the labels of shapes begin with."""

MAX_SIZE = 65_536
MAX_SHAPES = 10_000
_LABEL_SHOWN = 40


@dataclass(frozen=True)
class Annotation:
    """What was drawn on a photo.

    Attributes:
        polygons: Outlines [K, 2] (x, y) of the regions that move, in pixels.
        hints: [n, 2, 2] start and end (x, y) of every hint line, in pixels.
        width: Width of the annotated image in pixels.
        height: Height of the annotated image in pixels.
        still: Outlines [K, 2] of the regions that stand, whatever else says that they move.
        guesses_rest: Whether a region without a hint of its own moves as it would without any, and
            not as the hints of others say.
        groups: [n] number of the stroke that each hint is a part of; None where each is its own.
    """

    polygons: tuple[Float32Array, ...]
    hints: Float32Array
    width: int
    height: int
    still: tuple[Float32Array, ...] = ()
    guesses_rest: bool = False
    groups: NDArray[np.int32] | None = None

    def resized(self, width: int, height: int) -> Annotation:
        """Return the same drawing on an image of another size; motions scale with it."""
        factor = np.array([width / self.width, height / self.height], dtype=np.float32)
        return replace(
            self,
            polygons=tuple(polygon * factor for polygon in self.polygons),
            hints=self.hints * factor,
            width=width,
            height=height,
            still=tuple(polygon * factor for polygon in self.still),
        )

    def within(self, left: float, top: float, right: float, bottom: float) -> Annotation:
        """Return the same drawing on the image without bars, each a share of its sides."""
        corner = np.rint([left * self.width, top * self.height]).astype(np.float32)
        return replace(
            self,
            polygons=tuple(polygon - corner for polygon in self.polygons),
            hints=self.hints - corner,
            width=max(1, self.width - round(left * self.width) - round(right * self.width)),
            height=max(1, self.height - round(top * self.height) - round(bottom * self.height)),
            still=tuple(polygon - corner for polygon in self.still),
        )

    @property
    def starts(self) -> Float32Array:
        """[n, 2] position of every hint."""
        return self.hints[:, 0]

    @property
    def motions(self) -> Float32Array:
        """[n, 2] motion of every hint in pixels per frame of this image size."""
        return (self.hints[:, 1] - self.hints[:, 0]) / np.float32(FRAMES_PER_DRAG)


def read_labelme(data: bytes) -> Annotation:
    """Read a labelme JSON file.

    Shapes whose label starts with ``motion`` are polygons of what moves, with ``still`` of what
    stands, with ``hint`` two-point lines; other labels are ignored. A hint that starts outside the
    image is dropped with a warning. Hints of one ``group_id`` are parts of one stroke. The flag
    ``guess`` is :attr:`Annotation.guesses_rest`.

    Raises:
        LivescapeError: ``annotation_invalid``; ``annotation_empty`` if there is neither polygon
            nor hint; ``hints_outside`` if every hint starts outside the image.
    """
    values = _parse(data)
    width, height = (_size(values, name) for name in ("imageWidth", "imageHeight"))
    shapes = values.get("shapes")
    if not isinstance(shapes, list) or len(shapes) > MAX_SHAPES:
        raise _invalid("The annotation has no list of shapes, or the list is far too long.")
    polygons, hints, still, groups = [], [], [], []
    for shape in shapes:
        label = str(shape.get("label", "")) if isinstance(shape, Mapping) else ""
        if label.startswith(MOVES):
            polygons.append(_points(shape, label, least=3, most=100_000))
        elif label.startswith(HINT):
            hints.append(_points(shape, label, least=2, most=2))
            groups.append(shape.get("group_id"))
        elif label.startswith(STANDS):
            still.append(_points(shape, label, least=3, most=100_000))
    if not polygons and not hints and not still:
        raise LivescapeError(
            "annotation_empty",
            "The annotation has neither a polygon that moves or stands nor a hint line.",
            hint="Label polygons 'motion' or 'still' and two-point lines 'hint'.",
        )
    kept = _inside(hints, width, height)
    lines = np.array(hints, dtype=np.float32).reshape(-1, 2, 2)[kept]
    flags = values.get("flags")
    guesses_rest = isinstance(flags, Mapping) and flags.get("guess") is True
    return Annotation(
        tuple(polygons), lines, width, height, tuple(still), guesses_rest, _groups(groups, kept)
    )


def write_labelme(annotation: Annotation, image_name: str = "") -> bytes:
    """Return the labelme JSON file that :func:`read_labelme` reads as ``annotation``."""
    alone: list[int | None] = [None] * len(annotation.hints)
    groups = alone if annotation.groups is None else annotation.groups.tolist()
    shapes = [
        *(_shape(MOVES, "polygon", points) for points in annotation.polygons),
        *(_shape(STANDS, "polygon", points) for points in annotation.still),
        *(
            _shape(HINT, "line", points, group)
            for points, group in zip(annotation.hints, groups, strict=True)
        ),
    ]
    values = {
        "version": "5.0.1",
        "flags": {"guess": True} if annotation.guesses_rest else {},
        "shapes": shapes,
        "imagePath": image_name,
        "imageData": None,
        "imageHeight": annotation.height,
        "imageWidth": annotation.width,
    }
    return json.dumps(values, indent=1).encode()


def _shape(label: str, kind: str, points: Float32Array, group: int | None = None) -> dict[str, Any]:
    corners = [[round(float(x), 3), round(float(y), 3)] for x, y in points]
    return {"label": label, "points": corners, "group_id": group, "shape_type": kind, "flags": {}}


def _invalid(message: str) -> LivescapeError:
    return LivescapeError(
        "annotation_invalid", message, hint="Save the annotation with labelme as JSON."
    )


def _parse(data: bytes) -> Mapping[str, Any]:
    try:
        values = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _invalid("The annotation is not a JSON file.") from error
    if not isinstance(values, dict):
        raise _invalid("The annotation is not a JSON object.")
    return values


def _size(values: Mapping[str, Any], name: str) -> int:
    size = values.get(name)
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= MAX_SIZE:
        raise _invalid(f"The annotation's {name} is {size!r}, which is not an image size.")
    return size


def _points(shape: Mapping[str, Any], label: str, *, least: int, most: int) -> Float32Array:
    label = label[:_LABEL_SHOWN]
    try:
        with np.errstate(over="ignore"):
            points = np.array(shape.get("points"), dtype=np.float32)
    except (OverflowError, TypeError, ValueError) as error:
        raise _invalid(f"The points of shape {label!r} are not pairs of numbers.") from error
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise _invalid(f"The points of shape {label!r} are not pairs of numbers.")
    if not least <= len(points) <= most or np.abs(points).max() > 4 * MAX_SIZE:
        kind = "polygon of at least 3 points" if least == 3 else "line of 2 points"
        raise _invalid(f"The shape {label!r} is not a {kind} near the image.")
    return points


def _inside(hints: list[Float32Array], width: int, height: int) -> list[int]:
    """Return which hints start inside the image."""
    kept = [
        number
        for number, hint in enumerate(hints)
        if 0 <= hint[0, 0] <= width and 0 <= hint[0, 1] <= height
    ]
    if hints and not kept:
        raise LivescapeError(
            "hints_outside",
            f"All {len(hints)} hints start outside the image of {width} x {height}.",
            hint="Draw them on the photo itself, at its full size.",
        )
    if len(kept) < len(hints):
        LOGGER.warning("%d of %d hints start outside the image", len(hints) - len(kept), len(hints))
    return kept


def _groups(told: list[Any], kept: list[int]) -> NDArray[np.int32] | None:
    """Return the numbers of the strokes of hints; one of its own for each that names none."""
    names = [
        told[number] if isinstance(told[number], int) else f"{number} alone" for number in kept
    ]
    if len(set(names)) == len(names):
        return None
    order = {name: index for index, name in enumerate(dict.fromkeys(names))}
    return np.array([order[name] for name in names], dtype=np.int32)
