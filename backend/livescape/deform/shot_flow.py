"""Where what flows comes to in a shot, and how far it is drawn apart on its way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.deform.trajectories import CHUNK, MotionGrid, lives_and_handover
from livescape.engine.advect import integrate_3d
from livescape.gaussians.zoom import Flow
from livescape_shared.gaussians import Gaussians

MOMENTS = 5
"""Moments of a shot, the first and the last among them, that are looked at."""

MOST_STRETCH = 3.0
"""Most by which neighbours count as drawn apart: a fall that begins at rest has no least speed."""


def flow_in_shot(
    gaussians: Gaussians,
    moves: NDArray[np.bool_],
    grid: MotionGrid,
    loop_frames: int,
    *,
    device: str = "cpu",
) -> Flow:
    """Return how those of ``gaussians`` flow that do, while they are on their surface.

    Args:
        gaussians: N Gaussians at t = 0.
        moves: [N] those that flow.
        grid: The motion they lie in.
        loop_frames: Frames of the shot.
        device: Where to integrate.
    """
    means = gaussians.means[moves]
    parts = [
        _followed(means[first : first + CHUNK], grid, loop_frames, device)
        for first in range(0, max(len(means), 1), CHUNK)
    ]
    places, along, stretch = zip(*parts, strict=True)
    return Flow(
        moves, np.concatenate(places, axis=1), np.concatenate(along), np.concatenate(stretch)
    )


def _followed(
    means: NDArray[np.float32], grid: MotionGrid, loop_frames: int, device: str
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float64]]:
    """Return places [S, M, 3], directions [M, 3] and stretch [M] of ``means`` [M, 3].

    In a steady flow neighbours that follow each other are as far apart as they are fast.
    """
    positions = integrate_3d(means, grid.motion, grid.camera, loop_frames, device=device)
    lasts = lives_and_handover(positions, grid, loop_frames).surface[:, 1] * loop_frames
    moments = np.linspace(0, loop_frames - 1, MOMENTS).round().astype(int)
    on_surface = moments[:, None] <= lasts
    ahead = positions[loop_frames:].astype(np.float64)
    places = np.where(on_surface[..., None], ahead[moments], means)
    steps = ahead[moments + 1] - ahead[moments]
    speed = np.linalg.norm(steps, axis=-1)
    first = np.maximum(speed[0], np.finfo(np.float32).tiny)
    stretch = np.where(on_surface, speed / first, 1.0).max(axis=0).clip(1.0, MOST_STRETCH)
    return places.astype(np.float32), steps[0] / first[:, None], stretch
