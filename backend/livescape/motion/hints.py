"""The artist's annotation: motion polygons and hint lines of a labelme JSON file.

The unit is the usual one: a hint line of 50 pixels means 1 pixel per frame, both measured in the
annotated image (``demo.py`` of xingyi-li/3d-cinemagraphy, and 3D-MOM after it).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)

Float32Array = NDArray[np.float32]

FRAMES_PER_DRAG = 50.0
"""Length of a hint line divided by this is the motion in pixels per frame."""

TURN = np.radians(20.0)
"""Angle between two parts of a surface at which motion along one says little of the other: falling
water and its pool are nearly at right angles, reaches of one water within a few degrees; normals of
estimated depth are off by some ten."""

MAX_SIZE = 65_536
MAX_SHAPES = 10_000
_SUPERSAMPLED_LIMIT = 16_384
_LABEL_SHOWN = 40


@dataclass(frozen=True)
class Annotation:
    """What was drawn on a photo.

    Attributes:
        polygons: Outlines [K, 2] (x, y) of the regions that move, in pixels.
        hints: [n, 2, 2] start and end (x, y) of every hint line, in pixels.
        width: Width of the annotated image in pixels.
        height: Height of the annotated image in pixels.
    """

    polygons: tuple[Float32Array, ...]
    hints: Float32Array
    width: int
    height: int

    def resized(self, width: int, height: int) -> Annotation:
        """Return the same drawing on an image of another size; motions scale with it."""
        factor = np.array([width / self.width, height / self.height], dtype=np.float32)
        polygons = tuple(polygon * factor for polygon in self.polygons)
        return Annotation(polygons, self.hints * factor, width, height)

    def within(self, left: float, top: float, right: float, bottom: float) -> Annotation:
        """Return the same drawing on the image without bars, each a share of its sides."""
        corner = np.rint([left * self.width, top * self.height]).astype(np.float32)
        return Annotation(
            tuple(polygon - corner for polygon in self.polygons),
            self.hints - corner,
            self.width - round(left * self.width) - round(right * self.width),
            self.height - round(top * self.height) - round(bottom * self.height),
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

    Shapes whose label starts with ``motion`` are polygons, with ``hint`` two-point lines; other
    labels are ignored. A hint that starts outside the image is dropped with a warning.

    Raises:
        LivescapeError: ``annotation_invalid``; ``annotation_empty`` if there is neither polygon
            nor hint; ``hints_outside`` if every hint starts outside the image.
    """
    values = _parse(data)
    width, height = (_size(values, name) for name in ("imageWidth", "imageHeight"))
    shapes = values.get("shapes")
    if not isinstance(shapes, list) or len(shapes) > MAX_SHAPES:
        raise _invalid("The annotation has no list of shapes, or the list is far too long.")
    polygons, hints = [], []
    for shape in shapes:
        label = str(shape.get("label", "")) if isinstance(shape, Mapping) else ""
        if label.startswith("motion"):
            polygons.append(_points(shape, label, least=3, most=100_000))
        elif label.startswith("hint"):
            hints.append(_points(shape, label, least=2, most=2))
    if not polygons and not hints:
        raise LivescapeError(
            "annotation_empty",
            "The annotation has neither a motion polygon nor a hint line.",
            hint="Label polygons 'motion' and two-point lines 'hint'.",
        )
    kept = _inside(hints, width, height)
    return Annotation(tuple(polygons), kept, width, height)


