"""EWA projection of 3D Gaussians to 2D splats, and its gradient, one Gaussian at a time.

Follows Zwicker et al. 2002 (EWA splatting) with the conventions of gsplat 1.5.3: OpenCV cameras,
the local affine approximation evaluated at a point clamped to 1.3 times the field of view,
`eps2d` added to the diagonal of the 2D covariance. Arithmetic is in double whatever the arrays.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from livescape.gaussians.cpu.jit import kernel
from livescape.gaussians.thresholds import ALPHA_MIN, EXTENT_MAX, FAR

Array = Any
Row = tuple[float, float, float]


@kernel
def rotation_rows(w: float, x: float, y: float, z: float) -> tuple[Row, Row, Row]:
    """Rows of the rotation matrix of a unit quaternion."""
    return (
        (1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)),
        (2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)),
        (2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)),
    )


@kernel
def to_camera(view: Array, p: Array) -> Row:
    """Camera-space position of world point `p` under the world-to-camera matrix `view`."""
    x, y, z = float(p[0]), float(p[1]), float(p[2])
    return (
        view[0, 0] * x + view[0, 1] * y + view[0, 2] * z + view[0, 3],
        view[1, 0] * x + view[1, 1] * y + view[1, 2] * z + view[1, 3],
        view[2, 0] * x + view[2, 1] * y + view[2, 2] * z + view[2, 3],
    )


@kernel
def camera_axes(view: Array, quat: Array, scale: Array) -> tuple[Row, Row, Row]:
    """Rows of W R S: the Gaussian's scaled axes as columns, in camera space."""
    w, x, y, z = float(quat[0]), float(quat[1]), float(quat[2]), float(quat[3])
    norm = math.sqrt(w * w + x * x + y * y + z * z)
    r0, r1, r2 = rotation_rows(w / norm, x / norm, y / norm, z / norm)
    s = (float(scale[0]), float(scale[1]), float(scale[2]))
    a0 = view_row(view, 0, r0, r1, r2, s)
    a1 = view_row(view, 1, r0, r1, r2, s)
    a2 = view_row(view, 2, r0, r1, r2, s)
    return a0, a1, a2


@kernel
def view_row(view: Array, i: int, r0: Row, r1: Row, r2: Row, s: Row) -> Row:
    """Row `i` of W R S."""
    v0, v1, v2 = view[i, 0], view[i, 1], view[i, 2]
    return (
        (v0 * r0[0] + v1 * r1[0] + v2 * r2[0]) * s[0],
        (v0 * r0[1] + v1 * r1[1] + v2 * r2[1]) * s[1],
        (v0 * r0[2] + v1 * r1[2] + v2 * r2[2]) * s[2],
    )


@kernel
def clamp_slope(slope: float, focal: float, centre: float, size: int) -> tuple[float, bool]:
    """x/z limited to the image plus 15 % of its size on either side, and whether it was free."""
    margin = 0.15 * size / focal
    lower, upper = -(centre / focal + margin), (size - centre) / focal + margin
    return min(upper, max(lower, slope)), lower <= slope <= upper


@kernel
def combine(a: float, u: Row, b: float, v: Row) -> Row:
    """A u + b v."""
    return (a * u[0] + b * v[0], a * u[1] + b * v[1], a * u[2] + b * v[2])


@kernel
def dot(u: Row, v: Row) -> float:
    """Inner product."""
    return u[0] * v[0] + u[1] * v[1] + u[2] * v[2]


@kernel
def screen_axes(
    K: Array, width: int, height: int, p: Row, axes: tuple[Row, Row, Row]
) -> tuple[Row, Row, tuple[float, bool], tuple[float, bool]]:
    """Rows of J W R S, and the clamped slopes x/z, y/z the Jacobian J was taken at."""
    slope_x = clamp_slope(p[0] / p[2], K[0, 0], K[0, 2], width)
    slope_y = clamp_slope(p[1] / p[2], K[1, 1], K[1, 2], height)
    jx, jy = K[0, 0] / p[2], K[1, 1] / p[2]
    return (
        combine(jx, axes[0], -jx * slope_x[0], axes[2]),
        combine(jy, axes[1], -jy * slope_y[0], axes[2]),
        slope_x,
        slope_y,
    )


@kernel
def project_pieces(
    piece: int, pieces: int,
    means: Array, quats: Array, scales: Array, opacities: Array,
    viewmats: Array, Ks: Array, width: int, height: int,
    near: float, eps2d: float, antialiased: bool,
    means2d: Array, depths: Array, conics: Array, compensated: Array, radii: Array,
) -> None:
    """Project every camera x Gaussian of this piece; culled ones keep radii 0."""
    n = means.shape[0]
    for b in range(viewmats.shape[0]):
        view, K = viewmats[b], Ks[b]
        for g in range(n * piece // pieces, n * (piece + 1) // pieces):
            radii[b, g, 0] = 0
            radii[b, g, 1] = 0
            p = to_camera(view, means[g])
            if not (near <= p[2] <= FAR):
                continue
            axes = camera_axes(view, quats[g], scales[g])
            u, v, _, _ = screen_axes(K, width, height, p, axes)
            raw_a, cov_b, raw_c = dot(u, u), dot(u, v), dot(v, v)
            cov_a, cov_c = raw_a + eps2d, raw_c + eps2d
            det = cov_a * cov_c - cov_b * cov_b
            if not (det > 0.0 and det < math.inf):
                continue
            opacity = float(opacities[g])
            if antialiased:
                opacity *= math.sqrt(max(0.0, (raw_a * raw_c - cov_b * cov_b) / det))
            if not (opacity >= ALPHA_MIN):
                continue
            x = K[0, 0] * p[0] / p[2] + K[0, 2]
            y = K[1, 1] * p[1] / p[2] + K[1, 2]
            extent = min(EXTENT_MAX, math.sqrt(2.0 * math.log(opacity / ALPHA_MIN)))
            rx = np.ceil(extent * math.sqrt(cov_a))
            ry = np.ceil(extent * math.sqrt(cov_c))
            if not (x + rx > 0 and x - rx < width and y + ry > 0 and y - ry < height):
                continue
            means2d[b, g, 0], means2d[b, g, 1] = x, y
            depths[b, g] = p[2]
            conics[b, g, 0], conics[b, g, 1], conics[b, g, 2] = (
                cov_c / det, -cov_b / det, cov_a / det,
            )
            compensated[b, g] = opacity
            radii[b, g, 0] = int(min(rx, 1e9))
            radii[b, g, 1] = int(min(ry, 1e9))
