"""Shores: waves that come from one are still small, and those that come to one run slower.

Wind makes waves, and they grow on their way: in the mean of many seas (JONSWAP, Hasselmann et al.
1973) the speed of the tallest ones grows with the cube root of the distance from the shore that
they come from. On a pond or between two banks they stay slow.

In shallow water waves run at sqrt(g h), whatever their length, and on a bottom that slopes evenly h
grows with the distance from the shore. So their speed grows with the square root of that distance,
until the water is too deep for them to feel the bottom. At the water's line itself it runs to and
fro: nothing drifts there, and where exactly the line is, is the least certain.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from livescape.imaging.sampling import resize, working_size

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

GRAVITY = 9.81

SLOPE = 1.0 / 30.0
"""Of the bottom below a shore; sandy beaches and lakes' shores have 1:10 to 1:50."""

WIND = 5.0
"""Metres a second: a gentle breeze, the usual one."""

BROADEST_POST = 0.02
"""Share of the picture's width up to which what is no water is no shore: posts, masts, boats."""

SPREAD = 0.05
"""Standard deviation, as a share of the width, over which columns are averaged: waves come from all
directions about that of the wind."""

_LONG_SIDE = 240


def speed_share(
    land: Mask, sky: Mask, horizon_row: float, focal: float, scale: float, speed: float
) -> Float32Array:
    """Return [H, W]: the speed of waves that come to the viewer as a share of that on open water.

    Args:
        land: [H, W] what is neither water nor sky.
        sky: [H, W] the sky.
        horizon_row: Row of the horizon in pixels.
        focal: Focal length in pixels.
        scale: Depth times rows below the horizon on the water's plane, in metre pixels.
        speed: Of waves on open water, metres a second.
    """
    height, width = land.shape
    columns, rows = working_size(width, height, _LONG_SIDE)
    land, sky = (resize(each.astype(np.float32), columns, rows) > 0.5 for each in (land, sky))
    size = max(3, 2 * round(0.5 * BROADEST_POST * columns) + 1)
    kernel = np.ones((size, size), np.uint8)
    shore = cv2.morphologyEx(land.astype(np.uint8), cv2.MORPH_OPEN, kernel) > 0
    if not shore.any():
        return np.ones((height, width), np.float32)
    eye = scale / focal  # metres above the water
    places = eye * _on_plane((rows, columns), horizon_row * rows / height, focal * columns / width)
    share = np.minimum(_shoaling(shore, places, speed), _growth(shore, sky, places, speed))
    share[shore] = 0.0
    return np.asarray(resize(share.astype(np.float32), width, height), dtype=np.float32)


def _shoaling(shore: Mask, places: NDArray[np.float64], speed: float) -> NDArray[np.float64]:
    """Return [H, W] the share of the speed that the depth below ``places`` [H, W, 2] allows."""
    edge = shore & (cv2.erode(shore.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
    if not edge.any():
        return np.ones(shore.shape)
    metres = _distances(places, places[edge])
    deep = speed**2 / GRAVITY / SLOPE
    return np.asarray(np.sqrt(np.clip(metres / deep, 0.0, 1.0)))


def _distances(places: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return [H, W]: how far from ``places`` [H, W, 2] the nearest of ``others`` [n, 2] is."""
    there = torch.from_numpy(others).float()
    exact = "donot_use_mm_for_euclid_dist"
    rows = (torch.cdist(torch.from_numpy(row).float(), there, compute_mode=exact) for row in places)
    return np.stack([row.amin(dim=1).double().numpy() for row in rows])


def _growth(
    shore: Mask, sky: Mask, places: NDArray[np.float64], speed: float
) -> NDArray[np.float64]:
    """Return [H, W] the share of the speed that waves reach on their way from the far shore."""
    rows = np.arange(len(shore))[:, None]
    far = np.maximum.accumulate(np.where(shore, rows, -1), axis=0)
    sky_above = np.maximum.accumulate(np.where(sky, rows, -1), axis=0)
    open_water = far <= sky_above
    untold = ~shore & (np.maximum(far, sky_above) < 0)
    away = places[..., 1]
    metres = np.take_along_axis(away, np.maximum(far, 0), axis=0) - away
    share = np.cbrt(np.clip(metres / fetch(speed), 0.0, 1.0))
    share = np.where(open_water, 1.0, share)
    share = np.where(untold, _as_beside(share, ~shore & ~untold, untold), share).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(share, (0, 0), SPREAD * shore.shape[1], sigmaY=0.5))


def _as_beside(share: NDArray[np.float64], told: Mask, untold: Mask) -> NDArray[np.float64]:
    """Return [H, 1] the share of the speed of ``untold`` water, which the picture's top cuts off.

    What the ``told`` water of its row comes from goes on there as surely as that is wide; else the
    water is open.
    """
    counts = [each.sum(axis=1, keepdims=True) for each in (told, untold)]
    mean = np.where(told, share, 0.0).sum(axis=1, keepdims=True) / np.maximum(counts[0], 1)
    return np.asarray(1.0 - (1.0 - mean) * counts[0] / np.maximum(counts[0] + counts[1], 1))


def fetch(speed: float) -> float:
    """Return after how many metres the tallest waves of the usual wind run at ``speed``.

    Their frequency is 3.5 (g / U) (g x / U^2)^(-1/3), and g / (2 pi f) the speed of a wave.
    """
    frequency = GRAVITY / (2.0 * np.pi * speed)
    return float((3.5 * GRAVITY / WIND / frequency) ** 3 * WIND**2 / GRAVITY)


def _on_plane(shape: tuple[int, int], horizon_row: float, focal: float) -> NDArray[np.float64]:
    """Return [H, W, 2]: where on level ground each pixel lies, in heights of the camera."""
    rows, columns = shape
    below = np.maximum(np.arange(rows) + 0.5 - horizon_row, 0.01 * rows)[:, None]
    across = (np.arange(columns) + 0.5 - columns / 2)[None, :] / below
    return np.stack(np.broadcast_arrays(across, focal / below), axis=-1)
