"""The layout of a photograph and its classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

CLASS_NAMES: Final = ("sky", "water", "ground", "upright", "relief")
"""Class order of every probability array and of the trained head.

*Upright* stands on a foot (buildings, trees, rocks); *relief* is terrain that rises behind the
ground (mountains, hills, far forest).
"""

SKY: Final = 0
WATER: Final = 1
GROUND: Final = 2
UPRIGHT: Final = 3
RELIEF: Final = 4

STANDS: Final = 0.1
"""Of :attr:`SceneLayout.flows`: what drifts as little as this stands. Beside it, water drifts at a
tenth of its speed, so no seam is seen."""


@dataclass(frozen=True)
class SceneLayout:
    """Per-pixel classes of one photograph.

    Attributes:
        probabilities: [5, H, W] float32, sums to one over the first axis, order
            :data:`CLASS_NAMES`.
        horizon_row: Row of the horizon in pixels from the top edge (pixel centres at +0.5); may
            lie outside the image.
        falls: [H, W] float32 in 0..1, where water falls: it is water, but stands upright and has
            that class.
        flows: [H, W] float32 in 0..1, how surely the picture of the water drifts with the water:
            less where the classifier by itself was unsure of it, and where still water mirrors
            what stands above.
        mirror: [H, W] float32 in 0..1, how surely water is such a mirror.
    """

    probabilities: NDArray[np.float32]
    horizon_row: float
    falls: NDArray[np.float32]
    flows: NDArray[np.float32]
    mirror: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Check the shape.

        Raises:
            ValueError: If ``probabilities`` is not [5, H, W] or another plane not [H, W].
        """
        shape = self.probabilities.shape
        if len(shape) != 3 or shape[0] != len(CLASS_NAMES):
            raise ValueError(f"probabilities must be [{len(CLASS_NAMES)}, H, W], not {shape}")
        for name, plane in (
            ("falls", self.falls),
            ("flows", self.flows),
            ("mirror", self.mirror),
        ):
            if plane.shape != shape[1:]:
                raise ValueError(f"{name} must be {shape[1:]}, not {plane.shape}")

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.probabilities.shape[1], self.probabilities.shape[2]

    @property
    def labels(self) -> NDArray[np.uint8]:
        """[H, W] index into :data:`CLASS_NAMES` of the likeliest class."""
        return np.asarray(self.probabilities.argmax(axis=0), dtype=np.uint8)

    @property
    def sky(self) -> NDArray[np.float32]:
        """[H, W] soft sky mask, 0..1."""
        return np.asarray(self.probabilities[SKY], dtype=np.float32)

    @property
    def drifting_water(self) -> NDArray[np.float32]:
        """[H, W] soft mask of the water whose picture drifts, 0..1: no mirror images, no doubts."""
        return np.asarray(np.where(self.flows > STANDS, self.water, 0.0), dtype=np.float32)

    @property
    def water(self) -> NDArray[np.float32]:
        """[H, W] soft water mask, 0..1, falls included."""
        return np.asarray(np.maximum(self.probabilities[WATER], self.falls), dtype=np.float32)
