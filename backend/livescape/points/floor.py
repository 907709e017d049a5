"""The plane on which a scene stands: water or ground, found in the depth that the photo shows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import disc
from livescape_shared.camera import Camera

Float32Image = NDArray[np.float32]
Float64Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

LOWEST = 1.0 / 3.0
"""Share of the photo's rows, from the bottom, in which the plane is sought."""

FITS = 0.15
"""Relative difference in disparity up to which a pixel supports the plane."""

LEAST_SUPPORT = 0.3
"""Least share of the lowest rows that must support it."""

MOST_ROLL = 0.15
"""Tangent of the largest angle between the horizon and the picture's rows."""

LEAST_TILT = 1e-3
"""Least growth of disparity per unit of tangent downward, as a share of the nearest: a plane below
that faces the camera, and whether it comes nearer at all is decided by rounding."""

LEAST_GROWTH = 0.02
"""Least sine of the angle between a line and the horizon for the two to meet."""

ROUNDS, TURNS = 20, 3

NARROWING = (0.15, 0.1, 0.07, 0.05, 0.035, 0.025, 0.02, 0.02, 0.02)
"""Relative differences in disparity that count as noise, one after the other, while the plane turns
to what lies on one."""

EXACT = 0.5
"""Least share that must lie on such a plane within the last of them."""

MOST_SAMPLES = 20_000

RAISED = (0.5, 2.5)
"""Disparities in units of the plane's between which a surface may still lie on it."""

HIGHEST = 98
"""Percentile of the heights at the photo's bottom up to which its margin reaches."""

ALONG = (0.2, 1.6)
"""Least and most slope of disparity down the picture, in units of the plane's, of what lies flat:
a bank that faces the camera rises less steeply, a wall not at all, the rim of a rock more."""

WHOLE = 0.015
"""Share of the long side below which a flat patch is none."""

LEAST_PATCH = 0.01
"""Share of the picture that a flat patch covers, unless it reaches the bottom."""


@dataclass(frozen=True)
class Floor:
    """A plane below the camera, by its disparity in the photo: affine in the pixel.

    Attributes:
        level: 1 / metres at the photo's principal point.
        slope: [2] change of ``level`` per unit of tangent to the right and down.
    """

    level: float
    slope: tuple[float, float]

    def disparity(self, tangents: NDArray[np.floating]) -> Float64Array:
        """Return 1 / metres [...] at ``tangents`` [..., 2]; negative above the horizon."""
        return np.asarray(self.level + tangents @ np.array(self.slope), dtype=np.float64)

    def raised(self, height: float) -> Floor:
        """Return the parallel plane whose disparity is ``height`` times this one's."""
        return Floor(self.level * height, (self.slope[0] * height, self.slope[1] * height))

    def on_grid(self, camera: Camera) -> Float64Array:
        """Return the disparity [H, W] at the pixel centres of ``camera``."""
        return self.disparity(grid_tangents(camera))

    def hit(self, eye: Float64Array, rays: Float64Array, camera: Camera) -> Float64Array:
        """Return where world ``rays`` [N, 3] from ``eye`` [3] meet it, those that do, [K, 3].

        Args:
            eye: World metres.
            rays: In world axes.
            camera: The photo's camera, in whose axes the plane is given.
        """
        # In camera axes the plane is (slope, level) . x = 1.
        normal = np.array([*self.slope, self.level])
        turn, shift = camera.viewmat[:3, :3], camera.viewmat[:3, 3]
        left = 1.0 - normal @ (turn @ eye + shift)
        toward = rays @ turn.T @ normal
        with np.errstate(divide="ignore", invalid="ignore"):
            along = left / toward
        meets = np.isfinite(along) & (along > 0.0)
        return np.asarray(eye + along[meets, None] * rays[meets])

    def vanishing_point(
        self, start: Float64Array, direction: Float64Array, camera: Camera
    ) -> Float64Array | None:
        """Return the pixel [2] where a line on the floor meets its horizon, if it does ahead.

        Args:
            start: [2] pixel on the line.
            direction: [2] along the line in the picture, away from the horizon.
            camera: The photo's.
        """
        scale = np.array([camera.K[0, 0], camera.K[1, 1]])
        here = float(self.disparity((start - camera.K[:2, 2]) / scale))
        growth = float((direction / scale) @ np.array(self.slope))
        if here <= 0.0 or growth <= LEAST_GROWTH * self.slope[1] / scale[1]:
            return None
        return np.asarray(start - here / growth * direction)


def grid_tangents(camera: Camera) -> Float64Array:
    """Return the tangents [H, W, 2] of the pixel centres of ``camera`` from its axis."""
    u = (np.arange(camera.width) + 0.5 - camera.K[0, 2]) / camera.K[0, 0]
    v = (np.arange(camera.height) + 0.5 - camera.K[1, 2]) / camera.K[1, 1]
    return np.stack(np.meshgrid(u, v), axis=-1)


