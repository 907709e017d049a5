"""EWA projection of 3D Gaussians to 2D splats, one Gaussian at a time.

Follows Zwicker et al. 2002 (EWA splatting) with the conventions of gsplat 1.5.3: OpenCV cameras,
the local affine approximation taken at a point clamped to the image plus 15 % on either side,
`eps2d` added to the diagonal of the 2D covariance. Arithmetic is in double whatever the arrays.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from livescape.engine.jit import helper, kernel
from livescape.engine.rasterize.cpu.arrays import CameraArrays, GaussianArrays, SplatArrays
from livescape.engine.rasterize.cpu.vectors import (
    Pinhole,
    Row,
    Rows,
    combine,
    dot,
    pinhole,
    rotation_rows,
    row3,
    row_times,
    scaled,
    unit_quaternion,
)
from livescape.engine.rasterize.thresholds import EXTENT_MAX, FAR
from livescape.engine.simd import Floats
from livescape_shared.rendering import ALPHA_MIN, IMAGE_MARGIN


class ScreenAxes(NamedTuple):
    """The Gaussian's three scaled axes seen through the local affine map.

    With J the map's Jacobian and A the axes in camera space (columns), `u` and `v` are the rows
    of J A, so the 2D covariance is [[u.u, u.v], [u.v, v.v]].
    """

    u: Row
    v: Row
    axes: Rows
    """Rows of A."""
    slope_x: float
    slope_y: float
    """x/z and y/z, clamped, at which J was taken."""
    free_x: bool
    free_y: bool
    """Whether the clamp left them alone."""


@helper
def to_camera(camera: Pinhole, mean: Row) -> Row:
    """Camera-space position of a world point."""
    r0, r1, r2 = camera.rotation
    t = camera.translation
    return (dot(r0, mean) + t[0], dot(r1, mean) + t[1], dot(r2, mean) + t[2])


@helper
def clamp_slope(slope: float, focal: float, centre: float, size: int) -> tuple[float, bool]:
    """x/z limited to the image plus 15 % of its size on either side, and whether it was free."""
    margin = IMAGE_MARGIN * size / focal
    lower, upper = -(centre / focal + margin), (size - centre) / focal + margin
    return min(upper, max(lower, slope)), lower <= slope <= upper


@helper
def screen_axes(
    camera: Pinhole, width: int, height: int, p: Row, rotation: Rows, scale: Row
) -> ScreenAxes:
    """Project the axes of a Gaussian at camera-space position `p`."""
    w0, w1, w2 = camera.rotation
    axes = (
        scaled(row_times(w0, rotation), scale),
        scaled(row_times(w1, rotation), scale),
        scaled(row_times(w2, rotation), scale),
    )
    inverse = 1.0 / p[2]
    tx, free_x = clamp_slope(p[0] * inverse, camera.fx, camera.cx, width)
    ty, free_y = clamp_slope(p[1] * inverse, camera.fy, camera.cy, height)
    jx, jy = camera.fx * inverse, camera.fy * inverse
    u = combine(jx, axes[0], -jx * tx, axes[2])
    v = combine(jy, axes[1], -jy * ty, axes[2])
    return ScreenAxes(u, v, axes, tx, ty, free_x, free_y)


@kernel
def project_pieces(
    piece: int,
    pieces: int,
    gaussians: GaussianArrays,
    cameras: CameraArrays,
    splats: SplatArrays,
    radii: Floats,
) -> None:
    """Project every camera x Gaussian of this piece; culled ones get radii 0."""
    n = len(gaussians.opacities)
    for b in range(len(cameras.Ks)):
        camera = pinhole(cameras.viewmats[b], cameras.Ks[b])
        for g in range(n * piece // pieces, n * (piece + 1) // pieces):
            radii[b, g, 0] = 0
            radii[b, g, 1] = 0
            p = to_camera(camera, row3(gaussians.means, g))
            if cameras.near <= p[2] <= FAR:
                project_one(b, g, camera, p, gaussians, cameras, splats, radii)


@helper
def project_one(
    b: int,
    g: int,
    camera: Pinhole,
    p: Row,
    gaussians: GaussianArrays,
    cameras: CameraArrays,
    splats: SplatArrays,
    radii: Floats,
) -> None:
    """Write the splat of Gaussian `g` at camera-space position `p`, unless it is culled."""
    width, height, eps2d = cameras.width, cameras.height, cameras.eps2d
    q, _ = unit_quaternion(gaussians.quats, g)
    screen = screen_axes(camera, width, height, p, rotation_rows(q), row3(gaussians.scales, g))
    raw_a, b_, raw_c = dot(screen.u, screen.u), dot(screen.u, screen.v), dot(screen.v, screen.v)
    a, c = raw_a + eps2d, raw_c + eps2d
    det = a * c - b_ * b_
    if not (det > 0.0 and det < math.inf):
        return
    opacity = np.float64(gaussians.opacities[g])
    if cameras.antialiased:
        opacity *= math.sqrt(max(0.0, (raw_a * raw_c - b_ * b_) / det))
    if not opacity >= ALPHA_MIN:
        return
    x = camera.fx * p[0] / p[2] + camera.cx
    y = camera.fy * p[1] / p[2] + camera.cy
    extent = min(EXTENT_MAX, math.sqrt(2.0 * math.log(opacity / ALPHA_MIN)))
    rx, ry = np.ceil(extent * math.sqrt(a)), np.ceil(extent * math.sqrt(c))
    if not (x + rx > 0 and x - rx < width and y + ry > 0 and y - ry < height):
        return
    splats.means2d[b, g, 0], splats.means2d[b, g, 1] = x, y
    splats.depths[b, g] = p[2]
    splats.conics[b, g, 0] = c / det
    splats.conics[b, g, 1] = -b_ / det
    splats.conics[b, g, 2] = a / det
    splats.opacities[b, g] = opacity
    radii[b, g, 0], radii[b, g, 1] = int(min(rx, 1e9)), int(min(ry, 1e9))
