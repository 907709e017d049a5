"""Eulerian motion over time: whatever is at x moves by M(x) per frame.

Plain definition (Holynski et al., "Animating Pictures with Eulerian Motion Fields"):
D_0 = 0, D_{k+1}(x) = D_k(x) + M(x + D_k(x)); backward in time the same with -M. Released codes
look M up at the nearest pixel; here it is interpolated, which keeps trajectories smooth. A
trajectory that leaves the frame continues with the motion at the frame's edge, so that content
keeps flowing in and out instead of piling up there.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from livescape.engine.advect import cpu, cuda
from livescape.engine.dispatch import on_cpu
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]


def displacements_at(
    motion: NDArray[np.floating],
    steps: Iterable[int],
    positions: NDArray[np.floating],
    *,
    backward: bool = False,
    device: str = "cpu",
) -> dict[int, Float32Array]:
    """Return the displacement [P, 2] after each of ``steps``, in pixels.

    Args:
        motion: [H, W, 2] pixels per frame.
        steps: Numbers of frames.
        positions: [P, 2] where trajectories start.
        backward: Integrate -M.
        device: Where to compute.
    """
    if on_cpu(device):
        return cpu.displacements_at(motion, steps, positions, backward)
    return cuda.displacements_at(motion, steps, positions, backward, device)


def integrate_3d(
    means: NDArray[np.floating],
    motion: NDArray[np.floating],
    camera: Camera,
    steps: int,
    *,
    device: str = "cpu",
) -> Float32Array:
    """Carry points through a steady 3D motion: X_{k+1} = X_k + F(pi(X_k)), and back with -F.

    F is interpolated. A point that moves off the image goes on with the motion of the image's
    edge; one behind the camera stays.

    Args:
        means: [M, 3] world positions at s = 0.
        motion: [H, W, 3] metres per frame, world axes, on the image of ``camera``.
        camera: The reference camera.
        steps: Frames to each side.
        device: Where to compute.

    Returns:
        [2 * steps + 1, M, 3] positions at s = -steps .. steps.

    Raises:
        ValueError: If a shape is wrong.
    """
    if motion.shape != (camera.height, camera.width, 3):
        raise ValueError(f"motion {motion.shape} is not on the camera's image")
    if means.ndim != 2 or means.shape[1] != 3:
        raise ValueError(f"means are [M, 3], not {means.shape}")
    if on_cpu(device):
        return cpu.integrate_3d(means, motion, camera, steps)
    return cuda.integrate_3d(means, motion, camera, steps, device)
