"""HexPlane of fixed points on the CPU: the same values in a fraction of the time.

Cells and weights of the points are found once. Planes with time are interpolated at the wanted
moments first, which leaves two taps instead of four, and all moments share the product of the
spatial planes. Each piece of work owns its channels of one level, in the gradient too, so there
are no atomics and the result is bit-identical for any number of threads.

Reference: :class:`livescape.engine.hexplane.reference.HexPlane`. Points have no gradient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable

from livescape.engine.hexplane.kernels import gather_pieces, scatter_pieces
from livescape.engine.hexplane.reference import PLANES, TIME, HexPlane, time_rows
from livescape.engine.threads import run_pieces

CHANNELS_PER_PIECE = 16
"""A cache line of float32, so that two threads never write to the same one."""


@dataclass(frozen=True)
class FixedPoints:
    """Where points lie on the planes of every level.

    Attributes:
        cells: [L, 3, N] int32 lower cell along each spatial axis.
        shares: [L, 3, N] float32, 0..1 toward the next cell.
    """

    cells: NDArray[np.int32]
    shares: NDArray[np.float32]

    @classmethod
    def locate(cls, hexplane: HexPlane, points: Tensor) -> FixedPoints:
        """Locate ``points`` [N, 3], -1..1 inside the box, clamped to it."""
        levels, resolution = hexplane.shape.levels, hexplane.shape.resolution[:TIME]
        last = np.array([[level * cells - 1 for cells in resolution] for level in levels])
        unit = (np.clip(points.detach().cpu().double().numpy().T, -1.0, 1.0) + 1.0) / 2.0
        place = unit[None] * last[..., None]
        cells = np.minimum(np.floor(place), last[..., None] - 1.0)
        return cls(cells.astype(np.int32), (place - cells).astype(np.float32))

    def __len__(self) -> int:
        """Return N."""
        return int(self.cells.shape[2])

    def __getitem__(self, chosen: NDArray[Any]) -> FixedPoints:
        """Return the points that an index array or mask selects."""
        return FixedPoints(
            np.ascontiguousarray(self.cells[:, :, chosen]),
            np.ascontiguousarray(self.shares[:, :, chosen]),
        )

    def features(self, hexplane: HexPlane, times: Tensor) -> Tensor:
        """Return features [K, N, levels * C] at phases ``times`` [K]."""
        spatial, rows = [], []
        for level in range(len(hexplane.shape.levels)):
            for axes, plane in zip(PLANES, hexplane.level(level), strict=True):
                if TIME in axes:
                    rows.append(time_rows(plane, times).contiguous())
                else:
                    spatial.append(plane[0].permute(1, 2, 0).contiguous())
        features: Tensor = _Fused.apply(self, *spatial, *rows)
        return features


class _Fused(torch.autograd.Function):
    """Inputs: 3 spatial planes [rows, columns, C] per level, then 3 time rows [K, W, C] each."""

    @staticmethod
    def forward(ctx: Any, points: FixedPoints, *tables: Tensor) -> Tensor:
        arrays = tuple(table.detach().numpy() for table in tables)
        moments, _, channels = arrays[-1].shape
        levels = len(tables) // 6
        features = torch.empty(moments, len(points), levels * channels)
        pieces = levels * _chunks(channels)
        run_pieces(gather_pieces, pieces, points.cells, points.shares, arrays, features.numpy())
        ctx.points = points
        ctx.save_for_backward(*tables)
        return features

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, v_features: Tensor) -> tuple[Tensor | None, ...]:
        tables = ctx.saved_tensors
        gradients = [torch.zeros_like(table) for table in tables]
        levels = len(tables) // 6
        run_pieces(
            scatter_pieces,
            levels * _chunks(tables[-1].shape[2]),
            ctx.points.cells,
            ctx.points.shares,
            tuple(table.numpy() for table in tables),
            v_features.contiguous().numpy(),
            tuple(gradient.numpy() for gradient in gradients),
        )
        return (None, *gradients)


def _chunks(channels: int) -> int:
    return -(-channels // CHANNELS_PER_PIECE)
