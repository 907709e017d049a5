"""What becomes of what moves, by the place where it starts: how many Gaussians, and where."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points, unproject_image
from livescape.deform.trajectories import MotionGrid, lives_and_handover
from livescape.engine.advect import integrate_3d
from livescape.imaging.smoothing import fill_smooth
from livescape.points.attention import Ways
from livescape.points.layers import MOVES, Layer

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

ACROSS = 64
"""Places across the grid, about, from which motion is followed."""

MOMENTS = 5
"""Moments of a shot at which it counts where what flows has come to."""


def copies_and_ways_on(
    layer: Layer, grid: MotionGrid, loop_frames: int, *, device: str = "cpu"
) -> tuple[UInt8Array, Ways | None]:
    """Return what becomes in a shot of what starts on a layer.

    Args:
        layer: What moves.
        grid: How it moves, on the layer's grid.
        loop_frames: Frames of the shot.
        device: Where to integrate.

    Returns:
        [H, W] two where an incoming copy follows, else one; and where it comes to, None if nothing
        moves.
    """
    moves, positions = _followed(layer, grid, loop_frames, device)
    if not moves.any():
        return np.ones(layer.depth.shape, np.uint8), None
    copies = _copies(layer, grid, loop_frames, moves, positions)
    return copies, _ways(layer, grid, loop_frames, moves, positions)


def _copies(
    layer: Layer,
    grid: MotionGrid,
    loop_frames: int,
    moves: NDArray[np.bool_],
    positions: Float32Array,
) -> UInt8Array:
    """Return the copies [H, W]: found at some places, in between those of the surroundings.

    Where one copy comes in, so do its neighbours.
    """
    hands = lives_and_handover(positions, grid, loop_frames).handover
    found = np.zeros((*moves.shape, 1), np.float32)
    found[moves, 0] = hands[:, 0] <= 1.0
    follows = fill_smooth(found, moves)[..., 0] > 0.5
    full = cv2.resize(
        follows.astype(np.uint8), layer.depth.shape[::-1], interpolation=cv2.INTER_NEAREST
    )
    return np.asarray(1 + full, np.uint8)


def _ways(
    layer: Layer,
    grid: MotionGrid,
    loop_frames: int,
    moves: NDArray[np.bool_],
    positions: Float32Array,
) -> Ways:
    moments = np.linspace(loop_frames, 2 * loop_frames, MOMENTS).round().astype(int)
    found = np.full((MOMENTS, *moves.shape, 2), np.nan, np.float32)
    pixels, _ = project_points(positions[moments].reshape(-1, 3), grid.camera)
    found[:, moves] = pixels.reshape(MOMENTS, -1, 2)
    return Ways(_step(layer), found)


def _step(layer: Layer) -> int:
    return max(1, int(layer.depth.shape[1]) // ACROSS)


def _followed(
    layer: Layer, grid: MotionGrid, loop_frames: int, device: str
) -> tuple[NDArray[np.bool_], Float32Array]:
    """Return which of some places move [h, w], and where those M are [S, M, 3] over time."""
    step = _step(layer)
    some = (slice(step // 2, None, step),) * 2
    moves = (layer.valid & (layer.moving > MOVES))[some]
    starts = unproject_image(layer.depth, grid.camera)[some][moves]
    return moves, integrate_3d(starts, grid.motion, grid.camera, loop_frames, device=device)
