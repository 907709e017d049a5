"""Clouds told by hints: a deck that moves as one, parallel to the ground.

A deck at a height h is seen along a ray at the distance h over the ray's slope, so clouds that all
have one velocity move fast overhead and hardly at all above the horizon. How high the deck is
changes nothing in the picture: what moves by so many pixels there moves by so many heights.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.motion.hint_reach import default_reach, hint_weights, pixel_at
from livescape.motion.many_hints import MANY, thinned
from livescape.points.floor import Floor, grid_tangents
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

MOST_GAIN = 4.0
"""Factor on the fastest hint's speed that no cloud exceeds. Hints in the middle of the sky need
no more: overhead, twice as high above the horizon, clouds are seen twice as near and twice as
steeply. One just above the horizon says little of those overhead."""

LOWEST = 0.02
"""Slope of a ray above the horizon below which a hint says nothing of the deck."""


def spread_on_deck(
    starts: NDArray[np.floating],
    motions: NDArray[np.floating],
    sky: NDArray[np.floating],
    floor: Floor,
    camera: Camera,
) -> Float32Array | None:
    """Spread hints over the sky: everywhere the velocity of the deck that explains those around.

    It is the one of least squares in the picture, where each hint was drawn equally well.

    Args:
        starts: [n, 2] pixels.
        motions: [n, 2] pixels per frame.
        sky: [H, W] in 0..1, what of the sky moves.
        floor: The plane that the deck is parallel to.
        camera: The photo's.

    Returns:
        [H, W, 2] pixels per frame, zero outside; None if no hint lies in the sky above the horizon.
    """
    tangents = grid_tangents(camera)
    normal = np.array([*floor.slope, floor.level])
    above = -floor.disparity(tangents) / float(np.linalg.norm(normal))
    if len(starts) > MANY:
        starts, motions = thinned(starts, motions, default_reach(sky, MANY))
    pixels = [pixel_at(start, camera.width, camera.height)[::-1] for start in starts]
    tells = [sky[pixel] > 0 and above[pixel] > LOWEST for pixel in pixels]
    if not any(tells):
        return None
    starts, motions = starts[tells], motions[tells]
    pixels = [pixel for pixel, one in zip(pixels, tells, strict=True) if one]
    seen = _seen_motion(np.maximum(above, 0.0), tangents, normal, camera)
    square = np.zeros((*sky.shape, 2, 2))
    right = np.zeros((*sky.shape, 2))
    weights = hint_weights(starts, sky.shape, default_reach(sky, len(starts)))
    for weight, pixel, motion in zip(weights, pixels, motions, strict=True):
        here = seen[pixel]
        square += weight[..., None, None] * (here.T @ here)
        right += weight[..., None] * (here.T @ motion)
    velocity = np.linalg.solve(square, right[..., None])
    flow = (seen @ velocity)[..., 0]
    fastest = float(np.linalg.norm(motions, axis=1).max())
    speed = np.linalg.norm(flow, axis=-1)
    slowed = np.minimum(1.0, MOST_GAIN * fastest / np.maximum(speed, 1e-12))
    return np.asarray(flow * (slowed * sky)[..., None], dtype=np.float32)


def _seen_motion(
    above: Float64Array, tangents: Float64Array, normal: Float64Array, camera: Camera
) -> Float64Array:
    """Return [H, W, 2, 2] pixels that motion by a height of the deck along its two axes is seen by.

    Args:
        above: [H, W] heights over depths.
        tangents: [H, W, 2] of the rays.
        normal: [3] of the deck, in the camera's axes.
        camera: The photo's.
    """
    ahead = np.cross([1.0, 0.0, 0.0], normal)
    axes = np.stack([np.cross(normal, ahead), ahead])
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    focal = np.array([camera.K[0, 0], camera.K[1, 1]])
    seen = axes[:, :2].T - tangents[..., :, None] * axes[:, 2]
    return np.asarray(seen * focal[:, None] * above[..., None, None])
