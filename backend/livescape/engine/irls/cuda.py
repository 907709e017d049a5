"""3D motion refinement to convergence: one small robust least-squares problem a point.

Eq. 7 of the paper separates: no term couples two points. Each has 3 unknowns and two equations a
view, so Gauss-Newton with Huber weights (IRLS) on 3x3 systems solves it exactly, at any depth and
resolution, where the paper's SGD stops short of far motion.
"""

from __future__ import annotations

import torch
from torch import Tensor

from livescape.engine.irls.observations import Observations

ITERATIONS = 12

TOLERANCE = 1e-3
NOISE_TOLERANCE = 0.02
"""Stop at steps below this many pixels, or below this share of the views' disagreement."""

HUBER = 1.345
"""Huber's constant: 95 % efficiency under Gaussian noise."""

HUBER_SQUARES = 0.7102
"""Mean square of a unit Gaussian clipped at Huber's constant (his Proposal 2 for the scale)."""

EXPECTED_NOISE = 0.1
"""Noise expected of a 2D motion, as a share of it; counts as one equation among the others."""

OFF_SURFACE = 0.2
"""Motion off the surface is expected to be this share of motion along it."""

RAY_SHARE = 1e-3
"""With a surface known, how much less the ray's direction is held back than other motion."""

ROUND_PRIOR = 1e-6
"""Share of the prior that holds every direction back, so that no system is singular."""

MAX_SHARE = 0.1
LEAST_SPEED = 1e-6


def solve_irls(observations: Observations, normals: Tensor | None) -> Tensor:
    """Minimise the robust reprojection error of every point's motion.

    The unobservable direction is settled by a prior: motion lies along the surface if
    ``normals`` are given, else across the mean viewing ray. The prior weighs noise^2 / motion^2,
    both measured per point, so it fades where the views agree.

    Args:
        observations: Float64, of as many points as memory holds at once.
        normals: [3, N] unit surface normals, if known.

    Returns:
        [3, N] motion in metres per frame, world axes.
    """
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
    """Return [N]: pixels a metre, averaged over the views that see each point."""
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
