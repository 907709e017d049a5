"""`integrate_3d` on a torch device; the Numba version in `eulerian` is its twin."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import grid_sample

from livescape.motion.eulerian import NEAR, Float32Array, check_integrable
from livescape_shared.camera import Camera


def integrate_3d_torch(
    means: NDArray[np.floating],
    motion: NDArray[np.floating],
    camera: Camera,
    steps: int,
    device: str = "cuda",
) -> Float32Array:
    """Carry points through a steady 3D motion; arguments and result as in `integrate_3d`.

    Every point takes each step at once, forward and backward together, in float64: rounding adds
    up over a loop, and the work is too small for the slower arithmetic to show.

    Returns:
        [2 * steps + 1, M, 3] positions at s = -steps .. steps.
    """
    check_integrable(means, motion, camera)

    def tensor(array: NDArray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array, np.float64)).to(device)

    start = tensor(np.asarray(means, np.float32))
    field = tensor(motion).permute(2, 0, 1)[None]
    projection = tensor(camera.K @ camera.viewmat[:3])
    positions = torch.empty(2 * steps + 1, *start.shape, device=device)
    positions[steps] = start
    current = torch.stack((start, start))
    for step in range(1, steps + 1):
        moved = _motion_at(current, field, projection)
        current = torch.stack((current[0] + moved[0], current[1] - moved[1]))
        positions[steps + step], positions[steps - step] = current[0], current[1]
    return positions.cpu().numpy()


def _motion_at(points: Tensor, field: Tensor, projection: Tensor) -> Tensor:
    """`field` [1, 3, H, W] seen at `points` [2, M, 3]; 0 behind the camera."""
    x, y, depth = (points @ projection[:, :3].T + projection[:, 3]).unbind(-1)
    ahead = depth > NEAR
    safe = torch.where(ahead, depth, 1.0)
    height, width = field.shape[2:]
    # grid_sample's -1 and 1 are the outer edges of the image; its "border" goes on past them.
    grid = torch.stack((2.0 * x / (safe * width) - 1.0, 2.0 * y / (safe * height) - 1.0), dim=-1)
    sampled = grid_sample(field, grid[None], padding_mode="border", align_corners=False)
    return torch.where(ahead[..., None], sampled[0].permute(1, 2, 0), 0.0)
