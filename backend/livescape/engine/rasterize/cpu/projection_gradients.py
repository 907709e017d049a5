"""Gradient of the projection: screen-space gradients to means, quats, scales and opacities."""

from __future__ import annotations

import math

from livescape.engine.jit import helper, kernel
from livescape.engine.rasterize.cpu.arrays import CameraArrays, GaussianArrays, SplatArrays
from livescape.engine.rasterize.cpu.projection_kernels import screen_axes, to_camera
from livescape.engine.rasterize.cpu.vectors import (
    Pinhole,
    Quaternion,
    Row,
    Rows,
    combine,
    dot,
    pinhole,
    rotation_rows,
    row3,
    row_times,
    scaled,
    transposed,
    unit_quaternion,
)
from livescape.engine.simd import Floats


@helper
def covariance_gradient(conic: Row, grad: Row) -> Row:
    """dL/d(covariance entries a, b, c) from dL/d(conic): -Q G Q, with Q = inverse covariance."""
    a, b, c = conic
    ga, gb, gc = grad[0], 0.5 * grad[1], grad[2]
    m00, m01 = a * ga + b * gb, a * gb + b * gc
    m10, m11 = b * ga + c * gb, b * gb + c * gc
    return (
        -(m00 * a + m01 * b),
        -(m00 * b + m01 * c) - (m10 * a + m11 * b),
        -(m10 * b + m11 * c),
    )


@helper
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


@helper
def unit_quaternion_gradient(q: Quaternion, m: Rows) -> Quaternion:
    """dL/dq of a unit quaternion given dL/dR, before its normalisation."""
    w, x, y, z = q
    (m00, m01, m02), (m10, m11, m12), (m20, m21, m22) = m
    return (
        2.0 * (x * (m21 - m12) + y * (m02 - m20) + z * (m10 - m01)),
        2.0 * (y * (m10 + m01) + z * (m20 + m02) + w * (m21 - m12) - 2.0 * x * (m11 + m22)),
        2.0 * (x * (m10 + m01) + z * (m21 + m12) + w * (m02 - m20) - 2.0 * y * (m00 + m22)),
        2.0 * (x * (m20 + m02) + y * (m21 + m12) + w * (m10 - m01) - 2.0 * z * (m00 + m11)),
    )


@helper
def add_shape_gradient(
    g: int, rotation: Rows, q: Quaternion, norm: float, scale: Row, m: Rows, out: GaussianArrays
) -> None:
    """Add gradients of quat and scale, given dL/d(R S) = `m`."""
    for k in range(3):
        out.scales[g, k] += (
            m[0][k] * rotation[0][k] + m[1][k] * rotation[1][k] + m[2][k] * rotation[2][k]
        )
    v_rotation = (scaled(m[0], scale), scaled(m[1], scale), scaled(m[2], scale))
    v = unit_quaternion_gradient(q, v_rotation)
    along = v[0] * q[0] + v[1] * q[1] + v[2] * q[2] + v[3] * q[3]
    for k in range(4):
        out.quats[g, k] += (v[k] - along * q[k]) / norm


@helper
def add_projection_gradient(
    b: int,
    g: int,
    camera: Pinhole,
    gaussians: GaussianArrays,
    cameras: CameraArrays,
    v_splats: SplatArrays,
    out: GaussianArrays,
) -> None:
    """Add one camera's gradients of one visible Gaussian to `out`."""
    p = to_camera(camera, row3(gaussians.means, g))
    q, norm = unit_quaternion(gaussians.quats, g)
    rotation, scale = rotation_rows(q), row3(gaussians.scales, g)
    s = screen_axes(camera, cameras.width, cameras.height, p, rotation, scale)
    raw = (dot(s.u, s.u), dot(s.u, s.v), dot(s.v, s.v))
    a, c = raw[0] + cameras.eps2d, raw[2] + cameras.eps2d
    inverse_det = 1.0 / (a * c - raw[1] * raw[1])
    conic = (c * inverse_det, -raw[1] * inverse_det, a * inverse_det)
    ga, gb, gc = covariance_gradient(conic, row3(v_splats.conics[b], g))
    v_opacity = float(v_splats.opacities[b, g])
    if cameras.antialiased:
        v_factor = v_opacity * gaussians.opacities[g]
        factor, extra = compensation_gradient(raw, cameras.eps2d, v_factor)
        ga, gb, gc = ga + extra[0], gb + extra[1], gc + extra[2]
        v_opacity *= factor
    out.opacities[g] += v_opacity
    v_u, v_v = combine(2.0 * ga, s.u, gb, s.v), combine(2.0 * gc, s.v, gb, s.u)

    # u = jx (axis0 - tx axis2) and v = jy (axis1 - ty axis2), with jx = fx / z, jy = fy / z.
    inverse = 1.0 / p[2]
    jx, jy = camera.fx * inverse, camera.fy * inverse
    v_x, v_y = v_splats.means2d[b, g, 0] * jx, v_splats.means2d[b, g, 1] * jy
    if s.free_x:
        v_x -= jx * inverse * dot(v_u, s.axes[2])
    if s.free_y:
        v_y -= jy * inverse * dot(v_v, s.axes[2])
    v_z = v_splats.depths[b, g] - inverse * (
        dot(v_u, s.u) + dot(v_v, s.v) + v_x * p[0] + v_y * p[1]
    )
    v_mean = row_times((v_x, v_y, v_z), camera.rotation)
    for k in range(3):
        out.means[g, k] += v_mean[k]
    v_axis2 = combine(-jx * s.slope_x, v_u, -jy * s.slope_y, v_v)
    v_axes = (combine(jx, v_u, 0.0, v_u), combine(jy, v_v, 0.0, v_v), v_axis2)
    w0, w1, w2 = transposed(camera.rotation)
    m = (row_times(w0, v_axes), row_times(w1, v_axes), row_times(w2, v_axes))
    add_shape_gradient(g, rotation, q, norm, scale, m, out)


@kernel
def project_gradient_pieces(
    piece: int,
    pieces: int,
    gaussians: GaussianArrays,
    cameras: CameraArrays,
    radii: Floats,
    v_splats: SplatArrays,
    out: GaussianArrays,
) -> None:
    """Sum all cameras' gradients of this piece's Gaussians into zeroed arrays."""
    n = len(gaussians.opacities)
    for b in range(len(cameras.Ks)):
        camera = pinhole(cameras.viewmats[b], cameras.Ks[b])
        for g in range(n * piece // pieces, n * (piece + 1) // pieces):
            if radii[b, g, 0] > 0:
                add_projection_gradient(b, g, camera, gaussians, cameras, v_splats, out)
