"""Eulerian integration on a torch device, in the scene and in the image.

The kernels of `cpu` do the same. Everything is float64:
rounding adds up over a loop, and the work is too small for the slower arithmetic to matter.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import grid_sample

from livescape.engine.advect.cpu import NEAR
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]


def integrate_3d(
    means: NDArray[np.floating],
    motion: NDArray[np.floating],
    camera: Camera,
    steps: int,
    device: str,
) -> Float32Array:
    """See :func:`livescape.engine.advect.integrate_3d`.

    All points take a step at once, forward and backward together.
    """
    start = _tensor(np.asarray(means, np.float32), device)
    field = _tensor(motion, device).permute(2, 0, 1)[None]
    projection = _tensor(camera.K @ camera.viewmat[:3], device)
    positions = torch.empty(2 * steps + 1, *start.shape, device=device)
    positions[steps] = start
    current = torch.stack((start, start))
    for step in range(1, steps + 1):
        moved = _motion_at(current, field, projection)
        current = torch.stack((current[0] + moved[0], current[1] - moved[1]))
        positions[steps + step], positions[steps - step] = current[0], current[1]
    return positions.cpu().numpy()


def displacements_at(
    motion: NDArray[np.floating],
    steps: Iterable[int],
    positions: NDArray[np.floating],
    backward: bool,
    device: str,
) -> dict[int, Float32Array]:
    """See :func:`livescape.engine.advect.displacements_at`."""
    wanted = sorted(set(steps))
    start = _tensor(np.asarray(positions, np.float32), device)[None]
    field = _tensor(-motion if backward else motion, device).permute(2, 0, 1)[None]
    found: dict[int, Tensor] = {}
    current, done = start, 0
    for step in wanted:
        for _ in range(step - done):
            current = current + _read(field, *current.unbind(-1))
        found[step], done = (current - start)[0].float(), step
    return {step: moved.cpu().numpy() for step, moved in found.items()}


def _tensor(array: NDArray[np.floating], device: str) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, np.float64)).to(device)


def _motion_at(points: Tensor, field: Tensor, projection: Tensor) -> Tensor:
    """`field` [1, 3, H, W] seen at `points` [2, M, 3]; 0 behind the camera."""
    x, y, depth = (points @ projection[:, :3].T + projection[:, 3]).unbind(-1)
    behind = ~(depth > NEAR)
    # masked_fill and not where, which would copy its scalar to the device and wait for it.
    safe = depth.masked_fill(behind, 1.0)
    return _read(field, x / safe, y / safe).masked_fill(behind[..., None], 0.0)


def _read(field: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Interpolate `field` [1, C, H, W] at pixels `x`, `y` [R, M] to [R, M, C]."""
    height, width = field.shape[2:]
    # grid_sample's -1 and 1 are the outer edges of the image; its "border" goes on past them.
    grid = torch.stack((2.0 * x / width - 1.0, 2.0 * y / height - 1.0), dim=-1)
    sampled = grid_sample(field, grid[None], padding_mode="border", align_corners=False)
    return sampled[0].permute(1, 2, 0)
