"""What the released codes (4D-GS, 3D-MOM) do and we do not, to compare with their vectors."""

import torch

from livescape.engine.hexplane.reference import PLANES, TIME


def to_box(points, low, high):
    """Return ``points`` with ``high`` mapped to -1 and ``low`` to +1."""
    return (points - high) * (2.0 / (low - high)) - 1.0


def row_roughness(hexplane):
    """Return the mean squared second difference along rows of planes without and with time.

    In gaussian_model.py, ``_plane_regulation`` and ``_time_regulation``.
    """
    space, time = [], []
    for axes, plane in planes(hexplane):
        (time if TIME in axes else space).append((plane.diff(n=2, dim=2) ** 2).mean())
    return torch.stack(space).sum(), torch.stack(time).sum()


def time_sparsity(hexplane):
    """Return the mean distance of planes with time from 1, the value that changes nothing."""
    terms = [(1.0 - plane).abs().mean() for axes, plane in planes(hexplane) if TIME in axes]
    return torch.stack(terms).sum()


def planes(hexplane):
    for level in range(len(hexplane.shape.levels)):
        yield from zip(PLANES, hexplane.level(level), strict=True)
