"""Gradient of the projection: screen-space gradients to means, quats, scales and opacities."""

from __future__ import annotations

import math
from typing import Any

from livescape.gaussians.cpu.jit import kernel
from livescape.gaussians.cpu.projection_kernels import (
    camera_axes,
    combine,
    dot,
    rotation_rows,
    screen_axes,
    to_camera,
)

Array = Any
Row = tuple[float, float, float]


@kernel
def covariance_gradient(conic: Row, grad: Array) -> Row:
    """dL/d(covariance entries a, b, c) from dL/d(conic): -Q G Q, with Q = inverse covariance."""
    a, b, c = conic
    ga, gb, gc = float(grad[0]), 0.5 * grad[1], float(grad[2])
    m00, m01 = a * ga + b * gb, a * gb + b * gc
    m10, m11 = b * ga + c * gb, b * gb + c * gc
    return (
        -(m00 * a + m01 * b),
        -(m00 * b + m01 * c) - (m10 * a + m11 * b),
        -(m10 * b + m11 * c),
    )


@kernel
def compensation_gradient(raw: Row, eps2d: float, grad: float) -> tuple[float, Row]:
    """The anti-aliasing factor sqrt(det raw / det blurred) and its gradient times `grad`."""
    a, b, c = raw
    det = (a + eps2d) * (c + eps2d) - b * b
    ratio = (a * c - b * b) / det
    if not ratio > 0.0:
        return 0.0, (0.0, 0.0, 0.0)
    factor = math.sqrt(ratio)
    g = 0.5 * grad / (factor * det)
    return factor, (
        g * (c - ratio * (c + eps2d)),
        g * (2.0 * b * (ratio - 1.0)),
        g * (a - ratio * (a + eps2d)),
    )


@kernel
def quaternion_gradient(quat: Array, m: tuple[Row, Row, Row], out: Array) -> None:
    """Add dL/dquat given dL/dR = `m`, through the normalisation."""
    w, x, y, z = float(quat[0]), float(quat[1]), float(quat[2]), float(quat[3])
    norm = math.sqrt(w * w + x * x + y * y + z * z)
    w, x, y, z = w / norm, x / norm, y / norm, z / norm
    gw = 2.0 * (x * (m[2][1] - m[1][2]) + y * (m[0][2] - m[2][0]) + z * (m[1][0] - m[0][1]))
    gx = 2.0 * (
        -2.0 * x * (m[1][1] + m[2][2])
        + y * (m[1][0] + m[0][1])
        + z * (m[2][0] + m[0][2])
        + w * (m[2][1] - m[1][2])
    )
    gy = 2.0 * (
        x * (m[1][0] + m[0][1])
        - 2.0 * y * (m[0][0] + m[2][2])
        + z * (m[2][1] + m[1][2])
        + w * (m[0][2] - m[2][0])
    )
    gz = 2.0 * (
        x * (m[2][0] + m[0][2])
        + y * (m[2][1] + m[1][2])
        - 2.0 * z * (m[0][0] + m[1][1])
        + w * (m[1][0] - m[0][1])
    )
    along = gw * w + gx * x + gy * y + gz * z
    out[0] += (gw - along * w) / norm
    out[1] += (gx - along * x) / norm
    out[2] += (gy - along * y) / norm
    out[3] += (gz - along * z) / norm


@kernel
def shape_gradient(
    view: Array, quat: Array, scale: Array, v_axes: tuple[Row, Row, Row],
    v_quat: Array, v_scale: Array,
) -> None:
    """Add gradients of quat and scale given dL/d(W R S)."""
    w, x, y, z = float(quat[0]), float(quat[1]), float(quat[2]), float(quat[3])
    norm = math.sqrt(w * w + x * x + y * y + z * z)
    rotation = rotation_rows(w / norm, x / norm, y / norm, z / norm)
    s = (float(scale[0]), float(scale[1]), float(scale[2]))
    m0 = world_row(view, 0, v_axes)
    m1 = world_row(view, 1, v_axes)
    m2 = world_row(view, 2, v_axes)
    for k in range(3):
        v_scale[k] += m0[k] * rotation[0][k] + m1[k] * rotation[1][k] + m2[k] * rotation[2][k]
    r0 = (m0[0] * s[0], m0[1] * s[1], m0[2] * s[2])
    r1 = (m1[0] * s[0], m1[1] * s[1], m1[2] * s[2])
    r2 = (m2[0] * s[0], m2[1] * s[1], m2[2] * s[2])
    quaternion_gradient(quat, (r0, r1, r2), v_quat)


