"""View-dependent colour: real spherical harmonics up to degree 3.

The basis and its constants are those of 3D Gaussian Splatting (Kerbl et al. 2023), so that
coefficients exchange with its PLY files: colour = max(0, 0.5 + sum_k basis_k(direction) c_k).
"""

from __future__ import annotations

import torch
from torch import Tensor

from livescape_shared.rendering import SH_C0 as C0
from livescape_shared.rendering import SH_C1 as C1
from livescape_shared.rendering import SH_C2 as C2
from livescape_shared.rendering import SH_C3 as C3

DEGREE_MAX = 3


def basis_count(degree: int) -> int:
    """Number of basis functions up to `degree`."""
    return (degree + 1) ** 2


def spherical_harmonics_basis(directions: Tensor, degree: int) -> Tensor:
    """Basis values [..., (degree + 1)^2] for unit directions [..., 3]."""
    x, y, z = directions.unbind(-1)
    values = [torch.full_like(x, C0)]
    if degree >= 1:
        values += [-C1 * y, C1 * z, -C1 * x]
    if degree >= 2:
        values += [
            C2[0] * x * y,
            -C2[0] * y * z,
            C2[1] * (3.0 * z * z - 1.0),
            -C2[0] * x * z,
            C2[2] * (x * x - y * y),
        ]
    if degree >= 3:
        values += [
            -C3[0] * y * (3.0 * x * x - y * y),
            C3[1] * x * y * z,
            -C3[2] * y * (5.0 * z * z - 1.0),
            C3[3] * z * (5.0 * z * z - 3.0),
            -C3[2] * x * (5.0 * z * z - 1.0),
            C3[4] * z * (x * x - y * y),
            -C3[0] * x * (x * x - 3.0 * y * y),
        ]
    return torch.stack(values, dim=-1)


def camera_positions(viewmats: Tensor) -> Tensor:
    """World positions [B, 3] of cameras with world-to-camera matrices [B, 4, 4]."""
    return -torch.einsum("bji,bj->bi", viewmats[:, :3, :3], viewmats[:, :3, 3])


def view_colors(coefficients: Tensor, means: Tensor, viewmats: Tensor, degree: int) -> Tensor:
    """Colours of N Gaussians seen from B cameras; used on CUDA; the reference for the CPU.

    Args:
        coefficients: [N, K, 3] with K >= (degree + 1)^2.
        means: [N, 3] metres.
        viewmats: [B, 4, 4] world-to-camera.
        degree: 0 to 3; higher coefficients are ignored.

    Returns:
        [B, N, 3], not below 0.
    """
    positions = camera_positions(viewmats)
    # Gaussians with broken positions are culled later; here they must not spoil gradients.
    offsets = torch.nan_to_num(means)[None] - positions[:, None]
    directions = torch.nn.functional.normalize(offsets, dim=-1)
    basis = spherical_harmonics_basis(directions, degree)
    used = coefficients[:, : basis_count(degree)]
    return torch.clamp_min(torch.einsum("bnk,nkc->bnc", basis, used) + 0.5, 0.0)
