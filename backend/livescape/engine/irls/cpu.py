"""3D motion refinement on the CPU, one point at a time.

The batched form of `cuda` takes the same steps, but moves every intermediate through memory and
runs until its slowest point is done; here a point's numbers stay in cache and each stops by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.engine.irls.constants import (
    EXPECTED_NOISE,
    HUBER,
    HUBER_SQUARES,
    ITERATIONS,
    LEAST_SPEED,
    MAX_SHARE,
    NOISE_TOLERANCE,
    OFF_SURFACE,
    RAY_SHARE,
    ROUND_PRIOR,
    TOLERANCE,
)
from livescape.engine.irls.observations import Observations
from livescape.engine.irls.reprojection import dot, focal_projections
from livescape.engine.jit import exact_helper, exact_kernel
from livescape.engine.threads import PIECES, run_pieces

Float64Array = NDArray[np.float64]

_POINTS_A_STEP = 32_768
# Columns of a point's table, with one row per view that sees it.
_VIEW, _U, _V, _TARGET_U, _TARGET_V, _WEIGHT, _COLUMNS = 0, 1, 2, 3, 4, 5, 6


def solve_irls(
    observations: Observations,
    normals: NDArray[Any] | None,
    progress: Callable[[int, int], None] | None = None,
) -> Float64Array:
    """See :func:`livescape.engine.irls.solve_irls`."""
    rotation = observations.rotation.double().numpy()
    translation = observations.translation.double().numpy()
    projections = focal_projections(observations)
    centres = -(rotation.transpose(0, 2, 1) @ translation)[..., 0]
    points = np.ascontiguousarray(observations.points.double().numpy().T)
    known = np.zeros((0, 3)) if normals is None else np.ascontiguousarray(normals, np.float64)
    motion = np.zeros_like(points)
    target, weight = observations.target.float().numpy(), observations.weight.float().numpy()
    for start in range(0, len(points), _POINTS_A_STEP):
        stop = min(start + _POINTS_A_STEP, len(points))
        run_pieces(
            _solve_points, PIECES, start, stop, points, known, projections, centres, target,
            weight, motion,
        )  # fmt: skip
        if progress is not None:
            progress(stop, len(points))
    return motion


@exact_kernel
def _solve_points(
    piece: int,
    pieces: int,
    start: int,
    stop: int,
    points: Float64Array,
    normals: Float64Array,
    projections: Float64Array,
    centres: Float64Array,
    target: NDArray[np.float32],
    weight: NDArray[np.float32],
    motion: Float64Array,
) -> None:
    table, prior = np.empty((len(weight), _COLUMNS)), np.empty(6)
    count = stop - start
    for n in range(start + piece * count // pieces, start + (piece + 1) * count // pieces):
        seen = _tabulate(points[n], n, projections, target, weight, table)
        if seen > 0:
            scale = _fill_prior(points[n], table[:seen], projections, centres, prior)
            if len(normals):
                _prefer_surface(normals[n], scale, prior)
            _solve_point(points[n], table[:seen], projections, prior, scale, motion[n])


@exact_helper
def _tabulate(
    point: Float64Array,
    n: int,
    projections: Float64Array,
    target: NDArray[np.float32],
    weight: NDArray[np.float32],
    table: Float64Array,
) -> int:
    """List the views that see point n and where; return how many they are."""
    seen = 0
    x, y, z = point
    for view in range(len(weight)):
        if weight[view, n] > 0:
            P = projections[view]
            depth = dot(P[2], x, y, z)
            table[seen, _VIEW] = view
            table[seen, _U] = dot(P[0], x, y, z) / depth
            table[seen, _V] = dot(P[1], x, y, z) / depth
            table[seen, _TARGET_U] = target[view, 0, n]
            table[seen, _TARGET_V] = target[view, 1, n]
            table[seen, _WEIGHT] = weight[view, n]
            seen += 1
    # Only the ratios of a point's confidences matter.
    table[:seen, _WEIGHT] *= seen / max(table[:seen, _WEIGHT].sum(), 1e-30)
    return seen


@exact_helper
def _fill_prior(
    point: Float64Array,
    table: Float64Array,
    projections: Float64Array,
    centres: Float64Array,
    prior: Float64Array,
) -> float:
    """Write the ray's quadratic form (xx, xy, xz, yy, yz, zz); return pixels per metre."""
    x, y, z = point
    a, b, c, scale, total = 0.0, 0.0, 0.0, 0.0, 0.0
    for row in table:
        view, w = int(row[_VIEW]), row[_WEIGHT]
        a += w * (x - centres[view, 0])
        b += w * (y - centres[view, 1])
        c += w * (z - centres[view, 2])
        P = projections[view]
        focal = np.sqrt(P[0, 0] ** 2 + P[0, 1] ** 2 + P[0, 2] ** 2)
        scale += w * focal / dot(P[2], x, y, z)
        total += w
    scale /= total
    length = max(np.sqrt(a * a + b * b + c * c), 1e-9)
    a, b, c = a / length, b / length, c / length
    square = scale * scale
    prior[0], prior[1], prior[2] = a * a * square, a * b * square, a * c * square
    prior[3], prior[4], prior[5] = b * b * square, b * c * square, c * c * square
    for diagonal in (0, 3, 5):
        prior[diagonal] += ROUND_PRIOR * square
    return scale


