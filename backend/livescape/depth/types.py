"""A depth map, its conventions, and the inputs it is made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.layout.types import SceneLayout


@dataclass(frozen=True)
class DepthEstimate:
    """Depth of one photograph.

    Attributes:
        depth: [H, W] float32 metres along z of the OpenCV camera; finite and positive
            everywhere, sky included (a far shell, never a wall close by).
        sky: [H, W] bool, where nothing but sky is seen.
        confidence: [H, W] float32, 0 (a guess) to 1.
        horizon_row: Row of the horizon in pixels from the top edge; may lie outside the image.
        source: Name of the estimator.
    """

    depth: NDArray[np.float32]
    sky: NDArray[np.bool_]
    confidence: NDArray[np.float32]
    horizon_row: float
    source: str

    def __post_init__(self) -> None:
        """Check the shapes and that every depth is usable.

        Raises:
            ValueError: If the maps differ in size or a depth is not finite and positive.
        """
        if self.depth.ndim != 2 or {self.depth.shape} != {self.sky.shape, self.confidence.shape}:
            shapes = self.depth.shape, self.sky.shape, self.confidence.shape
            raise ValueError(f"depth, sky and confidence must be one [H, W], not {shapes}")
        if not (np.isfinite(self.depth).all() and (self.depth > 0.0).all()):
            raise ValueError("depth must be finite and positive everywhere")


def check_photo(
    image: NDArray[np.float32], layout: SceneLayout, intrinsics: NDArray[np.float64]
) -> None:
    """Check that a photograph [H, W, 3], its layout and its K [3, 3] belong together.

    Raises:
        ValueError: If a shape does not fit.
    """
    if image.shape != (*layout.size, 3):
        raise ValueError(f"image must be {(*layout.size, 3)} like its layout, not {image.shape}")
    if intrinsics.shape != (3, 3):
        raise ValueError(f"intrinsics must be [3, 3], not {intrinsics.shape}")