def annotation_mask(annotation: Annotation, width: int, height: int) -> Float32Array:
    """Draw the motion polygons at the given size, antialiased.

    Returns:
        [height, width] in 0..1.
    """
    scale = max(1, min(4, _SUPERSAMPLED_LIMIT // max(width, height)))
    canvas = np.zeros((height * scale, width * scale), np.uint8)
    for polygon in annotation.resized(width * scale, height * scale).polygons:
        # Pixel centres lie at +0.5 here and at whole numbers in OpenCV.
        vertices = np.rint((polygon - 0.5) * 16).clip(-(2**30), 2**30).astype(np.int32)
        cv2.fillPoly(canvas, [vertices], 255, shift=4)
    mask = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(mask, dtype=np.float32) / np.float32(255)


def densify_hints(
    hints: NDArray[np.floating],
    motions: NDArray[np.floating],
    mask: NDArray[np.floating],
    sigma: float | None = None,
    normals: NDArray[np.floating] | None = None,
) -> Float32Array:
    """Spread sparse motions over a mask: sum_k w_k m_k / sum_k w_k, w_k = exp(-(d_k / sigma)^2).

    The field draws sigma at random from [H / 2n, 2 H / n), which leaves visible seams between
    hints of a wide image; the default here is the spacing of n hints spread evenly over the mask.
    The weights are normalised in the logarithm, so that pixels far from every hint follow the
    nearest one instead of 0 / 0.

    Args:
        hints: [n, 2] positions in pixels.
        motions: [n, C] of any unit, such as pixels per frame.
        mask: [H, W]; the result is multiplied by it.
        sigma: Reach of a hint in pixels.
        normals: [H, W, 3] unit normals of the surface, if known: what is inclined against the place
            of a hint by :data:`TURN` is as far from it as its reach.

    Returns:
        [H, W, C] in the unit of the motions.
    """
    height, width = mask.shape
    if len(hints) != len(motions):
        raise ValueError(f"{len(hints)} hints but {len(motions)} motions")
    if len(hints) == 0:
        return np.zeros((height, width, motions.shape[1]), np.float32)
    reach = sigma if sigma is not None else max((float(mask.sum()) / len(hints)) ** 0.5, 1.0)
    x = np.arange(width) + 0.5
    y = np.arange(height) + 0.5

    def distance(hint: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return the squared distance [H, W] of every pixel to a hint, in reaches."""
        apart: NDArray[np.floating] = ((y[:, None] - hint[1]) / reach) ** 2 + (
            (x[None] - hint[0]) / reach
        ) ** 2
        if normals is None:
            return apart
        column, row = _pixel(hint, width, height)
        turned = np.arccos(np.clip(normals @ normals[row, column], -1.0, 1.0)) / TURN
        return np.asarray(apart + turned**2)

    nearest = np.full((height, width), np.inf)
    for hint in hints:
        np.minimum(nearest, distance(hint), out=nearest)
    weighted = np.zeros((height, width, motions.shape[1]))
    total = np.zeros((height, width, 1))
    for hint, motion in zip(hints, motions, strict=True):
        weight = np.exp(nearest - distance(hint))[..., None]
        weighted += weight * motion
        total += weight
    return np.asarray(weighted / total * mask[..., None], dtype=np.float32)


def densify_by_region(
    hints: NDArray[np.floating],
    motions: NDArray[np.floating],
    mask: NDArray[np.floating],
    surfaces: NDArray[np.integer] | None = None,
    normals: NDArray[np.floating] | None = None,
) -> Float32Array:
    """Spread sparse motions as :func:`densify_hints` does, each connected region by itself.

    A region that has hints of its own ignores all others; one that has none follows them all.

    Args:
        hints: [n, 2] positions in pixels.
        motions: [n, C].
        mask: [H, W] in 0..1.
        surfaces: [H, W] number of the surface that each pixel of the mask lies on, 0 for none. One
            that has hints of its own ignores others of the same region, too.
        normals: [H, W, 3] as for :func:`densify_hints`.
    """
    field = densify_hints(hints, motions, mask, normals=normals)
    _, regions = cv2.connectedComponents((mask > 0).astype(np.uint8))
    for labels in (regions, *(() if surfaces is None else (surfaces,))):
        home = np.array([labels[_pixel(hint, *mask.shape[::-1])[::-1]] for hint in hints])
        for label in np.unique(home[home > 0]):
            own = home == label
            if not own.all():
                part = mask * (labels == label)
                local = densify_hints(hints[own], motions[own], part, normals=normals)
                field = np.where((labels == label)[..., None], local, field)
    return field


def _pixel(point: NDArray[np.floating], width: int, height: int) -> tuple[int, int]:
    """Return column and row of the pixel that a point lies on or nearest to."""
    return int(np.clip(point[0], 0, width - 1)), int(np.clip(point[1], 0, height - 1))


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