@kernel
def world_row(view: Array, i: int, rows: tuple[Row, Row, Row]) -> Row:
    """Row `i` of W^T times the matrix with these rows."""
    v0, v1, v2 = float(view[0, i]), float(view[1, i]), float(view[2, i])
    return (
        v0 * rows[0][0] + v1 * rows[1][0] + v2 * rows[2][0],
        v0 * rows[0][1] + v1 * rows[1][1] + v2 * rows[2][1],
        v0 * rows[0][2] + v1 * rows[1][2] + v2 * rows[2][2],
    )


@kernel
def project_gradient(
    view: Array, K: Array, width: int, height: int, eps2d: float, antialiased: bool,
    mean: Array, quat: Array, scale: Array, opacity: float,
    v_mean2d: Array, v_depth: float, v_conic: Array, v_compensated: float,
    v_mean: Array, v_quat: Array, v_scale: Array,
) -> float:
    """Add one camera's gradients of one visible Gaussian; returns the opacity's."""
    p = to_camera(view, mean)
    axes = camera_axes(view, quat, scale)
    u, v, (tx, free_x), (ty, free_y) = screen_axes(K, width, height, p, axes)
    raw = (dot(u, u), dot(u, v), dot(v, v))
    a, c = raw[0] + eps2d, raw[2] + eps2d
    det = a * c - raw[1] * raw[1]
    ga, gb, gc = covariance_gradient((c / det, -raw[1] / det, a / det), v_conic)
    factor = 1.0
    if antialiased:
        factor, extra = compensation_gradient(raw, eps2d, v_compensated * opacity)
        ga, gb, gc = ga + extra[0], gb + extra[1], gc + extra[2]
    v_u = combine(2.0 * ga, u, gb, v)
    v_v = combine(2.0 * gc, v, gb, u)
    fx, fy, x, y, z = K[0, 0], K[1, 1], p[0], p[1], p[2]
    # u = fx/z (axis0 - tx axis2), v = fy/z (axis1 - ty axis2)
    v_tx, v_ty = -fx / z * dot(v_u, axes[2]), -fy / z * dot(v_v, axes[2])
    # x = tx z where the slope is free, so it moves with both tx and the projected centre.
    v_x = float(v_mean2d[0]) * fx / z + (v_tx / z if free_x else 0.0)
    v_y = float(v_mean2d[1]) * fy / z + (v_ty / z if free_y else 0.0)
    v_z = v_depth - (dot(v_u, u) + dot(v_v, v) + v_x * x + v_y * y) / z
    for k in range(3):
        v_mean[k] += view[0, k] * v_x + view[1, k] * v_y + view[2, k] * v_z
    v_axes = (
        combine(fx / z, v_u, 0.0, v_u),
        combine(fy / z, v_v, 0.0, v_v),
        combine(-fx / z * tx, v_u, -fy / z * ty, v_v),
    )
    shape_gradient(view, quat, scale, v_axes, v_quat, v_scale)
    return v_compensated * factor


@kernel
def project_gradient_pieces(
    piece: int, pieces: int,
    means: Array, quats: Array, scales: Array, opacities: Array,
    viewmats: Array, Ks: Array, width: int, height: int, eps2d: float, antialiased: bool,
    radii: Array, v_means2d: Array, v_depths: Array, v_conics: Array, v_compensated: Array,
    v_means: Array, v_quats: Array, v_scales: Array, v_opacities: Array,
) -> None:
    """Sum every camera's gradients of the Gaussians of this piece into zeroed arrays."""
    n = means.shape[0]
    for g in range(n * piece // pieces, n * (piece + 1) // pieces):
        for b in range(viewmats.shape[0]):
            if radii[b, g, 0] > 0:
                v_opacities[g] += project_gradient(
                    viewmats[b], Ks[b], width, height, eps2d, antialiased,
                    means[g], quats[g], scales[g], float(opacities[g]),
                    v_means2d[b, g], float(v_depths[b, g]), v_conics[b, g],
                    float(v_compensated[b, g]),
                    v_means[g], v_quats[g], v_scales[g],
                )
