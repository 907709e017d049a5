"""The output of a depth network, in the network's own units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Unit = Literal["metres", "inverse"]
"""``metres`` along z, or ``inverse``: a * values + b is 1 / metres, with a > 0 and b unknown."""


@dataclass(frozen=True)
class Prediction:
    """Depth of a whole photograph as a network gives it.

    Attributes:
        values: [h, w] float32 of any size, in ``unit``; NaN, infinite or, for metres, not positive
            where nothing is known.
        unit: What the values are.
        sky: [h, w] bool where the network sees sky; None if it does not predict sky.
    """

    values: NDArray[np.float32]
    unit: Unit
    sky: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        """Check the shapes.

        Raises:
            ValueError: If ``values`` is not [h, w] or ``sky`` differs from it.
        """
        if self.values.ndim != 2 or (self.sky is not None and self.sky.shape != self.values.shape):
            shapes = self.values.shape, None if self.sky is None else self.sky.shape
            raise ValueError(f"values and sky must be one [h, w], not {shapes}")
