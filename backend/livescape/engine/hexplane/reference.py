"""HexPlane: a 4D field as products of six planes (Eq. 8; 4D-GS, K-Planes).

A point (x, y, z, t) is looked up in the planes xy, xz, xt, yz, yt, zt; the six values are
multiplied, and the products of all levels are put side by side. This is the plain form: any
points, any device, gradients of everything. :mod:`livescape.engine.hexplane.cpu` is the fast
form for fixed points.

The time axis runs over the planes' whole extent [-1, 1], which is the phase s of a trajectory;
4D-GS feeds 0..1 and so never trains half of every time plane.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PLANES = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
"""Axes of all planes of a level, in the order of the released codes."""

TIME = 3
LEAST, MOST = 0.1, 0.5
"""Range of the spatial planes' first values; planes with time start at 1 (4D-GS)."""


@dataclass(frozen=True)
class HexPlaneShape:
    """Size of a HexPlane.

    Attributes:
        resolution: Cells along x, y, z, t at level 1.
        levels: Factors on the spatial resolution; time keeps its own.
        channels: Features of each level.
    """

    resolution: tuple[int, int, int, int] = (64, 64, 16, 12)
    levels: tuple[int, ...] = (1, 2)
    channels: int = 16

    def __post_init__(self) -> None:
        """Check that there is something to interpolate between."""
        if len(self.resolution) != 4 or min(self.resolution) < 2:
            raise ValueError(f"resolution {self.resolution} is not four numbers of at least 2")
        if not self.levels or min(self.levels) < 1 or self.channels < 1:
            raise ValueError(f"levels {self.levels} of {self.channels} channels hold nothing")

    @property
    def features(self) -> int:
        """Features a point has."""
        return len(self.levels) * self.channels

    def plane_size(self, level: int, axes: tuple[int, int]) -> tuple[int, int]:
        """Return rows and columns of a plane: the second axis runs along the rows' index."""
        scaled = [self.resolution[a] * (1 if a == TIME else self.levels[level]) for a in axes]
        return scaled[1], scaled[0]


class HexPlane(nn.Module):
    """Planes of every level; ``planes[6 * level + k]`` is plane ``PLANES[k]``.

    Each plane is a parameter [1, C, rows, columns], channels last in memory so that the fused form
    reads all channels of a cell at once.
    """

    def __init__(self, shape: HexPlaneShape, generator: torch.Generator | None = None) -> None:
        """Draw the spatial planes from U(0.1, 0.5); set those with time to 1."""
        super().__init__()
        self.shape = shape
        planes = []
        for level in range(len(shape.levels)):
            for axes in PLANES:
                values = torch.ones(1, shape.channels, *shape.plane_size(level, axes))
                if TIME not in axes:
                    values.uniform_(LEAST, MOST, generator=generator)
                planes.append(nn.Parameter(values.to(memory_format=torch.channels_last)))
        self.planes = nn.ParameterList(planes)

    def level(self, level: int) -> Sequence[Tensor]:
        """Return the six planes of a level."""
        return list(self.planes)[len(PLANES) * level : len(PLANES) * (level + 1)]

    def forward(self, points: Tensor, time: Tensor | float) -> Tensor:
        """Return features [N, levels * C].

        Args:
            points: [N, 3], -1..1 inside the box; outside it the border's value holds.
            time: Phase s, for all points or [N].
        """
        if points.ndim != 2 or points.shape[1] != 3:
            raise ValueError(f"points are [N, 3], not {tuple(points.shape)}")
        time = torch.as_tensor(time, dtype=points.dtype, device=points.device)
        position = torch.cat([points, time.expand(len(points))[:, None]], dim=1)
        features = [self._level(level, position) for level in range(len(self.shape.levels))]
        return torch.cat(features, dim=1)

    def _level(self, level: int, position: Tensor) -> Tensor:
        product = torch.ones((), dtype=position.dtype, device=position.device)
        for axes, plane in zip(PLANES, self.level(level), strict=True):
            product = product * _sample(plane, position[:, axes])
        return product


def _sample(plane: Tensor, where: Tensor) -> Tensor:
    """Return [N, C]: a plane [1, C, rows, columns] at ``where`` [N, 2] (column, row) in -1..1."""
    grid = where[None, :, None, :]
    sampled = F.grid_sample(plane, grid, padding_mode="border", align_corners=True)
    return sampled[0, :, :, 0].T


def time_rows(plane: Tensor, times: Tensor) -> Tensor:
    """Interpolate a plane with time at K moments.

    Args:
        plane: [1, C, T, W].
        times: [K] phases.

    Returns:
        [K, W, C], what is left to look up along the other axis.
    """
    moments = plane.shape[2]
    place = ((times + 1.0) * (0.5 * (moments - 1))).clamp(0.0, moments - 1.0)
    before = place.floor().long().clamp(max=moments - 1)
    after = (before + 1).clamp(max=moments - 1)
    share = (place - before)[:, None, None]
    rows = plane[0].permute(1, 2, 0)
    return rows[before] * (1.0 - share) + rows[after] * share
