"""The nearest point of every pixel on a torch device; bit-identical to the kernel of `cpu`.

Every pair of a point and a pixel that it covers writes one integer, depth in its upper half and
index in its lower, and the smallest of a pixel stays. The order of writing does not matter, so
every device gives the same result.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.engine.zbuffer.cpu import LEAST_RADIUS, MOST_RADIUS, NEAR, OVERLAP
from livescape_shared.camera import Camera

PAIRS = 1 << 22
"""Pairs that are written at once, 64 bytes each, however large the footprints are."""

EMPTY = torch.iinfo(torch.int64).max


@dataclass(frozen=True)
class Footprints:
    """The rectangle of pixels that each of N points covers.

    Attributes:
        left: [N] int64 first column. top: [N] first row.
        width: [N] columns. count: [N] pixels; 0 for points that are not in front.
        key: [N] bits of the float32 depth, times 2 ** 32, plus the index.
    """

    left: Tensor
    top: Tensor
    width: Tensor
    count: Tensor
    key: Tensor


class Cloud:
    """A point cloud, uploaded once for any number of cameras."""

    def __init__(
        self, points: NDArray[np.float32], footprint: NDArray[np.float32], device: str
    ) -> None:
        """Upload points [N, 3] and footprints [N], in metres."""
        self._points, self._footprint = (
            torch.from_numpy(np.ascontiguousarray(each, np.float32)).to(device)
            for each in (points, footprint)
        )

    def nearest(self, camera: Camera) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Return :func:`nearest_points` as arrays."""
        index, depth = nearest_points(self._points, self._footprint, camera)
        return index.cpu().numpy(), depth.cpu().numpy()


def nearest_points(
    points: Tensor, footprint: Tensor, camera: Camera, pairs: int = PAIRS
) -> tuple[Tensor, Tensor]:
    """Return per pixel the nearest point and its depth; waits for the device once.

    Args:
        points: [N, 3] float32 world metres, on the device.
        footprint: [N] float32 metres.
        camera: The view.
        pairs: Pairs of point and pixel that are written at once.

    Returns:
        Indices [H, W] int32, -1 where there is no point, and depths [H, W] float32 in metres along
        z, inf there. Of points of the same depth the first wins.
    """
    nearest = torch.full((camera.height * camera.width,), EMPTY, device=points.device)
    covered = _footprints(points, footprint, camera)
    ends = covered.count.cumsum(0)
    total = int(ends[-1]) if len(ends) else 0
    for first in range(0, total, pairs):
        pair = torch.arange(first, min(first + pairs, total), device=points.device)
        owner = torch.searchsorted(ends, pair, right=True)
        inside = pair - (ends - covered.count)[owner]
        across = covered.width[owner]
        row = covered.top[owner] + inside // across
        column = covered.left[owner] + inside % across
        pixel = row * camera.width + column
        nearest.scatter_reduce_(0, pixel, covered.key[owner], "amin")
    found = nearest.reshape(camera.height, camera.width)
    nothing = found == EMPTY
    depth = (found >> 32).to(torch.int32).view(torch.float32)
    index = (found & 0xFFFFFFFF).masked_fill(nothing, -1).to(torch.int32)
    return index, depth.masked_fill(nothing, torch.inf)


def _footprints(points: Tensor, footprint: Tensor, camera: Camera) -> Footprints:
    """Project all points; the same operations in the same order as in the kernel."""
    x, y, z = points.double().unbind(1)
    # Products and sums apart: a fused multiply-add would round differently.
    u, v, along = (
        x * a + y * b + z * c + d for a, b, c, d in (camera.K @ camera.viewmat[:3]).tolist()
    )
    hidden = ~(along > NEAR)
    # masked_fill and not where, which would copy its scalar to the device and wait for it.
    safe = along.masked_fill(hidden, 1.0)
    pixels = footprint.double() * 0.5 * float(camera.K[0, 0]) / safe
    radius = (pixels * OVERLAP).clamp(LEAST_RADIUS, MOST_RADIUS)
    left, right = _span(u / safe, radius, camera.width)
    top, low = _span(v / safe, radius, camera.height)
    width = right - left
    count = (width * (low - top)).masked_fill(hidden, 0)
    index = torch.arange(len(points), device=points.device)
    key = (safe.float().view(torch.int32).long() << 32) | index
    return Footprints(left, top, width, count, key)


def _span(centre: Tensor, radius: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Return the first pixel within [centre - radius, centre + radius) and the one after it."""
    ends = (torch.ceil(centre + side * radius - 0.5) for side in (-1.0, 1.0))
    first, after = (end.clamp(0.0, float(size)).long() for end in ends)
    return first, after
