"""Stable order of the visible splats by depth: a parallel radix sort in float32."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.engine.jit import kernel
from livescape.engine.threads import run_pieces, thread_count

Array = Any

_DIGIT_BITS = 11
_DIGITS = 1 << _DIGIT_BITS
_PASSES = 3
_KEYS_PER_PIECE = 100_000  # below, waking a thread costs more than it sorts


def depth_order(depths: NDArray[Any], visible: NDArray[np.int32]) -> NDArray[np.int32]:
    """Indices of the visible splats from near to far; equal depths keep their order.

    Args:
        depths: [N] positive camera-space z, float32 or float64.
        visible: [V] indices into `depths`, ascending.
    """
    if depths.dtype != np.float32:
        return visible[np.argsort(depths[visible], kind="stable")]
    keys = depths.view(np.uint32)[visible]  # positive floats sort as their bits
    values = visible
    pieces = min(thread_count(), 1 + len(keys) // _KEYS_PER_PIECE)
    counts = np.empty((pieces, _DIGITS), np.int64)
    for shift in range(0, _PASSES * _DIGIT_BITS, _DIGIT_BITS):
        run_pieces(count_digits, pieces, keys, shift, counts)
        starts = _exclusive_starts(counts)
        sorted_keys, sorted_values = np.empty_like(keys), np.empty_like(values)
        run_pieces(scatter_digits, pieces, keys, values, shift, starts, sorted_keys, sorted_values)
        keys, values = sorted_keys, sorted_values
    return values


def _exclusive_starts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """First output slot of every (piece, digit), digits outermost."""
    ends = np.cumsum(counts.T.ravel())
    starts = ends - counts.T.ravel()
    return np.ascontiguousarray(starts.reshape(counts.shape[1], counts.shape[0]).T)


@kernel
def count_digits(piece: int, pieces: int, keys: Array, shift: int, counts: Array) -> None:
    """Histogram of one digit over this piece's keys."""
    n = len(keys)
    row = counts[piece]
    row[:] = 0
    for i in range(n * piece // pieces, n * (piece + 1) // pieces):
        row[(keys[i] >> np.uint32(shift)) & np.uint32(_DIGITS - 1)] += 1


@kernel
def scatter_digits(
    piece: int,
    pieces: int,
    keys: Array,
    values: Array,
    shift: int,
    starts: Array,
    sorted_keys: Array,
    sorted_values: Array,
) -> None:
    """Move this piece's keys and values to their places for one digit; advances `starts`."""
    n = len(keys)
    row = starts[piece]
    for i in range(n * piece // pieces, n * (piece + 1) // pieces):
        digit = (keys[i] >> np.uint32(shift)) & np.uint32(_DIGITS - 1)
        slot = row[digit]
        row[digit] = slot + 1
        sorted_keys[slot] = keys[i]
        sorted_values[slot] = values[i]
