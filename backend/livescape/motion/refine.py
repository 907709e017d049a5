"""3D motion refinement (3D-MRM, Eq. 6-7): one 3D motion per point from the 2D motion of many views.

F* = argmin_F sum_v | pi_v(X + F) - pi_v(X) - flow_v(pi_v(X)) |. Flow estimated view by view
disagrees between views; a single motion in the world cannot.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from livescape.engine.irls import solve_irls
from livescape.engine.irls.observations import MotionView, observe
from livescape.engine.irls.reprojection import mean_residual
from livescape.motion.lift import lift_motion
from livescape.motion.solve_sgd import solve_sgd
from livescape_shared.settings import SOLVERS

LOGGER = logging.getLogger(__name__)

Float32Array = NDArray[np.float32]
Progress = Callable[[int, int], None]

GRAZING = 0.03
"""Sine of the angle to a surface below which motion along the line of sight is motion along it."""


@dataclass(frozen=True)
class RefinedMotion:
    """One motion per point.

    Attributes:
        motion: [N, 3] metres per frame, world axes; zero where no view sees the point.
        residual: [N] mean distance in pixels between the views' flow and the projected motion.
        support: [N] number of views that see the point.
    """

    motion: Float32Array
    residual: Float32Array
    support: NDArray[np.int32]


def refine_motion(
    points: NDArray[np.floating],
    views: Sequence[MotionView],
    *,
    normals: NDArray[np.floating] | None = None,
    solver: str = "irls",
    device: torch.device | str = "cpu",
    progress: Progress | None = None,
) -> RefinedMotion:
    """Find the 3D motion that explains the 2D motion of all views.

    Args:
        points: [N, 3] world positions in metres.
        views: 2D motion, confidence and visibility of each view.
        normals: [N, 3] unit surface normals; motion off the surface is then held back. Used by
            ``irls`` only.
        solver: ``irls`` (robust, converged), ``sgd`` (the paper's) or ``none`` (the first view's
            motion, lifted).
        device: Where to compute.
        progress: Called with (done, total) between parts of the work; may raise to stop.
    """
    if solver not in SOLVERS:
        raise ValueError(f"solver {solver!r} is none of {SOLVERS}")
    if normals is not None and normals.shape != points.shape:
        raise ValueError(f"normals {normals.shape} for points {points.shape}")
    report = progress or (lambda *_: None)
    observations = observe(points, views, lambda: report(0, len(points)))
    if len(points) == 0 or len(views) == 0:
        motion = torch.zeros((3, len(points)))
    elif solver == "none":
        motion = lift_motion(observations.to("cpu", torch.float32))
    elif solver == "sgd":
        motion = solve_sgd(observations.to(device, torch.float32), progress=progress)
    else:
        solved = solve_irls(observations, normals, device=device, progress=progress)
        motion = torch.from_numpy(solved).T
    found = np.ascontiguousarray(motion.to("cpu", torch.float32).T.numpy())
    support = (observations.weight > 0).sum(0).to(torch.int32).numpy()
    residual = mean_residual(observations, found).astype(np.float32)
    return RefinedMotion(found, residual, support)


def along_surface(
    motion: Float32Array,
    points: NDArray[np.floating],
    normals: NDArray[np.floating],
    eye: NDArray[np.floating],
) -> Float32Array:
    """Return motion [N, 3] that keeps to the surface and looks the same from ``eye``.

    Each is moved along its line of sight until it lies in the tangent plane. Views that disagree
    leave some motion off the surface, and water that rises by a hand's breadth covers the rocks in
    it.

    Args:
        motion: [N, 3] metres per frame.
        points: [N, 3] metres.
        normals: [N, 3] of unit length.
        eye: [3] metres.
    """
    ray = points - eye
    ray = ray / np.maximum(np.linalg.norm(ray, axis=1, keepdims=True), 1e-12)
    off = (motion * normals).sum(axis=1)
    across = (ray * normals).sum(axis=1)
    # Near the horizon a surface and the lines of sight are parallel.
    grazing = np.abs(across) < GRAZING
    slide = -off / np.where(grazing, 1.0, across)
    most = np.linalg.norm(motion, axis=1)
    slid = motion + np.clip(slide, -most, most)[:, None] * ray
    kept = np.where(grazing[:, None], motion - off[:, None] * normals, slid)
    return np.asarray(kept, dtype=np.float32)


def fill_unsupported(
    motion: Float32Array,
    support: NDArray[np.integer],
    points: NDArray[np.floating],
    *,
    neighbours: int = 8,
    samples: int = 8192,
    progress: Progress = lambda *_: None,
) -> Float32Array:
    """Give points that no view sees the motion of supported points nearby.

    Args:
        motion: [N, 3].
        support: [N]; points of support 0 are filled.
        points: [N, 3] world positions in metres.
        neighbours: Supported points averaged, by inverse distance.
        samples: Most supported points searched, evenly spaced in memory.
        progress: Called with (part, parts); may raise to stop.

    Returns:
        [N, 3]; a copy.
    """
    filled = motion.copy()
    empty, known = np.flatnonzero(support == 0), np.flatnonzero(support > 0)
    if len(empty) == 0 or len(known) == 0:
        return filled
    known = known[:: max(1, len(known) // samples)]
    near = torch.from_numpy(points[known].astype(np.float32))
    values = torch.from_numpy(motion[known])
    parts = np.array_split(empty, max(1, len(empty) // 2048))
    for number, part in enumerate(parts):
        progress(number, len(parts))
        distance = torch.cdist(torch.from_numpy(points[part].astype(np.float32)), near)
        closest, index = distance.topk(min(neighbours, len(known)), dim=1, largest=False)
        weight = 1.0 / (closest + 1e-6)
        mean = (values[index] * weight[..., None]).sum(1) / weight.sum(1, keepdim=True)
        filled[part] = mean.numpy()
    return filled
