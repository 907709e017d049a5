"""The error of a 3D motion against what the views observe, point by point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.engine.irls.observations import Observations
from livescape.engine.jit import exact_helper, exact_kernel
from livescape.engine.threads import PIECES, run_pieces

Float64Array = NDArray[np.float64]


def mean_residual(observations: Observations, motion: NDArray[np.floating]) -> Float64Array:
    """Return [N]: mean distance in pixels between observed and projected motion.

    Args:
        observations: On the CPU, of any type.
        motion: [N, 3] metres per frame.
    """
    points = np.ascontiguousarray(observations.points.double().numpy().T)
    target, weight = observations.target.float().numpy(), observations.weight.float().numpy()
    residual = np.zeros(len(points))
    moved = points + motion
    projections = focal_projections(observations)
    run_pieces(_mean_residual, PIECES, points, moved, projections, target, weight, residual)
    return residual


def focal_projections(observations: Observations) -> Float64Array:
    """Return [V, 3, 4]: world to focal-scaled camera axes, principal point left out."""
    rotation = observations.rotation.double().numpy()
    projections = np.concatenate((rotation, observations.translation.double().numpy()), axis=2)
    projections[:, :2] *= observations.focal.double().numpy()
    return np.asarray(projections)


@exact_helper
def dot(row: Float64Array, x: float, y: float, z: float) -> float:
    """Return a row [4] of a projection applied to a point."""
    return float(row[0] * x + row[1] * y + row[2] * z + row[3])


@exact_kernel
def _mean_residual(
    piece: int,
    pieces: int,
    points: Float64Array,
    moved: Float64Array,
    projections: Float64Array,
    target: NDArray[np.float32],
    weight: NDArray[np.float32],
    residual: Float64Array,
) -> None:
    for n in range(piece * len(points) // pieces, (piece + 1) * len(points) // pieces):
        x, y, z = points[n]
        a, b, c = moved[n]
        total, seen = 0.0, 0
        for view in range(len(weight)):
            if weight[view, n] > 0:
                P = projections[view]
                before, after = 1.0 / dot(P[2], x, y, z), 1.0 / dot(P[2], a, b, c)
                u = dot(P[0], a, b, c) * after - dot(P[0], x, y, z) * before
                v = dot(P[1], a, b, c) * after - dot(P[1], x, y, z) * before
                total += np.hypot(u - target[view, 0, n], v - target[view, 1, n])
                seen += 1
        residual[n] = total / max(seen, 1)
