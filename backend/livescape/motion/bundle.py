"""Bundle adjustment of a clip: poses of the frames and inverse depths of what is tracked, at once.

Poses and depths by turns would creep: a turn of the camera looks much like a way aside with other
depths. With depths eliminated (Schur complement), what is left to solve are six numbers a frame.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

STEPS = 12
NOISE_PX = 0.5
"""Error of a track from which on it counts less (Huber)."""

INDEPENDENT = 4
"""Frames whose errors count as independent: those of neighbours are much the same."""

_DAMPING = 1e-6


def adjusted(
    poses: Float64Array,
    inverse: Float64Array,
    rays: Float64Array,
    at: NDArray[np.floating],
    alive: Mask,
    K: Float64Array,
    doubt: float,
    trust: Float64Array | float = 1.0,
) -> tuple[Float64Array, Float64Array]:
    """Return poses and inverse depths that explain the tracks best.

    Args:
        poses: [T, 4, 4] from the first frame's camera to each one's; the first stays.
        inverse: [N] in 1/m, as known beforehand.
        rays: [N, 3] through the first frame's corners, z = 1.
        at: [T, N, 2] pixels.
        alive: [T, N] bool.
        K: [3, 3] in pixels.
        doubt: Relative standard deviation of what is known of the depths.
        trust: [N] weight of each track, 1 for one of what stands.
    """
    known, poses = inverse, poses.copy()
    variance = (doubt * known) ** 2 * INDEPENDENT / max(len(poses) - 1, INDEPENDENT)
    for _ in range(STEPS):
        rest, by_pose, by_depth = _linearised(poses, inverse, rays, at, K)
        size = np.linalg.norm(rest, axis=-1)
        sure = trust * np.minimum(1.0, NOISE_PX / np.maximum(size, 1e-9)) / NOISE_PX**2
        weight = (alive * sure)[1:]
        rest, by_pose, by_depth = rest[1:], by_pose[1:], by_depth[1:]
        weighted = weight[..., None, None] * by_pose
        cross = np.einsum("tnri,tnr->tin", weighted, by_depth)
        of_depth = (weight[..., None] * by_depth * by_depth).sum((0, 2)) + 1.0 / variance
        pull = (weight[..., None] * by_depth * rest).sum((0, 2)) + (known - inverse) / variance
        of_pose = np.einsum("tnri,tnrj->tij", weighted, by_pose)
        push = np.einsum("tnri,tnr->ti", weighted, rest)
        count = 6 * len(of_pose)
        flat = cross.reshape(count, -1)
        reduced = -(flat / of_depth) @ flat.T
        for number, block in enumerate(of_pose):
            own = slice(6 * number, 6 * number + 6)
            reduced[own, own] += block
        reduced[np.diag_indices(count)] *= 1.0 + _DAMPING
        reduced[np.diag_indices(count)] += _DAMPING
        change = np.linalg.solve(reduced, push.ravel() - flat @ (pull / of_depth))
        deeper = (pull - flat.T @ change) / of_depth
        inverse = np.clip(inverse + deeper, 0.1 * known, 10.0 * known)
        for number, step in enumerate(change.reshape(-1, 6), 1):
            moved = np.eye(4)
            moved[:3, :3], moved[:3, 3] = cv2.Rodrigues(step[:3])[0], step[3:]
            poses[number] = moved @ poses[number]
    # No track tells the scale: it is that of the depth which is known.
    scale = float(np.median(inverse / known))
    poses[:, :3, 3] *= scale
    return poses, inverse / scale


def seen(
    poses: Float64Array, inverse: Float64Array, rays: Float64Array, K: Float64Array
) -> Float64Array:
    """Return where cameras [T, 4, 4] see points [T, N, 2]."""
    local = rays @ poses[:, :3, :3].transpose(0, 2, 1) + inverse[:, None] * poses[:, None, :3, 3]
    shown = local @ K.T
    return np.asarray(shown[..., :2] / np.maximum(shown[..., 2:], 1e-6))


def _linearised(
    poses: Float64Array,
    inverse: Float64Array,
    rays: Float64Array,
    at: NDArray[np.floating],
    K: Float64Array,
) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Return what is left [T, N, 2], and how places change with poses and with inverse depths.

    Poses change by a turn and a way [T, N, 2, 6] in the camera's axes, depths [T, N, 2].
    """
    way = poses[:, None, :3, 3]
    local = rays @ poses[:, :3, :3].transpose(0, 2, 1) + inverse[:, None] * way
    z = np.maximum(local[..., 2], 1e-6)
    shown = (local @ K.T)[..., :2] / z[..., None]
    by_local = np.zeros((*z.shape, 2, 3))
    by_local[..., 0] = (K[:2, 0] / z[..., None]).reshape(*z.shape, 2)
    by_local[..., 1] = (K[:2, 1] / z[..., None]).reshape(*z.shape, 2)
    by_local[..., 2] = (K[:2, 2] - shown) / z[..., None]
    turn = np.cross(local[..., None, :], by_local)
    by_pose = np.concatenate([turn, inverse[:, None, None] * by_local], axis=-1)
    by_depth = np.einsum("tnrc,tnc->tnr", by_local, np.broadcast_to(way, local.shape))
    return at - shown, by_pose, by_depth
