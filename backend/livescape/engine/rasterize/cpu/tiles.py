"""Where things lie in memory: image blocks, packed splat parameters, gradient records.

A splat visits only the blocks its bounding box touches. Its parameters lie in one row of 16
numbers (a cache line of float32): mean, axes, opacity, then the blended features.
"""

from __future__ import annotations

BLOCK_WIDTH = 48
BLOCK_HEIGHT = 32
"""Pixels of a block: its blending state (about 50 kB at 3 channels) stays in the nearest caches."""

ROW_STRIDE = BLOCK_WIDTH + 16
"""Elements between planes of a block row: one vector may overrun the right edge."""

MEAN_X, MEAN_Y, ROOT_X, SHEAR, ROOT_Y, OPACITY, FEATURES = range(7)
"""Columns of a packed splat; the features are depth and then the colour channels.

The mean counts from the first pixel of the splat's box. The conic is kept as its Cholesky factor,
sigma = (ROOT_X dx + SHEAR dy)^2 + (ROOT_Y dy)^2: a sum of squares loses no digits in float32,
whereas the conic's own terms cancel where a splat is long and slanted.
"""

PACKED_COLUMNS = 16
CHANNELS_MAX = PACKED_COLUMNS - FEATURES - 1

SUM_1, SUM_X, SUM_Y, SUM_XX, SUM_XY, SUM_YY, SUM_FEATURES = range(7)
"""Columns of a gradient record: moments of dL/dsigma over a block, then feature gradients."""

COMPILED_CHANNELS = (3, 4, 7, 8)
"""Colour widths with kernels of their own; others are zero-padded to the next."""


def compiled_features(channels: int) -> tuple[int, ...]:
    """A tuple as *long* as the features (depth and colours) of the kernel for `channels` colours.

    Numba sees a tuple's length as a constant of the type, so loops over it unroll.
    """
    return (0,) * (1 + next(width for width in COMPILED_CHANNELS if width >= channels))
