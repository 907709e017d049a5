"""What an artist has drawn on a photo: what moves, what stands, where it flows to.

It is written as a labelme JSON file.

The unit is the usual one: a hint line of 50 pixels means 1 pixel per frame, both measured in the
annotated image (``demo.py`` of xingyi-li/3d-cinemagraphy, and 3D-MOM after it).
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.bitmap import bitmap_png

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

FRAMES_PER_DRAG = 50.0
"""Length of a hint line divided by this is the motion in pixels per frame."""

MOVES, STANDS, HINT = "motion", "still", "hint"
"""What the labels of shapes begin with."""


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
        moving: [h, w] what moves besides the polygons; of any size of this shape, if given.
        standing: [h, w] what stands besides the polygons, if given.
        segments: [h, w] numbers of the parts of the picture of which nobody says whether they
            move, 0 for none; if given.
        is_labelled: Whether labels say what moves or stands, and it is not told by place alone.
    """

    polygons: tuple[Float32Array, ...]
    hints: Float32Array
    width: int
    height: int
    still: tuple[Float32Array, ...] = ()
    guesses_rest: bool = False
    groups: NDArray[np.int32] | None = None
    moving: Mask | None = None
    standing: Mask | None = None
    segments: NDArray[np.uint16] | None = None
    is_labelled: bool = False

    @property
    def says_what_moves(self) -> bool:
        """Whether regions that move are drawn."""
        return bool(self.polygons) or self.moving is not None

    @property
    def says_what_stands(self) -> bool:
        """Whether regions that stand are drawn."""
        return bool(self.still) or self.standing is not None

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

        def cropped(values: Any) -> Any:
            if values is None:
                return None
            height, width = values.shape
            rows = slice(round(top * height), height - round(bottom * height))
            return values[rows, round(left * width) : width - round(right * width)]

        return replace(
            self,
            polygons=tuple(polygon - corner for polygon in self.polygons),
            hints=self.hints - corner,
            width=max(1, self.width - round(left * self.width) - round(right * self.width)),
            height=max(1, self.height - round(top * self.height) - round(bottom * self.height)),
            still=tuple(polygon - corner for polygon in self.still),
            moving=cropped(self.moving),
            standing=cropped(self.standing),
            segments=cropped(self.segments),
        )

    @property
    def starts(self) -> Float32Array:
        """[n, 2] position of every hint."""
        return self.hints[:, 0]

    @property
    def motions(self) -> Float32Array:
        """[n, 2] motion of every hint in pixels per frame of this image size."""
        return (self.hints[:, 1] - self.hints[:, 0]) / np.float32(FRAMES_PER_DRAG)


def write_labelme(annotation: Annotation, image_name: str = "") -> bytes:
    """Return the labelme JSON file that says the same, less segments."""
    alone: list[int | None] = [None] * len(annotation.hints)
    groups = alone if annotation.groups is None else annotation.groups.tolist()
    shapes = [
        *(_shape(MOVES, "polygon", points) for points in annotation.polygons),
        *(_shape(STANDS, "polygon", points) for points in annotation.still),
        *(
            _shape(HINT, "line", points, group)
            for points, group in zip(annotation.hints, groups, strict=True)
        ),
        *_mask_shapes(annotation),
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


def _mask_shapes(annotation: Annotation) -> list[dict[str, Any]]:
    """Return masks as labelme has them: a picture within a rectangle, both corners included."""
    size = annotation.width, annotation.height
    found = []
    for label, mask in ((MOVES, annotation.moving), (STANDS, annotation.standing)):
        if mask is None:
            continue
        whole = mask_resized(mask, *size)
        rows, columns = (np.flatnonzero(whole.any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            rows = columns = np.zeros(1, np.int64)  # nothing moves, which says something too
        top, bottom, left, right = rows[0], rows[-1], columns[0], columns[-1]
        corners = np.array([[left, top], [right, bottom]], np.float32)
        picture = bitmap_png(whole[top : bottom + 1, left : right + 1])
        shape = _shape(label, "mask", corners)
        found.append({**shape, "mask": base64.b64encode(picture).decode()})
    return found


def mask_resized(mask: Mask, width: int, height: int) -> Mask:
    """Return a mask [h, w] as [height, width], each pixel as the nearest one."""
    if mask.shape == (height, width):
        return mask
    rows = ((np.arange(height) + 0.5) * mask.shape[0] / height).astype(np.intp)
    columns = ((np.arange(width) + 0.5) * mask.shape[1] / width).astype(np.intp)
    return np.asarray(mask[rows[:, None], columns[None]])


def _shape(label: str, kind: str, points: Float32Array, group: int | None = None) -> dict[str, Any]:
    corners = [[round(float(x), 3), round(float(y), 3)] for x, y in points]
    return {"label": label, "points": corners, "group_id": group, "shape_type": kind, "flags": {}}