@exact_helper
def _prefer_surface(normal: Float64Array, scale: float, prior: Float64Array) -> None:
    """Penalise motion off the surface, and motion along the ray hardly at all."""
    square = scale * scale
    entry = 0
    for i in range(3):
        for j in range(i, 3):
            round_part = ROUND_PRIOR * square if i == j else 0.0
            ray = prior[entry] - round_part
            off = normal[i] * normal[j] * square / OFF_SURFACE**2
            prior[entry] = off + RAY_SHARE * ray + round_part
            entry += 1


@exact_helper
def _solve_point(
    point: Float64Array,
    table: Float64Array,
    projections: Float64Array,
    prior: Float64Array,
    scale: float,
    motion: Float64Array,
) -> None:
    """Gauss-Newton with Huber weights on one point; ``motion`` [3] starts at zero."""
    squares = 0.0
    for row in table:
        squares += row[_WEIGHT] * (row[_TARGET_U] ** 2 + row[_TARGET_V] ** 2)
    speed = np.sqrt(squares / len(table)) + LEAST_SPEED
    freedom = max(2 * len(table) - 3, 0) + 1
    form, pull = np.empty(6), np.empty(3)
    noise = np.inf
    for iteration in range(ITERATIONS):
        squares = _accumulate(point, motion, table, projections, HUBER * noise, form, pull)
        squares = squares / HUBER_SQUARES if iteration else speed * speed
        noise = np.sqrt((squares + (EXPECTED_NOISE * speed) ** 2) / freedom)
        share = min((noise / speed) ** 2, MAX_SHARE)
        F = motion
        p = prior
        pull[0] += share * (p[0] * F[0] + p[1] * F[1] + p[2] * F[2])
        pull[1] += share * (p[1] * F[0] + p[3] * F[1] + p[4] * F[2])
        pull[2] += share * (p[2] * F[0] + p[4] * F[1] + p[5] * F[2])
        for entry in range(6):
            form[entry] += share * prior[entry]
        length = _step(form, pull, motion)
        if length * scale < max(TOLERANCE, NOISE_TOLERANCE * noise):
            break


@exact_helper
def _accumulate(
    point: Float64Array,
    motion: Float64Array,
    table: Float64Array,
    projections: Float64Array,
    limit: float,
    form: Float64Array,
    pull: Float64Array,
) -> float:
    """Write J^T W J and J^T W r at the present motion; return the clipped squares."""
    a0, a1, a2, a3, a4, a5, b0, b1, b2, squares = (0.0,) * 10
    x, y, z = point[0] + motion[0], point[1] + motion[1], point[2] + motion[2]
    for row in table:
        P = projections[int(row[_VIEW])]
        inverse = 1.0 / dot(P[2], x, y, z)
        for axis in range(2):
            at = dot(P[axis], x, y, z) * inverse
            r = at - row[_U + axis] - row[_TARGET_U + axis]
            size = abs(r)
            w = row[_WEIGHT] if size <= limit else row[_WEIGHT] * limit / size
            j0 = (P[axis, 0] - at * P[2, 0]) * inverse
            j1 = (P[axis, 1] - at * P[2, 1]) * inverse
            j2 = (P[axis, 2] - at * P[2, 2]) * inverse
            a0, a1, a2 = a0 + w * j0 * j0, a1 + w * j0 * j1, a2 + w * j0 * j2
            a3, a4, a5 = a3 + w * j1 * j1, a4 + w * j1 * j2, a5 + w * j2 * j2
            b0, b1, b2 = b0 + w * j0 * r, b1 + w * j1 * r, b2 + w * j2 * r
            squares += row[_WEIGHT] * min(size, limit) ** 2
    form[0], form[1], form[2], form[3], form[4], form[5] = a0, a1, a2, a3, a4, a5
    pull[0], pull[1], pull[2] = b0, b1, b2
    return squares


@exact_helper
def _step(form: Float64Array, pull: Float64Array, motion: Float64Array) -> float:
    """Subtract form^-1 pull from ``motion`` by Cholesky; return the step's length."""
    l00 = np.sqrt(form[0])
    l10, l20 = form[1] / l00, form[2] / l00
    l11 = np.sqrt(form[3] - l10 * l10)
    l21 = (form[4] - l10 * l20) / l11
    l22 = np.sqrt(form[5] - l20 * l20 - l21 * l21)
    y0 = pull[0] / l00
    y1 = (pull[1] - l10 * y0) / l11
    y2 = (pull[2] - l20 * y0 - l21 * y1) / l22
    z = y2 / l22
    y = (y1 - l21 * z) / l11
    x = (y0 - l10 * y - l20 * z) / l00
    motion[0] -= x
    motion[1] -= y
    motion[2] -= z
    return float(np.sqrt(x * x + y * y + z * z))
