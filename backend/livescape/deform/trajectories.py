"""Refined 3D motion to trajectories: Eulerian integration, basis coefficients, lifetimes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points
from livescape.deform.basis import MovingField, fit_coefficients, lifetimes
from livescape.engine.advect import integrate_3d
from livescape.imaging.sampling import sample_bilinear
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians

Float32Array = NDArray[np.float32]

CHUNK = 16_384
LEAVES = 0.5
"""A trajectory has left once the mask falls below this fraction of its value at the start."""


@dataclass(frozen=True)
class MotionGrid:
    """One 3D motion field on the padded photo grid, extended beyond where it was measured.

    Attributes:
        motion: [H, W, 3] metres per frame, world axes.
        mask: [H, W] 0..1, where it moves.
        camera: Camera of the grid.
    """

    motion: Float32Array
    mask: Float32Array
    camera: Camera


def moving_field(
    gaussians: Gaussians,
    grid: MotionGrid,
    loop_frames: int,
    terms: int,
    *,
    device: str = "cpu",
    proceed: Callable[[], None] = lambda: None,
) -> MovingField:
    """Return ``gaussians`` that follow ``grid`` for a loop forward and a loop backward.

    They keep their colours.

    Args:
        gaussians: M Gaussians at t = 0.
        grid: The motion they lie in.
        loop_frames: Frames of a loop.
        terms: K, basis functions of each trajectory.
        device: Where to integrate.
        proceed: Called between parts of the work; may raise to stop.
    """
    eye = grid.camera.position.astype(np.float32)
    coefficients = [np.zeros((terms, 0, 3), np.float32)]
    life = [np.zeros((0, 2), np.float32)]
    for start in range(0, len(gaussians), CHUNK):
        proceed()
        means = gaussians.means[start : start + CHUNK]
        positions = integrate_3d(means, grid.motion, grid.camera, loop_frames, device=device)
        coefficients.append(fit_coefficients(positions - means, terms))
        life.append(lifetimes(_inside(positions, grid)))
    along = np.concatenate(coefficients, axis=1)
    return MovingField(gaussians, along, np.concatenate(life), eye, gaussians.colors)


def extrapolated_field(
    gaussians: Gaussians, grid: MotionGrid, loop_frames: int, *, device: str = "cpu"
) -> MovingField:
    """Return ``gaussians`` on straight lines, at the constant velocity of their first frame.

    This is the advection of the released 3D-MOM code: k times the motion after k frames.
    """
    steps = integrate_3d(gaussians.means, grid.motion, grid.camera, 1, device=device)
    line = (steps[2] - steps[1])[None] * np.float32(loop_frames)
    life = np.tile(np.array([-2.0, 2.0], np.float32), (len(gaussians), 1))
    eye = grid.camera.position.astype(np.float32)
    return MovingField(gaussians, line, life, eye, gaussians.colors)


def _inside(positions: Float32Array, grid: MotionGrid) -> NDArray[np.bool_]:
    """Return [S, M] whether each position [S, M, 3] still lies in the moving region."""
    pixels, _ = project_points(positions.reshape(-1, 3), grid.camera)
    mask = sample_bilinear(grid.mask[..., None], pixels).reshape(positions.shape[:2])
    home = mask[len(mask) // 2]
    return np.asarray(mask >= LEAVES * home)
