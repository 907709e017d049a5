"""How far a hint is felt: distances to it, in reaches, and what each counts at each pixel."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

TURN = np.radians(20.0)
"""Angle between two parts of a surface at which motion along one says little of the other: falling
water and its pool are nearly at right angles, reaches of one water within a few degrees; normals of
estimated depth are off by some ten."""

Window = tuple[slice, slice]
"""Rows and columns."""


def default_reach(mask: NDArray[np.floating], count: int) -> float:
    """Return the spacing in pixels of ``count`` hints spread evenly over a mask."""
    return float(max((float(mask.sum()) / max(count, 1)) ** 0.5, 1.0))


def pixel_at(point: NDArray[np.floating], width: int, height: int) -> tuple[int, int]:
    """Return column and row of the pixel that a point lies on or nearest to."""
    return int(np.clip(point[0], 0, width - 1)), int(np.clip(point[1], 0, height - 1))


def whole(shape: tuple[int, ...]) -> Window:
    """Return the window that is a whole picture [H, W]."""
    return slice(0, shape[0]), slice(0, shape[1])


def apart_from(hint: NDArray[np.floating], window: Window, reach: float) -> NDArray[np.floating]:
    """Return the squared distance of every pixel of a window to a hint, in reaches."""
    rows, columns = window
    x = (np.arange(columns.start, columns.stop) + 0.5 - hint[0]) / reach
    y = (np.arange(rows.start, rows.stop) + 0.5 - hint[1]) / reach
    apart: NDArray[np.floating] = y[:, None] ** 2 + x[None] ** 2
    return apart


def distance(
    hint: NDArray[np.floating],
    window: Window,
    reach: float,
    normals: NDArray[np.floating] | None,
) -> NDArray[np.floating]:
    """Return as :func:`apart_from`, and more where the surface is inclined against the hint's.

    Args:
        hint: Its place in pixels.
        window: Rows and columns.
        reach: In pixels.
        normals: [H, W, 3] of the whole picture, if known.
    """
    apart = apart_from(hint, window, reach)
    if normals is None:
        return apart
    column, row = pixel_at(hint, *normals.shape[1::-1])
    turned = np.arccos(np.clip(normals[window] @ normals[row, column], -1.0, 1.0)) / TURN
    return np.asarray(apart + turned**2)


def hint_weights(
    hints: NDArray[np.floating],
    shape: tuple[int, ...],
    reach: float,
    normals: NDArray[np.floating] | None = None,
) -> Iterator[NDArray[np.floating]]:
    """Yield [H, W] how much each hint counts, 1 where it is the nearest.

    Args:
        hints: [n, 2] positions in pixels.
        shape: [H, W].
        reach: In pixels.
        normals: [H, W, 3], if known.
    """
    picture = whole(shape)
    nearest = np.full(shape, np.inf)
    for hint in hints:
        np.minimum(nearest, distance(hint, picture, reach, normals), out=nearest)
    for hint in hints:
        yield np.exp(nearest - distance(hint, picture, reach, normals))


def spread(
    hints: NDArray[np.floating],
    motions: NDArray[np.floating],
    shape: tuple[int, ...],
    reach: float,
    normals: NDArray[np.floating] | None = None,
) -> NDArray[np.floating]:
    """Return [H, W, C] the mean of the motions [n, C], by :func:`hint_weights`."""
    field = np.zeros((*shape, motions.shape[1]))
    total = np.zeros((*shape, 1))
    for weight, motion in zip(hint_weights(hints, shape, reach, normals), motions, strict=True):
        field += weight[..., None] * motion
        total += weight[..., None]
    return field / total
