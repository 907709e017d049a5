"""One ``segmentation`` of COCO, SAM and their like: polygons, runs or an array of the picture."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from .drawing import Drawing, points_of
from .invalid import invalid
from .rle import Runs, is_rle, read_rle

_BITS: Final = frozenset((0, 1))


def add_segmentation(drawing: Drawing, kind: str, value: Any, box: Any, label: str) -> None:
    """Add what moves or stands.

    Args:
        drawing: What it is added to.
        kind: A key of :attr:`Drawing.kinds`.
        value: The segmentation.
        box: ``[x, y, width, height]``, which is taken where there is no segmentation.
        label: For what is said if it cannot be read.

    Raises:
        LivescapeError: ``annotation_invalid``.
    """
    if (runs := runs_of(value)) is not None:
        drawing.add_runs(kind, runs)
    elif isinstance(value, list) and value:
        parts = value if isinstance(value[0], list) else [value]
        for part in parts:
            if not isinstance(part, list) or len(part) % 2:
                raise invalid(f"The points of shape {label[:40]!r} are not pairs of numbers.")
            pairs = part if part and isinstance(part[0], list) else _pairs(part)
            drawing.add_polygon(kind, points_of(pairs, label, least=3))
    elif isinstance(box, list) and len(box) == 4:
        (left, top), (width, height) = points_of(_pairs(box), label, least=2, most=2)
        right, bottom = left + width, top + height
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        drawing.add_polygon(kind, np.array(corners, dtype=np.float32))
    else:
        raise invalid(f"The shape {label[:40]!r} has no outline.")


def runs_of(value: Any) -> Runs | None:
    """Return a mask of runs or an array of the whole picture; None for anything else.

    Raises:
        LivescapeError: ``annotation_invalid`` if it is one and cannot be read.
    """
    if is_rle(value):
        return read_rle(value)
    return _of_rows(value) if is_array(value) else None


def is_array(value: Any) -> bool:
    """Return whether a value of JSON is a mask [H, W] of zeros and ones."""
    if not isinstance(value, list) or len(value) < 2 or not isinstance(value[0], list):
        return False
    width = len(value[0])
    if width < 2 or not all(isinstance(row, list) and len(row) == width for row in value):
        return False
    try:
        return all(set(row) <= _BITS for row in value)
    except TypeError:  # lists and maps in it
        return False


def _of_rows(rows: list[list[Any]]) -> Runs:
    height, width = len(rows), len(rows[0])
    flat = np.array(rows, dtype=bool).T.reshape(-1).astype(np.int8)
    edges = np.diff(flat, prepend=0, append=0)
    return Runs(width, height, np.flatnonzero(edges > 0), np.flatnonzero(edges < 0))


def _pairs(values: list[Any]) -> list[list[Any]]:
    return [values[at : at + 2] for at in range(0, len(values), 2)]
