"""The rule by which network weights are made of their names alone, so that no file holds them."""

import math
import zlib
from collections.abc import Sequence

import numpy as np
import torch


def hash_fill(key: str, shape: Sequence[int]) -> torch.Tensor:
    """Return the float32 tensor of a name and a shape; README.md here writes the rule out."""
    mask = np.uint64(2**32 - 1)
    x = np.arange(math.prod(shape), dtype=np.uint64) * np.uint64(2654435761)
    x = (x + np.uint64(zlib.crc32(key.encode()))) & mask
    x ^= x >> np.uint64(16)
    x = (x * np.uint64(0x45D9F3B)) & mask
    x ^= x >> np.uint64(16)
    values = (x.astype(np.float64) / 2**32 - 0.5).reshape(shape)
    if len(shape) >= 2:
        values = values * math.sqrt(12 / math.prod(shape[1:]))
    elif len(shape) == 0:
        values = np.ones(())
    elif key.endswith(".weight"):
        values = (1.0 if values.size > 1 else 0.25) + 0.2 * values
    else:
        values = 0.2 * values
    return torch.tensor(values.astype(np.float32))
