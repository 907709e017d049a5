"""The artist's annotation: what moves and what stands in a photo, as a labelme JSON file says it.

The unit is the usual one: a hint line of 50 pixels means 1 pixel per frame, both measured in the
annotated image (``demo.py`` of xingyi-li/3d-cinemagraphy, and 3D-MOM after it).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
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
    """

    polygons: tuple[Float32Array, ...]
    hints: Float32Array
    width: int
    height: int
    still: tuple[Float32Array, ...] = ()
    guesses_rest: bool = False

    def resized(self, width: int, height: int) -> Annotation:
        """Return the same drawing on an image of another size; motions scale with it."""
        factor = np.array([width / self.width, height / self.height], dtype=np.float32)
        polygons, still = (
            tuple(polygon * factor for polygon in each) for each in (self.polygons, self.still)
        )
        hints = self.hints * factor
        return Annotation(polygons, hints, width, height, still, self.guesses_rest)

    def within(self, left: float, top: float, right: float, bottom: float) -> Annotation:
        """Return the same drawing on the image without bars, each a share of its sides."""
        corner = np.rint([left * self.width, top * self.height]).astype(np.float32)
        polygons, still = (
            tuple(polygon - corner for polygon in each) for each in (self.polygons, self.still)
        )
        return Annotation(
            polygons,
            self.hints - corner,
            self.width - round(left * self.width) - round(right * self.width),
            self.height - round(top * self.height) - round(bottom * self.height),
            still,
            self.guesses_rest,
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
    image is dropped with a warning. The flag ``guess`` is :attr:`Annotation.guesses_rest`.

    Raises:
        LivescapeError: ``annotation_invalid``; ``annotation_empty`` if there is neither polygon
            nor hint; ``hints_outside`` if every hint starts outside the image.
    """
    values = _parse(data)
    width, height = (_size(values, name) for name in ("imageWidth", "imageHeight"))
    shapes = values.get("shapes")
    if not isinstance(shapes, list) or len(shapes) > MAX_SHAPES:
        raise _invalid("The annotation has no list of shapes, or the list is far too long.")
    polygons, hints, still = [], [], []
    for shape in shapes:
        label = str(shape.get("label", "")) if isinstance(shape, Mapping) else ""
        if label.startswith(MOVES):
            polygons.append(_points(shape, label, least=3, most=100_000))
        elif label.startswith(HINT):
            hints.append(_points(shape, label, least=2, most=2))
        elif label.startswith(STANDS):
            still.append(_points(shape, label, least=3, most=100_000))
    if not polygons and not hints and not still:
        raise LivescapeError(
            "annotation_empty",
            "The annotation has neither a polygon that moves or stands nor a hint line.",
            hint="Label polygons 'motion' or 'still' and two-point lines 'hint'.",
        )
    kept = _inside(hints, width, height)
    flags = values.get("flags")
    guesses_rest = isinstance(flags, Mapping) and flags.get("guess") is True
    return Annotation(tuple(polygons), kept, width, height, tuple(still), guesses_rest)


def write_labelme(annotation: Annotation, image_name: str = "") -> bytes:
    """Return the labelme JSON file that :func:`read_labelme` reads as ``annotation``."""
    shapes = [
        *(_shape(MOVES, "polygon", points) for points in annotation.polygons),
        *(_shape(STANDS, "polygon", points) for points in annotation.still),
        *(_shape(HINT, "line", points) for points in annotation.hints),
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


def _shape(label: str, kind: str, points: Float32Array) -> dict[str, Any]:
    corners = [[round(float(x), 3), round(float(y), 3)] for x, y in points]
    return {"label": label, "points": corners, "group_id": None, "shape_type": kind, "flags": {}}


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


def _inside(hints: list[Float32Array], width: int, height: int) -> Float32Array:
    """Return the hints [n, 2, 2] that start inside the image."""
    kept = [hint for hint in hints if 0 <= hint[0, 0] <= width and 0 <= hint[0, 1] <= height]
    if hints and not kept:
        raise LivescapeError(
            "hints_outside",
            f"All {len(hints)} hints start outside the image of {width} x {height}.",
            hint="Draw them on the photo itself, at its full size.",
        )
    if len(kept) < len(hints):
        LOGGER.warning("%d of %d hints start outside the image", len(hints) - len(kept), len(hints))
    return np.array(kept, dtype=np.float32).reshape(-1, 2, 2)
