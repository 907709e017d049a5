"""Per-splat sums of the block records, turned into gradients of the splat's parameters."""

from __future__ import annotations

import numpy as np

from livescape.engine.jit import kernel
from livescape.engine.rasterize.cpu.records import Bins, Floats, SplatArrays
from livescape.engine.rasterize.cpu.tiles import (
    OPACITY,
    ROOT_X,
    ROOT_Y,
    SHEAR,
    SUM_1,
    SUM_FEATURES,
    SUM_X,
    SUM_XX,
    SUM_XY,
    SUM_Y,
    SUM_YY,
)


@kernel
def reduce_pieces(
    piece: int,
    pieces: int,
    bins: Bins,
    records: Floats,
    absolute_at: int,
    v_splats: SplatArrays,
    v_colors: Floats,
    absolute: Floats,
) -> None:
    """Sum each splat's records in a fixed order and scatter to the Gaussians' rows.

    `records` is [M, columns]; `absolute` is [N, 2], or empty if the records carry no absolute
    sums, which otherwise start at column `absolute_at`.
    """
    n = len(bins.order)
    real = records.dtype.type
    record = np.empty(records.shape[1], records.dtype)
    for i in range(n * piece // pieces, n * (piece + 1) // pieces):
        for k in range(len(record)):
            record[k] = 0.0
        for slot in range(bins.first_slot[i], bins.first_slot[i + 1]):
            for k in range(len(record)):
                record[k] += records[slot, k]
        g = bins.order[i]
        root_x, shear, root_y = (
            bins.packed[i, ROOT_X],
            bins.packed[i, SHEAR],
            bins.packed[i, ROOT_Y],
        )
        a, b, c = root_x * root_x, root_x * shear, shear * shear + root_y * root_y
        v_splats.means2d[g, 0] = real(-2.0) * (a * record[SUM_X] + b * record[SUM_Y])
        v_splats.means2d[g, 1] = real(-2.0) * (b * record[SUM_X] + c * record[SUM_Y])
        v_splats.conics[g, 0] = real(0.5) * record[SUM_XX]
        v_splats.conics[g, 1] = record[SUM_XY]
        v_splats.conics[g, 2] = real(0.5) * record[SUM_YY]
        v_splats.opacities[g] = -record[SUM_1] / bins.packed[i, OPACITY]
        v_splats.depths[g] = record[SUM_FEATURES]
        for k in range(v_colors.shape[1]):
            v_colors[g, k] = record[SUM_FEATURES + 1 + k]
        if len(absolute) > 0:
            absolute[g, 0] = record[absolute_at]
            absolute[g, 1] = record[absolute_at + 1]
