"""The regulariser of HexPlanes: total variation along both axes of every plane."""

from __future__ import annotations

import torch
from torch import Tensor

from livescape.engine.hexplane.reference import PLANES, TIME, HexPlane


def total_variation(hexplane: HexPlane) -> tuple[Tensor, Tensor]:
    """Return the mean squared step between neighbouring cells, along space and along time.

    Every plane counts along both of its axes. The released codes' term of that name is a second
    difference along one axis.
    """
    space: list[Tensor] = []
    time: list[Tensor] = []
    for level in range(len(hexplane.shape.levels)):
        for axes, plane in zip(PLANES, hexplane.level(level), strict=True):
            space.append((plane.diff(dim=3) ** 2).mean())
            rows = (plane.diff(dim=2) ** 2).mean()
            (time if TIME in axes else space).append(rows)
    return torch.stack(space).sum(), torch.stack(time).sum()