def fit_floor(depth: Float32Image, sky: Mask, moving: Float32Image, camera: Camera) -> Floor | None:
    """Return the plane that most of the lowest rows lie on, or None if there is none.

    Water is level, ground is not: where the lowest rows show enough of what moves, it decides.

    Args:
        depth: [H, W] metres.
        sky: [H, W].
        moving: [H, W] 0..1.
        camera: The photo camera.
    """
    first = round((1.0 - LOWEST) * depth.shape[0])
    tangents = grid_tangents(camera)[first:].reshape(-1, 2)
    disparity = (1.0 / depth[first:]).reshape(-1).astype(np.float64)
    solid = ~sky[first:].reshape(-1)
    water = solid & (moving[first:] > 0.5).reshape(-1)
    for chosen in (water, solid):
        if chosen.sum() < LEAST_SUPPORT * len(chosen):
            continue
        floor = _plane_of_most(tangents[chosen], disparity[chosen])
        if abs(floor.slope[0]) > MOST_ROLL * floor.slope[1]:
            # A slope to the side is more often a bank or a wood than a camera that is tilted.
            level = tangents[chosen] * (0.0, 1.0)
            floor = _plane_of_most(level, disparity[chosen])
        found = floor.disparity(tangents[chosen])
        supports = np.abs(found / disparity[chosen] - 1.0) < FITS
        if supports.sum() >= LEAST_SUPPORT * len(chosen) and _is_below(floor, camera):
            return floor
    return None


def _plane_of_most(tangents: Float64Array, disparity: Float64Array) -> Floor:
    """Return the plane on which most lie exactly, or else that of least absolute difference.

    Differences are relative to the disparity. What is far away is at a grazing angle, and a plane
    halfway between a pool and the foot of its fall comes near to all of both.
    """
    step = max(1, len(disparity) // MOST_SAMPLES)
    tangents, disparity = tangents[::step], disparity[::step]
    rows = np.column_stack([np.ones(len(tangents)), tangents]) / disparity[:, None]
    solution, weight = np.zeros(3), np.ones(len(rows))
    for _ in range(ROUNDS):
        solution = _weighted_plane(rows, weight)
        weight = 1.0 / np.maximum(np.abs(rows @ solution - 1.0), 1e-3)
    exact = solution
    for noise in NARROWING:
        for _ in range(TURNS):
            weight = 1.0 / (1.0 + ((rows @ exact - 1.0) / noise) ** 2) ** 2
            exact = _weighted_plane(rows, weight)
    if (np.abs(rows @ exact - 1.0) < NARROWING[-1]).mean() >= EXACT:
        solution = exact
    return Floor(float(solution[0]), (float(solution[1]), float(solution[2])))


def _weighted_plane(rows: Float64Array, weight: Float64Array) -> Float64Array:
    """Return the plane [3] of least squares for which ``rows`` [N, 3] times it are 1."""
    scaled = rows * weight[:, None]
    found = np.linalg.lstsq(scaled.T @ rows, scaled.sum(axis=0), rcond=None)[0]
    return np.asarray(found, dtype=np.float64)


def _is_below(floor: Floor, camera: Camera) -> bool:
    """Return whether it comes nearer down the picture, and hardly across it."""
    across, down = floor.slope
    lowest = (camera.height - camera.K[1, 2]) / camera.K[1, 1]
    nearest = float(floor.disparity(np.array([0.0, lowest])))
    return nearest > 0.0 and down > LEAST_TILT * nearest and abs(across) <= MOST_ROLL * down


def highest(depth: Float32Image, floor: Floor, camera: Camera) -> float:
    """Return the disparity, in units of the floor's, of what is highest at the photo's bottom."""
    level = np.maximum(floor.on_grid(camera)[-1], 1e-9)
    ratio = np.percentile(1.0 / (depth[-1] * level), HIGHEST)
    return float(np.clip(ratio, 1.0, RAISED[1]))


def lies_flat(depth: Float32Image, sky: Mask, floor: Floor, camera: Camera) -> Mask:
    """Return [H, W] what lies along the floor, at its height or somewhat raised or sunk.

    Its disparity grows down the picture as the floor's does; what stands on it keeps its depth.
    """
    level = floor.on_grid(camera)
    safe = np.maximum(level, 1e-9)
    ratio = np.where(level > 0.0, 1.0 / (depth * safe), np.inf)
    near = ~sky & (ratio > RAISED[0]) & (ratio < RAISED[1])
    size = max(3, round(0.02 * max(depth.shape)) | 1)
    # Mirrored through its edge, a plane stays one there: its slope is not halved at the border.
    wide = np.pad((1.0 / depth).astype(np.float32), size, mode="reflect", reflect_type="odd")
    rise = np.gradient(cv2.blur(wide, (size, size)), axis=0)[size:-size, size:-size]
    down = rise * camera.K[1, 1] / floor.slope[1]
    slope = down / np.where(near, ratio, 1.0)
    return np.asarray(near & (slope > ALONG[0]) & (slope < ALONG[1]))


def whole_patches(flat: Mask) -> Mask:
    """Return ``flat`` [H, W] without what is thinner than a share of the picture."""
    whole = disc(max(1, round(WHOLE * max(flat.shape))))
    # What reaches the border goes on beyond it, and is no thin patch.
    wide = np.pad(flat.astype(np.uint8), len(whole), mode="edge")
    opened = np.asarray(cv2.morphologyEx(wide, cv2.MORPH_OPEN, whole))
    whole_there = opened[len(whole) : -len(whole), len(whole) : -len(whole)] > 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats(whole_there.astype(np.uint8))
    large = stats[:, cv2.CC_STAT_AREA] >= LEAST_PATCH * flat.size
    large[np.unique(labels[-1])] = True
    return np.asarray(whole_there & large[labels])
