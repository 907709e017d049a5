"""What keeps HexPlanes smooth: the released codes' terms, and total variation on both axes."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from livescape.engine.hexplane.reference import PLANES, TIME, HexPlane


def total_variation(hexplane: HexPlane) -> tuple[Tensor, Tensor]:
    """Return the mean squared step between neighbouring cells, along space and along time.

    Every plane counts along both of its axes. The released codes' term of that name is
    :func:`row_roughness`: a second difference along one axis.
    """
    space: list[Tensor] = []
    time: list[Tensor] = []
    for axes, plane in _planes(hexplane):
        space.append((plane.diff(dim=3) ** 2).mean())
        rows = (plane.diff(dim=2) ** 2).mean()
        (time if TIME in axes else space).append(rows)
        if TIME in axes and hexplane.shape.periodic:
            time.append(((plane[:, :, 0] - plane[:, :, -1]) ** 2).mean() / plane.shape[2])
    return torch.stack(space).sum(), torch.stack(time).sum()


def row_roughness(hexplane: HexPlane) -> tuple[Tensor, Tensor]:
    """Return the mean squared second difference along rows of planes without and with time.

    As released (4D-GS and 3D-MOM: gaussian_model.py, ``_plane_regulation``, ``_time_regulation``).
    """
    space: list[Tensor] = []
    time: list[Tensor] = []
    for axes, plane in _planes(hexplane):
        (time if TIME in axes else space).append((plane.diff(n=2, dim=2) ** 2).mean())
    return torch.stack(space).sum(), torch.stack(time).sum()


def time_sparsity(hexplane: HexPlane) -> Tensor:
    """Return the mean distance of planes with time from 1, the value that changes nothing."""
    terms = [(1.0 - plane).abs().mean() for axes, plane in _planes(hexplane) if TIME in axes]
    return torch.stack(terms).sum()


def _planes(hexplane: HexPlane) -> Iterator[tuple[tuple[int, int], Tensor]]:
    for level in range(len(hexplane.shape.levels)):
        yield from zip(PLANES, hexplane.level(level), strict=True)
