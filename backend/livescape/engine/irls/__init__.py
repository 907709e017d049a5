"""3D motion refinement to convergence: one small robust least-squares problem per point.

Eq. 7 of the paper separates: no term couples two points. Each has 3 unknowns and two equations per
view, so Gauss-Newton with Huber weights (IRLS) on 3x3 systems solves it exactly, at any depth and
resolution, where the paper's SGD does not reach the motion of far points.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from livescape.engine.dispatch import on_cpu
from livescape.engine.irls import cpu, cuda
from livescape.engine.irls.observations import Observations


def solve_irls(
    observations: Observations,
    normals: NDArray[np.floating] | None,
    *,
    device: torch.device | str = "cpu",
    progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float64]:
    """Minimise the robust reprojection error of every point's motion.

    The unobservable direction is determined by a prior: motion lies along the surface if
    ``normals`` are given, else across the mean viewing ray. The weight of the prior is
    noise^2 / motion^2, both measured per point, so it fades where the views agree.

    Args:
        observations: On the CPU, of any type.
        normals: [N, 3] unit surface normals, if known.
        device: Where to compute.
        progress: Called with (points solved, N) now and then; may raise to stop.

    Returns:
        [N, 3] motion in metres per frame, world axes; zero where no view sees the point.
    """
    if on_cpu(device):
        return cpu.solve_irls(observations, normals, progress)
    return cuda.solve_irls(observations, normals, device, progress)
