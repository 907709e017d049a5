"""Mean-field inference that gives nearby pixels of similar colour the same class.

The model is the fully connected CRF of Krähenbühl and Koltun, "Efficient Inference in Fully
Connected CRFs with Gaussian Edge Potentials" (NIPS 2011), with the appearance kernel alone. The
filter behind it is a sparse bilateral grid (Chen, Paris and Durand, SIGGRAPH 2007): pixels are
averaged in cells of position and colour, cells are blurred with their neighbours, and pixels take
the value of their cell. Several grids with shifted cells replace interpolation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

POSITION_CELL: Final = 0.045
"""Side of a cell in image long sides."""

LIGHTNESS_CELL: Final = 10.0
COLOUR_CELL: Final = 7.0
"""Sides of a cell in CIELAB units."""

SHIFTS: Final = 3
"""Grids over which a filter averages."""

COMPATIBILITY: Final = 3.0
"""Weight of the neighbours' classes against the classifier's log probability."""

STEPS: Final = 6

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class BilateralGrid:
    """One sparse grid over an image's pixels.

    Attributes:
        cell: [H * W] index of each pixel's cell.
        neighbours: [D, 2, V] index of the cells before and after each cell along each of the D
            dimensions; V (one past the end) where there is none.
        weight: [V] blurred number of pixels in each cell.
    """

    cell: NDArray[np.int64]
    neighbours: NDArray[np.int64]
    weight: FloatArray

    @classmethod
    def from_features(cls, features: FloatArray, shift: float) -> BilateralGrid:
        """Build the grid of features [N, D], whose cells have side 1 and are moved by ``shift``."""
        index = np.floor(features + shift).astype(np.int64)
        index -= index.min(axis=0) - 1
        # One free cell on each side, so that a step never wraps into another row of the grid.
        strides = np.cumprod(np.append(1, index.max(axis=0)[:-1] + 2))
        keys, cell = np.unique(index @ strides, return_inverse=True)
        count = len(keys)
        neighbours = np.full((len(strides), 2, count), count, np.int64)
        for dimension, stride in enumerate(strides):
            for side, wanted in enumerate((keys - stride, keys + stride)):
                found = np.minimum(np.searchsorted(keys, wanted), count - 1)
                neighbours[dimension, side] = np.where(keys[found] == wanted, found, count)
        pixels = np.bincount(cell.ravel(), minlength=count)[None]
        return cls(cell.ravel(), neighbours, _blur(pixels.astype(np.float32), neighbours)[0])

    def filter(self, planes: FloatArray) -> FloatArray:
        """Return the weighted average [C, N] of planes [C, N] over similar pixels nearby."""
        count = len(self.weight)
        sums = np.stack([np.bincount(self.cell, plane, count) for plane in planes])
        means = _blur(sums.astype(np.float32), self.neighbours) / self.weight
        return np.asarray(means[:, self.cell], dtype=np.float32)


def _blur(values: FloatArray, neighbours: NDArray[np.int64]) -> FloatArray:
    """Blur cell values [C, V] with (1, 2, 1) / 4 along every dimension in turn."""
    for before, after in neighbours:
        padded = np.pad(values, ((0, 0), (0, 1)))
        values = np.float32(0.5) * values + np.float32(0.25) * (
            padded[:, before] + padded[:, after]
        )
    return values


def bilateral_features(image: FloatArray) -> FloatArray:
    """Return position and CIELAB colour of every pixel in cells: [H * W, 5].

    Args:
        image: [H, W, 3] float32 sRGB, 0..1.
    """
    height, width = image.shape[:2]
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    cell = POSITION_CELL * max(height, width)
    planes = (
        columns / cell,
        rows / cell,
        lab[..., 0] / LIGHTNESS_CELL,
        lab[..., 1] / COLOUR_CELL,
        lab[..., 2] / COLOUR_CELL,
    )
    return np.stack([plane.ravel() for plane in planes], axis=1).astype(np.float32)


def mean_field(probabilities: FloatArray, image: FloatArray, *, steps: int = STEPS) -> FloatArray:
    """Let the photograph's colours correct the classifier's borders.

    Args:
        probabilities: [C, H, W] class probabilities.
        image: [H, W, 3] float32 sRGB of the same size.
        steps: Mean-field updates.

    Returns:
        [C, H, W] float32 probabilities.

    Raises:
        ValueError: If the sizes differ.
    """
    if probabilities.shape[1:] != image.shape[:2]:
        raise ValueError(f"image {image.shape} does not fit {probabilities.shape}")
    features = bilateral_features(image)
    grids = [BilateralGrid.from_features(features, shift / SHIFTS) for shift in range(SHIFTS)]
    unary = np.log(np.maximum(probabilities, 1e-4)).reshape(len(probabilities), -1)
    belief = probabilities.reshape(len(probabilities), -1)
    for step in range(steps):
        # The last update uses all grids, so that no cell borders show in the result.
        heard = grids if step == steps - 1 else grids[step % SHIFTS :][:1]
        message = np.mean([grid.filter(belief) for grid in heard], axis=0, dtype=np.float32)
        belief = _softmax(unary + COMPATIBILITY * message)
    return belief.reshape(probabilities.shape)


def _softmax(logits: FloatArray) -> FloatArray:
    shifted = np.exp(logits - logits.max(axis=0, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=0, keepdims=True), dtype=np.float32)
