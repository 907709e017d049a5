"""How many Gaussians each moving one becomes, by the place where it starts."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import unproject_image
from livescape.deform.trajectories import MotionGrid, life_and_handover
from livescape.engine.advect import integrate_3d
from livescape.imaging.smoothing import fill_smooth
from livescape.points.layers import MOVES, Layer

UInt8Array = NDArray[np.uint8]

ACROSS = 64
"""Places across the grid, about, from which motion is followed."""


def copies_on(
    layer: Layer, grid: MotionGrid, loop_frames: int, *, device: str = "cpu"
) -> UInt8Array:
    """Return [H, W] two where an incoming copy follows what starts there in a shot, else one.

    It is found at some places, in between it is that of the surroundings: where one copy comes in,
    so do its neighbours.

    Args:
        layer: What moves.
        grid: How it moves, on the layer's grid.
        loop_frames: Frames of the shot.
        device: Where to integrate.
    """
    step = max(1, layer.depth.shape[1] // ACROSS)
    some = (slice(step // 2, None, step),) * 2
    moves = (layer.valid & (layer.moving > MOVES))[some]
    starts = unproject_image(layer.depth, grid.camera)[some][moves]
    if not len(starts):
        return np.ones(layer.depth.shape, np.uint8)
    positions = integrate_3d(starts, grid.motion, grid.camera, loop_frames, device=device)
    _, hands = life_and_handover(positions, grid, loop_frames)
    found = np.zeros((*moves.shape, 1), np.float32)
    found[moves, 0] = hands[:, 0] <= 1.0
    follows = fill_smooth(found, moves)[..., 0] > 0.5
    full = cv2.resize(
        follows.astype(np.uint8), layer.depth.shape[::-1], interpolation=cv2.INTER_NEAREST
    )
    return np.asarray(1 + full, np.uint8)
