"""View-dependent colour from spherical harmonics, one Gaussian at a time, and its gradient.

The reference is `spherical_harmonics.view_colors`, which has the same basis. Arithmetic is in
double whatever the arrays. A mean that is not finite is culled later; its coordinates count as 0
here.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from livescape.engine.jit import helper, kernel
from livescape.engine.rasterize.cpu.vectors import Row, dot, row3, scaled
from livescape.engine.rasterize.spherical_harmonics import camera_positions
from livescape.engine.simd import Floats
from livescape.engine.threads import run_pieces
from livescape_shared.rendering import SH_C0 as C0
from livescape_shared.rendering import SH_C1 as C1
from livescape_shared.rendering import SH_C2 as C2
from livescape_shared.rendering import SH_C3 as C3

_GAUSSIANS_PER_PIECE = 4096
_LENGTH_MIN = 1e-12


def view_colors(coefficients: Tensor, means: Tensor, viewmats: Tensor, degree: int) -> Tensor:
    """Colours [B, N, 3], differentiable in coefficients and means; see its reference.

    Gaussians whose colour gets no gradient have no effect, whatever their values.
    """
    positions = camera_positions(viewmats)
    colors: Tensor = _ViewColors.apply(coefficients, means, positions, degree)
    return colors


class _ViewColors(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> Tensor:
        *tensors, degree = inputs
        coefficients, means, positions = (tensor.detach().contiguous() for tensor in tensors)
        colors: Tensor = means.new_empty(len(positions), len(means), 3)
        arrays = (means.numpy(), coefficients.numpy(), positions.numpy())
        run_pieces(color_pieces, _pieces(means), *arrays, degree, colors.numpy())
        ctx.degree = degree
        ctx.save_for_backward(coefficients, means, positions, colors)
        return colors

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        coefficients, means, positions, colors = ctx.saved_tensors
        v_means, v_coefficients = torch.zeros_like(means), torch.zeros_like(coefficients)
        run_pieces(
            color_gradient_pieces,
            _pieces(means),
            means.numpy(),
            coefficients.numpy(),
            positions.numpy(),
            ctx.degree,
            colors.numpy(),
            grads[0].contiguous().numpy(),
            v_means.numpy(),
            v_coefficients.numpy(),
        )
        return v_coefficients, v_means, None, None


def _pieces(means: Tensor) -> int:
    return 1 + means.shape[0] // _GAUSSIANS_PER_PIECE


@helper
def finite_or_zero(value: float) -> float:
    """`value`, or 0 if it is not finite."""
    return value if math.isfinite(value) else 0.0


@helper
def direction_from(position: Row, mean: Row) -> tuple[Row, float]:
    """Unit vector from a camera's position to a mean, and 1 / distance; zeros if they coincide."""
    offset = (
        finite_or_zero(mean[0]) - position[0],
        finite_or_zero(mean[1]) - position[1],
        finite_or_zero(mean[2]) - position[2],
    )
    length = math.sqrt(dot(offset, offset))
    inverse = 1.0 / length if length > _LENGTH_MIN else 0.0
    return scaled(offset, (inverse, inverse, inverse)), inverse


@helper
def fill_basis(direction: Row, degree: int, basis: Floats) -> None:
    """Basis values [(degree + 1)^2] of a unit direction."""
    x, y, z = direction
    basis[0] = C0
    if degree >= 1:
        basis[1], basis[2], basis[3] = -C1 * y, C1 * z, -C1 * x
    if degree >= 2:
        basis[4], basis[5], basis[7] = C2[0] * x * y, -C2[0] * y * z, -C2[0] * x * z
        basis[6] = C2[1] * (3.0 * z * z - 1.0)
        basis[8] = C2[2] * (x * x - y * y)
    if degree >= 3:
        basis[9] = -C3[0] * y * (3.0 * x * x - y * y)
        basis[10] = C3[1] * x * y * z
        basis[11] = -C3[2] * y * (5.0 * z * z - 1.0)
        basis[12] = C3[3] * z * (5.0 * z * z - 3.0)
        basis[13] = -C3[2] * x * (5.0 * z * z - 1.0)
        basis[14] = C3[4] * z * (x * x - y * y)
        basis[15] = -C3[0] * x * (x * x - 3.0 * y * y)


