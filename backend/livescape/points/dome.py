"""A dome of soft colour behind everything, so that a camera that strays sees no black."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import unproject_image
from livescape.imaging.smoothing import fill_smooth
from livescape.points.layers import LayeredPhoto
from livescape_shared.camera import Camera
from livescape_shared.covariance import principal_axes
from livescape_shared.gaussians import Gaussians

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

MOST = 700
"""Gaussians of the dome, at most."""

SHARE = 0.02
"""Most of the budget that it takes."""

BEHIND = 1.5
"""Its radius in units of the distance of what is farthest."""

ROOMY = 4.0
"""Its least radius in units of the camera's travel."""

MAP = (32, 64)
"""Rows and columns of the map of colours by direction."""


def dome(photo: LayeredPhoto, path: Sequence[Camera], budget: int) -> Gaussians:
    """Return Gaussians all around, in the colours of the scene in each direction.

    Where the scene shows nothing in a direction, its colours go on smoothly.

    Args:
        photo: All layers.
        path: Every camera of the shot.
        budget: Gaussians of the whole scene.
    """
    count = max(1, min(MOST, round(SHARE * budget)))
    eye = np.asarray(photo.camera.position, dtype=np.float64)
    travel = max(float(np.linalg.norm(view.position - eye)) for view in path)
    farthest = max(float(layer.depth[layer.valid].max()) for layer in photo.layers)
    radius = max(BEHIND * farthest, ROOMY * travel)
    directions = _evenly_around(count)
    local = directions @ photo.camera.viewmat[:3, :3].T
    colours = _looked_up(_colour_map(photo), local)
    spacing = radius * np.sqrt(4.0 * np.pi / count)
    outer = directions[:, :, None] * directions[:, None, :]
    covariance = (0.6 * spacing) ** 2 * (np.eye(3) - 0.999 * outer)
    quats, scales = principal_axes(covariance)
    return Gaussians(
        means=(eye + radius * directions).astype(np.float32),
        quats=quats,
        scales=scales,
        opacities=np.full(count, 0.95, dtype=np.float32),
        colors=colours,
    )


def _evenly_around(count: int) -> Float64Array:
    """Return unit vectors [count, 3] spread evenly over the sphere (a Fibonacci lattice)."""
    number = np.arange(count) + 0.5
    height = 1.0 - 2.0 * number / count
    turn = np.pi * (1.0 + np.sqrt(5.0)) * number
    ring = np.sqrt(1.0 - height**2)
    return np.column_stack([ring * np.cos(turn), ring * np.sin(turn), height])


def _colour_map(photo: LayeredPhoto) -> Float32Array:
    """Return colours [rows, columns, 3] by direction in the camera's axes, filled smoothly."""
    sums, counts = np.zeros((*MAP, 3)), np.zeros(MAP)
    covered = np.zeros(photo.layers[0].valid.shape, dtype=bool)
    for layer in photo.layers:
        shown = layer.valid & ~covered
        covered |= layer.valid
        away = unproject_image(np.ones_like(layer.depth), photo.camera) - photo.camera.position
        away = away @ photo.camera.viewmat[:3, :3].T
        row, column = _cell(away[shown])
        for channel in range(3):
            colour = layer.image[shown][:, channel]
            np.add.at(sums[..., channel], (row, column), colour)
        np.add.at(counts, (row, column), 1.0)
    # The map closes around: fill three copies side by side and keep the middle one.
    mean = np.tile(sums / np.maximum(counts, 1.0)[..., None], (1, 3, 1)).astype(np.float32)
    filled = fill_smooth(mean, np.tile(counts > 0, (1, 3)))
    return np.asarray(filled[:, MAP[1] : 2 * MAP[1]], dtype=np.float32)


def _looked_up(colours: Float32Array, local: Float64Array) -> Float32Array:
    row, column = _cell(local)
    soft = cv2.blur(colours, (3, 3))
    return np.clip(soft[row, column], 0.0, 1.0).astype(np.float32)


def _cell(local: NDArray[np.floating]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return row and column [N] of directions [N, 3] in the camera's axes: top is up."""
    unit = local / np.linalg.norm(local, axis=-1, keepdims=True)
    down = np.arccos(np.clip(-unit[:, 1], -1.0, 1.0)) / np.pi
    around = np.arctan2(unit[:, 0], unit[:, 2]) / (2.0 * np.pi) + 0.5
    row = np.clip((down * MAP[0]).astype(np.intp), 0, MAP[0] - 1)
    return row, np.clip((around * MAP[1]).astype(np.intp), 0, MAP[1] - 1)
