"""Per-splat sums of the block records, turned into gradients of the splat's parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from livescape.gaussians.cpu.jit import kernel
from livescape.gaussians.cpu.layout import (
    CONIC_A,
    CONIC_B,
    CONIC_C,
    OPACITY,
    SUM_1,
    SUM_FEATURES,
    SUM_X,
    SUM_XX,
    SUM_XY,
    SUM_Y,
    SUM_YY,
)

Array = Any


@kernel
def reduce_pieces(
    piece: int, pieces: int, order: Array, packed: Array, first_slot: Array, slots: Array,
    records: Array, features: int,
    v_means2d: Array, v_depths: Array, v_conics: Array, v_opacities: Array, v_colors: Array,
    absolute: Array,
) -> None:
    """Sum each splat's records in a fixed order and scatter to the Gaussians' rows.

    `absolute` is [N, 2], or empty if the records carry no absolute sums.
    """
    n = len(order)
    record = np.empty(records.shape[1], records.dtype)
    for i in range(n * piece // pieces, n * (piece + 1) // pieces):
        record[:] = 0.0
        for slot in range(first_slot[i], first_slot[i + 1]):
            entry = slots[slot]
            for k in range(len(record)):
                record[k] += records[entry, k]
        g = order[i]
        a, b, c = packed[i, CONIC_A], packed[i, CONIC_B], packed[i, CONIC_C]
        v_means2d[g, 0] = -(a * record[SUM_X] + b * record[SUM_Y])
        v_means2d[g, 1] = -(b * record[SUM_X] + c * record[SUM_Y])
        v_conics[g, 0] = record.dtype.type(0.5) * record[SUM_XX]
        v_conics[g, 1] = record[SUM_XY]
        v_conics[g, 2] = record.dtype.type(0.5) * record[SUM_YY]
        v_opacities[g] = -record[SUM_1] / packed[i, OPACITY]
        v_depths[g] = record[SUM_FEATURES]
        for k in range(v_colors.shape[1]):
            v_colors[g, k] = record[SUM_FEATURES + 1 + k]
        if len(absolute) > 0:
            absolute[g, 0] = record[SUM_FEATURES + features]
            absolute[g, 1] = record[SUM_FEATURES + features + 1]
