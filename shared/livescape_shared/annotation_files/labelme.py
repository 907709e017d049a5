"""labelme's JSON, of its versions 3 to 5 and of programs that write the like."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livescape_shared.annotation import HINT, MOVES, Annotation

from .drawing import MAX_SHAPES, MAX_SIZE, Drawing, image_size, points_of
from .invalid import invalid
from .labels import meaning

Picture = Callable[[bytes], NDArray[np.bool_]]
"""Decodes the picture of a mask; raises ``annotation_invalid``."""

_ROUND: Final = 64
"""Corners of a circle."""

_THIN: Final = ("line", "point")


def is_labelme(values: Any) -> bool:
    """Return whether a value of JSON is labelme's."""
    return isinstance(values, Mapping) and "shapes" in values


def read(
    values: Mapping[str, Any],
    photo: tuple[int, int] | None,
    picture: Picture | None,
    *,
    as_mask: bool,
) -> Annotation:
    """Read a labelme file; see :func:`livescape_shared.annotation_files.kinds.read_annotation`.

    Raises:
        LivescapeError: ``annotation_invalid``, ``annotation_empty`` or ``hints_outside``.
    """
    width, height = image_size(values.get("imageWidth"), values.get("imageHeight"), photo)
    shapes = values.get("shapes")
    if not isinstance(shapes, list) or len(shapes) > MAX_SHAPES:
        raise invalid("The annotation has no list of shapes, or the list is far too long.")
    shapes = [shape for shape in shapes if isinstance(shape, Mapping)]
    drawing = Drawing(width, height, [str(shape.get("label", "")) for shape in shapes])
    meanings = [meaning(label) for label in drawing.labels]
    if as_mask and not any(meanings) and len(set(drawing.labels)) == 1:
        meanings = [MOVES] * len(shapes)
    for shape, label, kind in zip(shapes, drawing.labels, meanings, strict=True):
        if kind == HINT:
            _add_hint(drawing, shape, label)
        elif kind and shape.get("mask") is not None:
            _add_mask(drawing, shape, label, kind, picture)
        elif kind:
            drawing.add_polygon(kind, _outline(shape, label))
    flags = values.get("flags")
    drawing.guesses_rest = isinstance(flags, Mapping) and flags.get("guess") is True
    return drawing.annotation()


def _add_hint(drawing: Drawing, shape: Mapping[str, Any], label: str) -> None:
    points = points_of(shape.get("points"), label, least=2)
    drawing.add_stroke(points, shape.get("group_id"))


def _outline(shape: Mapping[str, Any], label: str) -> NDArray[np.float32]:
    """Return the outline [K, 2] of a shape that encloses something."""
    kind, values = shape.get("shape_type"), shape.get("points")
    if kind in _THIN:
        raise invalid(f"The shape {label[:40]!r} is a {kind}, which covers nothing.")
    if kind == "circle":
        centre, edge = points_of(values, label, least=2, most=2)
        angles = np.linspace(0.0, 2.0 * np.pi, _ROUND, endpoint=False)
        around = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        outline = centre + np.linalg.norm(edge - centre) * around
        return np.asarray(outline, dtype=np.float32)
    if kind == "rectangle" and isinstance(values, list) and len(values) == 2:
        (left, top), (right, bottom) = points_of(values, label, least=2, most=2)
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        return np.array(corners, dtype=np.float32)
    return points_of(values, label, least=3)


def _add_mask(
    drawing: Drawing, shape: Mapping[str, Any], label: str, kind: str, picture: Picture | None
) -> None:
    """Add a mask: a PNG in base 64 within the rectangle of two pixels, both included."""
    if picture is None:
        raise invalid(f"The shape {label[:40]!r} is a mask, which has no outline to draw.")
    corners = points_of(shape.get("points"), label, least=2, most=2)
    if np.abs(corners).max() > MAX_SIZE:
        raise invalid(f"The mask of shape {label[:40]!r} is not near the image.")
    text = shape.get("mask")
    try:
        data = base64.b64decode(text if isinstance(text, str) else b"", validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid(f"The mask of shape {label[:40]!r} is not a picture.") from error
    left, top = (int(value) for value in np.rint(corners.min(axis=0)))
    drawing.add_pixels(kind, left, top, picture(data))
