"""What flows past the foot of a rock does not reach over it.

Gaussians are drawn in the order of their centres. Water that has come nearer than a rock's foot is
drawn over that as far as it reaches, and what was a part of a pixel far away is many pixels long
when it has come near: the rock's foot would seem to stir.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import axes_in_pixels, project_points
from livescape.points.feet import Feet
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians, rotation_matrices

Float32Array = NDArray[np.float32]

SHORTEST = 2.0
"""Pixels of the photo to which what passes a foot may reach in any case, as a standard deviation:
shortened further, what flows beside a foot would come apart."""

LEVEL = 0.99
"""Share of a foot's depth from which on what flows there counts as being before it."""

EVERY = 2
"""Frames of a way between those that are looked at: hardly anything flows farther than a pixel."""


def short_of_feet(
    gaussians: Gaussians,
    positions: Float32Array,
    shown: Float32Array,
    feet: Feet,
    camera: Camera,
) -> Float32Array:
    """Return scales [M, 3] with which none reaches farther over a foot than at t = 0.

    A standard deviation may reach the foot, or :data:`SHORTEST`. Only the axes that lead there are
    shortened.

    Args:
        gaussians: M that flow.
        positions: [S, M, 3] where they are at S phases evenly from -1 to 1.
        shown: [M, 2] phases between which they are shown.
        feet: What they pass.
        camera: Of the grid of ``feet``.
    """
    phases = np.linspace(-1.0, 1.0, len(positions))[::EVERY, None]
    visible = (phases >= shown[:, 0]) & (phases <= shown[:, 1])
    moments, which = np.nonzero(visible)
    excess, leads = _excess(gaussians, positions[::EVERY][moments, which], which, feet, camera)
    every = np.arange(len(gaussians))
    at_first, _ = _excess(gaussians, positions[len(positions) // 2], every, feet, camera)
    excess /= np.maximum(at_first, 1.0)[which]
    over = np.flatnonzero(excess > 1.0)
    over = over[np.argsort(excess[over], kind="stable")]  # the farthest comes last, and counts
    factor = np.ones_like(gaussians.scales)
    factor[which[over]] = 1.0 - (1.0 - 1.0 / excess[over, None]) * leads[over]
    return np.asarray(gaussians.scales * factor, dtype=np.float32)


def _excess(
    gaussians: Gaussians,
    places: Float32Array,
    which: NDArray[np.intp],
    feet: Feet,
    camera: Camera,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how many times too far K of M Gaussians reach at ``places`` [K, 3].

    Args:
        gaussians: M that flow.
        places: [K, 3] where some are.
        which: [K] who is there.
        feet: What they pass.
        camera: Of the grid of ``feet``.

    Returns:
        [K] how many times as far as they may, 0 for what passes behind or nothing; and [K, 3] how
        much each axis leads there, 1 for the one that leads there most.
    """
    excess, leads = np.zeros(len(places)), np.zeros((len(places), 3))
    pixels, depth = project_points(places, camera)
    near = (depth > 0.0) & np.all(
        (pixels >= 0.0) & (pixels < (camera.width, camera.height)), axis=1
    )
    columns, rows = pixels[near].astype(np.int64).T
    may = np.maximum(feet.clearance[rows, columns], SHORTEST)
    # At most: towards the edge of a wide picture, a metre is more pixels than in its middle.
    widest = 2.0 * gaussians.scales.max(axis=1)[which[near]] * camera.K[0, 0] / depth[near]
    reaches = (widest > may) & (depth[near] * LEVEL <= feet.foot[rows, columns, 2])
    at, may = np.flatnonzero(near)[reaches], may[reaches]
    if not len(at):
        return excess, leads
    towards = feet.foot[rows[reaches], columns[reaches], :2] - pixels[at]
    towards /= np.maximum(np.linalg.norm(towards, axis=1, keepdims=True), 1e-6)
    own = gaussians[which[at]]
    axes = axes_in_pixels(places[at], rotation_matrices(own.quats).astype(np.float64), camera)
    along = np.einsum("kp,kpa->ka", towards, axes) * own.scales
    most = np.maximum(np.abs(along).max(axis=1, keepdims=True), 1e-12)
    excess[at] = np.linalg.norm(along, axis=1) / may
    leads[at] = (along / most) ** 2
    return excess, leads
