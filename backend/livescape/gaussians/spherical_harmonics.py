"""View-dependent colour: real spherical harmonics up to degree 3.

The basis and its constants are those of 3D Gaussian Splatting (Kerbl et al. 2023), so that
coefficients exchange with its PLY files: colour = max(0, 0.5 + sum_k basis_k(direction) c_k).
"""

from __future__ import annotations

import torch
from torch import Tensor

DEGREE_MAX = 3

_C0 = 0.28209479177387814
_C1 = 0.4886025119029199
_C2 = (1.0925484305920792, 0.31539156525252005, 0.5462742152960396)
_C3 = (0.5900435899266435, 2.890611442640554, 0.4570457994644658, 0.3731763325901154,
       1.445305721320277)  # fmt: skip


def basis_count(degree: int) -> int:
    """Number of basis functions up to `degree`."""
    return (degree + 1) ** 2


def spherical_harmonics_basis(directions: Tensor, degree: int) -> Tensor:
    """Basis values [..., (degree + 1)^2] for unit directions [..., 3]."""
    x, y, z = directions.unbind(-1)
    values = [torch.full_like(x, _C0)]
    if degree >= 1:
        values += [-_C1 * y, _C1 * z, -_C1 * x]
    if degree >= 2:
        values += [
            _C2[0] * x * y,
            -_C2[0] * y * z,
            _C2[1] * (3.0 * z * z - 1.0),
            -_C2[0] * x * z,
            _C2[2] * (x * x - y * y),
        ]
    if degree >= 3:
        values += [
            -_C3[0] * y * (3.0 * x * x - y * y),
            _C3[1] * x * y * z,
            -_C3[2] * y * (5.0 * z * z - 1.0),
            _C3[3] * z * (5.0 * z * z - 3.0),
            -_C3[2] * x * (5.0 * z * z - 1.0),
            _C3[4] * z * (x * x - y * y),
            -_C3[0] * x * (x * x - 3.0 * y * y),
        ]
    return torch.stack(values, dim=-1)


def view_colors(coefficients: Tensor, means: Tensor, viewmats: Tensor, degree: int) -> Tensor:
    """Colours of N Gaussians seen from B cameras.

    Args:
        coefficients: [N, K, 3] with K >= (degree + 1)^2.
        means: [N, 3] metres.
        viewmats: [B, 4, 4] world-to-camera.
        degree: 0 to 3; higher coefficients are ignored.

    Returns:
        [B, N, 3], not below 0.
    """
    rotations, translations = viewmats[:, :3, :3], viewmats[:, :3, 3]
    positions = -torch.einsum("bji,bj->bi", rotations, translations)
    # Gaussians with broken positions are culled later; here they must not spoil gradients.
    offsets = torch.nan_to_num(means)[None] - positions[:, None]
    directions = torch.nn.functional.normalize(offsets, dim=-1)
    basis = spherical_harmonics_basis(directions, degree)
    used = coefficients[:, : basis_count(degree)]
    return torch.clamp_min(torch.einsum("bnk,nkc->bnc", basis, used) + 0.5, 0.0)