@helper
def direction_gradient(direction: Row, degree: int, v: Floats) -> Row:
    """dL/d(direction) from the gradients `v` [(degree + 1)^2] of the basis values."""
    x, y, z = direction
    gx, gy, gz = 0.0, 0.0, 0.0
    if degree >= 1:
        gx, gy, gz = -C1 * v[3], -C1 * v[1], C1 * v[2]
    if degree >= 2:
        gx += C2[0] * (y * v[4] - z * v[7]) + 2.0 * C2[2] * x * v[8]
        gy += C2[0] * (x * v[4] - z * v[5]) - 2.0 * C2[2] * y * v[8]
        gz += 6.0 * C2[1] * z * v[6] - C2[0] * (y * v[5] + x * v[7])
    if degree >= 3:
        difference, ring = 3.0 * (x * x - y * y), 5.0 * z * z - 1.0
        gx += -6.0 * C3[0] * x * y * v[9] + C3[1] * y * z * v[10] - C3[2] * ring * v[13]
        gx += 2.0 * C3[4] * x * z * v[14] - C3[0] * difference * v[15]
        gy += -C3[0] * difference * v[9] + C3[1] * x * z * v[10] - C3[2] * ring * v[11]
        gy += -2.0 * C3[4] * y * z * v[14] + 6.0 * C3[0] * x * y * v[15]
        gz += C3[1] * x * y * v[10] - 10.0 * C3[2] * z * (y * v[11] + x * v[13])
        gz += 3.0 * C3[3] * ring * v[12] + C3[4] * (x * x - y * y) * v[14]
    return (gx, gy, gz)


@kernel
def color_pieces(
    piece: int,
    pieces: int,
    means: Floats,
    coefficients: Floats,
    positions: Floats,
    degree: int,
    colors: Floats,
) -> None:
    """Write the colours [B, N, 3] of this piece's Gaussians seen from camera positions [B, 3]."""
    n, count = len(means), (degree + 1) ** 2
    basis = np.empty(count)
    for g in range(n * piece // pieces, n * (piece + 1) // pieces):
        for b in range(len(positions)):
            direction, _ = direction_from(row3(positions, b), row3(means, g))
            fill_basis(direction, degree, basis)
            red, green, blue = 0.5, 0.5, 0.5
            for k in range(count):
                red += basis[k] * coefficients[g, k, 0]
                green += basis[k] * coefficients[g, k, 1]
                blue += basis[k] * coefficients[g, k, 2]
            # Written so that NaN stays: it hides the Gaussian later.
            colors[b, g, 0] = 0.0 if red < 0.0 else red
            colors[b, g, 1] = 0.0 if green < 0.0 else green
            colors[b, g, 2] = 0.0 if blue < 0.0 else blue


@helper
def where_positive(values: Floats, grads: Floats, b: int, g: int) -> Row:
    """Gradient of one Gaussian's colour before it was kept from falling below 0."""
    return (
        float(grads[b, g, 0]) if values[b, g, 0] > 0.0 else 0.0,
        float(grads[b, g, 1]) if values[b, g, 1] > 0.0 else 0.0,
        float(grads[b, g, 2]) if values[b, g, 2] > 0.0 else 0.0,
    )


@kernel
def color_gradient_pieces(
    piece: int,
    pieces: int,
    means: Floats,
    coefficients: Floats,
    positions: Floats,
    degree: int,
    colors: Floats,
    v_colors: Floats,
    v_means: Floats,
    v_coefficients: Floats,
) -> None:
    """Sum over cameras the gradients of this piece's Gaussians; the last two start as zeros."""
    n, count = len(means), (degree + 1) ** 2
    basis, v_basis = np.empty(count), np.empty(count)
    for g in range(n * piece // pieces, n * (piece + 1) // pieces):
        mean = row3(means, g)
        v_x, v_y, v_z = 0.0, 0.0, 0.0
        for b in range(len(positions)):
            v_red, v_green, v_blue = where_positive(colors, v_colors, b, g)
            if v_red == 0.0 and v_green == 0.0 and v_blue == 0.0:
                continue  # also keeps what is not finite in hidden Gaussians to itself
            direction, inverse = direction_from(row3(positions, b), mean)
            fill_basis(direction, degree, basis)
            for k in range(count):
                v_coefficients[g, k, 0] += basis[k] * v_red
                v_coefficients[g, k, 1] += basis[k] * v_green
                v_coefficients[g, k, 2] += basis[k] * v_blue
                v_basis[k] = (
                    coefficients[g, k, 0] * v_red
                    + coefficients[g, k, 1] * v_green
                    + coefficients[g, k, 2] * v_blue
                )
            v_direction = direction_gradient(direction, degree, v_basis)
            along = dot(direction, v_direction)
            v_x += inverse * (v_direction[0] - along * direction[0])
            v_y += inverse * (v_direction[1] - along * direction[1])
            v_z += inverse * (v_direction[2] - along * direction[2])
        v_means[g, 0], v_means[g, 1], v_means[g, 2] = v_x, v_y, v_z
