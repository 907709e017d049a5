"""3D motion refinement in torch, all points at once: the plain form of the kernels of `cpu`."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

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

# Points times views solved at once; about 600 bytes each.
_CHUNK = 4_000_000


def solve_irls(
    observations: Observations,
    normals: NDArray[np.floating] | None,
    device: torch.device | str,
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float64]:
    """See :func:`livescape.engine.irls.solve_irls`; as many points at once as memory holds."""
    views, count = observations.weight.shape
    size = max(1, _CHUNK // views)
    parts = []
    for start in range(0, count, size):
        stop = min(start + size, count)
        normal = None
        if normals is not None:
            normal = torch.from_numpy(normals[start:stop].T.astype(np.float64)).to(device)
        chunk = observations.chunk(start, stop).to(device, torch.float64)
        parts.append(_solve_chunk(chunk, normal).cpu())
        if progress is not None:
            progress(stop, count)
    return np.asarray(torch.cat(parts, dim=1).T.numpy())


def _solve_chunk(observations: Observations, normals: Tensor | None) -> Tensor:
    """Return the motion [3, N]; observations are float64, ``normals`` are [3, N]."""
    local = observations.local(observations.points)
    # A point that a view does not see may lie on its focal plane; keep the division finite.
    local[:, 2].masked_fill_(observations.weight <= 0, 1.0)
    start = observations.project(local)
    count = (observations.weight > 0).sum(0)
    # Only the ratios of a point's confidences matter.
    confidence = observations.weight * (count / observations.weight.sum(0).clamp_min(1e-30))
    squares = (observations.target.square().sum(1) * confidence).sum(0)
    speed = (squares / count.clamp_min(1)).sqrt() + LEAST_SPEED
    scale = _magnification(observations, local, confidence)
    prior = _prior(observations, local, confidence, normals) * scale.square()
    freedom = (2 * count - 3).clamp_min(0) + 1
    motion = torch.zeros_like(observations.points)
    noise = torch.zeros_like(speed)
    for iteration in range(ITERATIONS):
        moved = local + observations.rotation @ motion
        residual = observations.project(moved) - start - observations.target
        limit = HUBER * noise if iteration else torch.full_like(noise, torch.inf)
        size = residual.abs()
        weight = confidence[:, None] * (limit / torch.maximum(size, limit)).nan_to_num(1.0)
        squares = (confidence[:, None] * torch.minimum(size, limit).square()).sum((0, 1))
        squares = squares / HUBER_SQUARES if iteration else speed.square()
        noise = ((squares + (EXPECTED_NOISE * speed).square()) / freedom).sqrt()
        share = (noise / speed).square().clamp_max(MAX_SHARE)
        step = _gauss_newton(observations, moved, residual, weight, prior * share, motion)
        motion = motion + step
        pixels = step.norm(dim=0) * scale
        if bool((pixels < (NOISE_TOLERANCE * noise).clamp_min(TOLERANCE)).all()):
            break
    return motion * (count > 0)


def _magnification(observations: Observations, local: Tensor, confidence: Tensor) -> Tensor:
    """Return [N]: pixels per metre, averaged over the views that see each point."""
    pixels = observations.focal[:, 0] / local[:, 2] * confidence
    return pixels.sum(0) / confidence.sum(0).clamp_min(1e-9)


def _prior(
    observations: Observations, local: Tensor, confidence: Tensor, normals: Tensor | None
) -> Tensor:
    """Return the prior's quadratic form [6, N] (xx, xy, xz, yy, yz, zz), without unit."""
    rays = ((observations.rotation.transpose(1, 2) @ local) * confidence[:, None]).sum(0)
    rays = rays / rays.norm(dim=0).clamp_min(1e-9)
    form = _outer(rays)
    if normals is not None:
        form = _outer(normals) / OFF_SURFACE**2 + RAY_SHARE * form
    identity = torch.tensor([1, 0, 0, 1, 0, 1], dtype=form.dtype, device=form.device)
    return form + ROUND_PRIOR * identity[:, None]


def _outer(vectors: Tensor) -> Tensor:
    x, y, z = vectors
    return torch.stack((x * x, x * y, x * z, y * y, y * z, z * z))


def _gauss_newton(
    observations: Observations,
    moved: Tensor,
    residual: Tensor,
    weight: Tensor,
    prior: Tensor,
    motion: Tensor,
) -> Tensor:
    """Return the step [3, N] that solves (J^T W J + P) step = -(J^T W r + P F)."""
    scale = observations.focal / moved[:, 2:]
    slope = moved[:, :2] / moved[:, 2:]
    rotation = observations.rotation
    # Row k of d pi / dX is f / z (R_k - slope_k R_z): [V, 2, 3, N].
    jacobian = rotation[:, :2, :, None] - slope[:, :, None] * rotation[:, 2, None, :, None]
    jacobian *= scale[:, :, None]
    weighted = jacobian * weight[:, :, None]
    pairs = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    form = torch.stack([(weighted[:, :, i] * jacobian[:, :, j]).sum((0, 1)) for i, j in pairs])
    form = form + prior
    pull = (weighted * residual[:, :, None]).sum((0, 1)) + _apply(prior, motion)
    return _solve(form, -pull)


def _apply(form: Tensor, vector: Tensor) -> Tensor:
    xx, xy, xz, yy, yz, zz = form
    x, y, z = vector
    return torch.stack(
        (xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z)
    )


def _solve(form: Tensor, right: Tensor) -> Tensor:
    """Solve N symmetric positive definite 3x3 systems; unobserved points give zero."""
    index = torch.tensor([[0, 1, 2], [1, 3, 4], [2, 4, 5]], device=form.device)
    diagonal = (form[0] + form[3] + form[5]).clamp_min(1e-30)
    matrix = (form / diagonal)[index].permute(2, 0, 1)
    empty = (diagonal <= 1e-30).to(form.dtype)[:, None, None]
    matrix = matrix + empty * torch.eye(3, dtype=form.dtype, device=form.device)
    solution: Tensor = torch.linalg.solve(matrix, (right / diagonal).T[..., None])
    return solution[..., 0].T
