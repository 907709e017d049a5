"""Thousands of hints, which a path file of another program may have, in seconds.

A hint is felt within a few reaches, and the more hints there are, the shorter are these: so each is
computed in a window of its own, and all windows together are so many pixels whatever the number of
hints. The results are those of :mod:`livescape.motion.hint_reach` and of
:func:`livescape.motion.hints.through_hints`, as far as hints are not nearly on top of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.motion.hint_reach import Window, distance, spread

MANY = 256
"""Hints from which on these ways are taken."""

FELT = 5.0
"""Reaches beyond which a hint is not looked at."""

SURE = FELT**2 - 16.0
"""Squared distance of the nearest hint up to which no other that counts, by e^-16 of it, is beyond
that."""

LINKED = 3.2
"""Reaches beyond which two hints are not alike: by e^-10."""

FAR_WORK = 5e7
"""Hints times pixels that are computed for what is far from all hints."""

DENSE = 2000
"""Equations that are solved at once."""

EXACT, MOST_STEPS = 1e-4, 500

FloatArray = NDArray[np.floating]


def thinned(hints: FloatArray, motions: FloatArray, size: float) -> tuple[FloatArray, FloatArray]:
    """Return hints [n, 2] and motions [n, C] of which each square of ``size`` pixels has one.

    It is where those of the square are on average, and moves as they do.
    """
    squares = np.floor(np.asarray(hints) / size).astype(np.int64)
    _, square, count = np.unique(squares, axis=0, return_inverse=True, return_counts=True)
    both = np.concatenate([hints, motions], axis=1).astype(np.float64)
    sums = np.zeros((len(count), both.shape[1]))
    np.add.at(sums, square.reshape(-1), both)
    means = sums / count[:, None]
    return means[:, :2], means[:, 2:]


def window_around(hint: FloatArray, shape: tuple[int, ...], radius: float) -> Window:
    """Return the pixels within ``radius`` of a hint along either axis; none if it is far away."""
    (left, top), (right, bottom) = np.floor(hint - radius), np.ceil(hint + radius)
    rows = np.clip([top, bottom], 0, shape[0]).astype(int)
    columns = np.clip([left, right], 0, shape[1]).astype(int)
    return slice(int(rows[0]), int(rows[1])), slice(int(columns[0]), int(columns[1]))


def spread_many(
    hints: FloatArray,
    motions: FloatArray,
    shape: tuple[int, ...],
    reach: float,
    normals: FloatArray | None = None,
    needed: NDArray[np.bool_] | None = None,
) -> FloatArray:
    """Return as :func:`livescape.motion.hint_reach.spread`, where that is ``needed`` [H, W].

    What is far from all hints is computed coarsely: they say little of how anything moves there.
    """
    nearest = np.full(shape, np.inf)
    windows = [window_around(hint, shape, FELT * reach) for hint in hints]
    for hint, window in zip(hints, windows, strict=True):
        here = nearest[window]
        np.minimum(here, distance(hint, window, reach, normals), out=here)
    field = np.zeros((*shape, motions.shape[1]))
    total = np.zeros((*shape, 1))
    for hint, window, motion in zip(hints, windows, motions, strict=True):
        weight = np.exp(nearest[window] - distance(hint, window, reach, normals))[..., None]
        field[window] += weight * motion
        total[window] += weight
    near = nearest <= SURE
    field[near] /= total[near]
    field[~near] = 0.0
    far = ~near if needed is None else ~near & needed
    if far.any():
        field[far] = _coarse(hints, motions, shape, reach, normals)[far]
    return field


def _coarse(
    hints: FloatArray,
    motions: FloatArray,
    shape: tuple[int, ...],
    reach: float,
    normals: FloatArray | None,
) -> FloatArray:
    """Return the spread field [H, W, C] as computed for pixels that are larger."""
    height, width = shape
    step = max(1, int(np.ceil((len(hints) * height * width / FAR_WORK) ** 0.5)))
    rows, columns = -(-height // step), -(-width // step)
    scale = np.array([columns / width, rows / height])
    small = None
    if normals is not None:
        at_rows = ((np.arange(rows) + 0.5) / scale[1]).astype(int)
        at_columns = ((np.arange(columns) + 0.5) / scale[0]).astype(int)
        small = normals[at_rows[:, None], at_columns]
    found = spread(hints * scale, motions, (rows, columns), reach * float(scale[0]), small)
    channels = [cv2.resize(each, (width, height)) for each in np.moveaxis(found, -1, 0)]
    return np.stack(channels, axis=-1)


def parts_of_many(
    hints: FloatArray, features: FloatArray, missed: FloatArray, tolerance: float
) -> FloatArray:
    """Return [n, C] what each hint adds so that all together make what was ``missed``.

    Args:
        hints: [n, 2] places in reaches.
        features: [n, F] what else sets hints apart, in the same measure.
        missed: [n, C].
        tolerance: Share of its variance by which a hint is inexact.
    """
    places = np.concatenate([hints, features], axis=1)
    if len(hints) <= DENSE:
        apart = ((places[:, None] - places) ** 2).sum(axis=-1)
        return np.linalg.solve(np.exp(-apart) + tolerance * np.eye(len(hints)), missed)
    pairs = np.concatenate(list(_pairs(places)))
    order = np.argsort(pairs[:, 0], kind="stable")
    one, other = pairs[order].T
    alike = np.exp(-((places[one] - places[other]) ** 2).sum(axis=-1))[:, None]
    starts = np.searchsorted(one, np.arange(len(hints)))

    def times(vectors: FloatArray) -> FloatArray:
        products: FloatArray = np.add.reduceat(alike * vectors.take(other, axis=0), starts)
        return products + tolerance * vectors

    return _solved(times, missed)


def _pairs(places: FloatArray) -> Iterator[NDArray[np.int64]]:
    """Yield the pairs [p, 2] of all that are alike, each both ways and each with itself."""
    squares = np.floor(places[:, :2] / LINKED).astype(np.int64)
    members: dict[tuple[int, int], list[int]] = {}
    for number, (column, row) in enumerate(squares.tolist()):
        members.setdefault((column, row), []).append(number)
    for (column, row), here in members.items():
        around = [
            number
            for right, down in product((-1, 0, 1), repeat=2)
            for number in members.get((column + right, row + down), ())
        ]
        apart = ((places[here][:, None] - places[around]) ** 2).sum(axis=-1)
        first, second = np.nonzero(apart <= LINKED**2)
        yield np.stack([np.array(here)[first], np.array(around)[second]], axis=1)


def _solved(times: Callable[[FloatArray], FloatArray], wanted: FloatArray) -> FloatArray:
    """Return the vectors of which ``times`` makes those that are wanted, by conjugate gradients."""
    found = np.zeros_like(wanted, dtype=np.float64)
    left = np.array(wanted, dtype=np.float64)
    ahead, size = left.copy(), (left**2).sum(axis=0)
    enough = EXACT**2 * np.maximum(size, 1e-300)
    for _ in range(MOST_STEPS):
        if (size <= enough).all():
            break
        made = times(ahead)
        step = size / np.maximum((ahead * made).sum(axis=0), 1e-300)
        found += step * ahead
        left -= step * made
        before, size = size, (left**2).sum(axis=0)
        ahead = left + size / np.maximum(before, 1e-300) * ahead
    return found
