"""Flow that follows a river bed: the potential flow between the far end and the near end.

The potential satisfies Laplace's equation within the water, with no flow through the banks; its
gradient runs along every bend, down a fall and out into the pool below.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.sampling import resize

Float32Array = NDArray[np.float32]

_LEVELS = (24, 48, 96)
_SWEEPS = 200
_END = 0.06


def bed_direction(body: NDArray[np.floating]) -> Float32Array:
    """Return the unit direction [H, W, 2] of water that runs from the top of ``body`` to its foot.

    Args:
        body: [H, W]; positive where the water is.
    """
    height, width = body.shape
    inside = (body > 0).astype(np.float32)
    potential = _potential(inside)
    small = potential.shape
    water = resize(inside, small[1], small[0]) > 0.2
    slope = np.stack((_slope(potential, water, 1), _slope(potential, water, 0)), axis=-1)
    slope *= np.array([small[1] / width, small[0] / height], dtype=np.float32)
    steep = np.linalg.norm(slope, axis=-1, keepdims=True)
    unit = slope / np.maximum(steep, 1e-9) * water[..., None]
    weight = cv2.GaussianBlur((water & (steep[..., 0] > 1e-9)).astype(np.float32), (0, 0), 1.5)
    smooth = cv2.GaussianBlur(unit, (0, 0), 1.5) / np.maximum(weight, 1e-3)[..., None]
    # No slope is known beyond the blur's reach; water there runs straight down.
    smooth[weight < 1e-3] = (0.0, 1.0)
    full = resize(smooth, width, height)
    length = np.linalg.norm(full, axis=-1, keepdims=True)
    return np.asarray(full / np.maximum(length, 1e-6), dtype=np.float32)


def _potential(inside: Float32Array) -> Float32Array:
    """Solve Laplace's equation from coarse to fine; the result is at most 96 pixels long."""
    rows = np.flatnonzero(inside.any(axis=1))
    top, foot = float(rows[0]), float(rows[-1] + 1)
    height, width = inside.shape
    fall = (np.arange(height) + 0.5 - top) / (foot - top)
    potential = np.repeat(fall.astype(np.float32)[:, None], width, axis=1)
    for longest in _LEVELS:
        scale = min(1.0, longest / max(height, width))
        size = (max(2, round(width * scale)), max(2, round(height * scale)))
        potential = resize(potential, *size)
        water = resize(inside, *size) > 0.2
        level = (np.arange(size[1]) + 0.5) / size[1] * height
        fraction = ((level - top) / (foot - top))[:, None]
        potential = _relax(potential, water, fraction)
    return potential


def _relax(
    potential: Float32Array, water: NDArray[np.bool_], fraction: NDArray[np.floating]
) -> Float32Array:
    """Sweep towards the mean of the neighbours in the water, ends held at 0 and 1."""
    held = (fraction < _END) | (fraction > 1 - _END)
    free = water & ~held
    ends = np.clip(fraction, 0.0, 1.0).astype(np.float32)
    potential = np.where(held, ends, potential)
    padded_water = np.pad(water, 1).astype(np.float32)
    count = np.maximum(_neighbours(padded_water), 1.0)
    for _ in range(_SWEEPS):
        mean = _neighbours(np.pad(potential, 1) * padded_water) / count
        potential = np.where(free, mean, potential)
    return np.asarray(potential, dtype=np.float32)


def _neighbours(padded: Float32Array) -> Float32Array:
    return padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]


def _slope(potential: Float32Array, water: NDArray[np.bool_], axis: int) -> Float32Array:
    """Mean of the one-sided differences along ``axis`` that stay in the water."""
    step = np.diff(potential, axis=axis)
    both = np.take(water, range(1, water.shape[axis]), axis) & np.take(
        water, range(water.shape[axis] - 1), axis
    )
    before, after = [(0, 0), (0, 0)], [(0, 0), (0, 0)]
    before[axis], after[axis] = (1, 0), (0, 1)
    step = step * both
    total = np.pad(step, before) + np.pad(step, after)
    count = np.pad(both.astype(np.float32), before) + np.pad(both.astype(np.float32), after)
    return np.asarray(total / np.maximum(count, 1.0), dtype=np.float32)
