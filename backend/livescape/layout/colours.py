"""What the colours of this photograph mean, learned from the classifier's own first guess.

The classifier has seen few photographs and errs in patches; the same water is rarely mistaken all
over the picture. So the classes of all pixels of one colour, wherever they lie, vote, much as
GrabCut (Rother, Kolmogorov and Blake, SIGGRAPH 2004) alternates between a segmentation and the
colours of its parts.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.layout.bilateral import COLOUR_CELL, LIGHTNESS_CELL, SHIFTS, BilateralGrid

TRUST: Final = 0.7
"""Exponent of the colours' evidence; it is not independent of the classifier, which sees colours
too, and 1 would count that part twice."""

ROUNDS: Final = 2
"""Of segmentation and colours. Each is surer than the last; in the end one class takes all."""

PRESENCE: Final = 0.5
"""Exponent of a class's share of the picture, by which its votes are divided. Bayes' rule has 1,
which takes every mean probability for a true share and gives snow, a rare colour, to the water that
was suspected there; 0 drowns what is small."""

FloatArray = NDArray[np.float32]


def agree_by_colour(probabilities: FloatArray, image: FloatArray) -> FloatArray:
    """Let pixels of one colour correct each other's classes.

    Args:
        probabilities: [C, H, W] of the classifier.
        image: [H, W, 3] float32 sRGB of the same size.

    Returns:
        [C, H, W] float32 that sum to one.
    """
    lab = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2LAB), dtype=np.float32).reshape(-1, 3)
    cells = np.array([LIGHTNESS_CELL, COLOUR_CELL, COLOUR_CELL], np.float32)
    colours = np.asarray(lab / cells, dtype=np.float32)
    grids = [BilateralGrid.from_features(colours, shift / SHIFTS) for shift in range(SHIFTS)]
    first = probabilities.reshape(len(probabilities), -1)
    belief = first
    for _ in range(ROUNDS):
        of_colour = np.mean([grid.filter(belief) for grid in grids], axis=0)
        share = np.maximum(belief.mean(axis=1, keepdims=True), 1e-6)
        belief = first * (of_colour / share**PRESENCE) ** TRUST
        belief /= belief.sum(axis=0)
    return np.asarray(belief.reshape(probabilities.shape), dtype=np.float32)
