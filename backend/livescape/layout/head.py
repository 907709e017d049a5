"""The trained head that turns backbone features into class probabilities.

One hidden layer per grid cell, trained by ``scripts/train_layout.py`` on hand-placed polygons and
stored beside this file as ``layout_head.npz`` (arrays only, no pickles).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape.layout.features import FEATURE_COUNT
from livescape.layout.types import CLASS_NAMES
from livescape_shared.errors import LivescapeError

HEAD_FILE: Final = "layout_head.npz"
POSITION_COUNT: Final = 2
"""Inputs beside the features: the cell's row and its square, -1 (top) to 1 (bottom)."""

_FIELDS: Final = ("mean", "scale", "hidden_weight", "hidden_bias", "out_weight", "out_bias")


@dataclass(frozen=True)
class LayoutHead:
    """Weights of ``softmax(W2 relu(W1 (x - mean) * scale + b1) + b2)``.

    Attributes:
        mean: [F] mean of each input over the training cells.
        scale: [F] reciprocal standard deviation of each input.
        hidden_weight: [M, F].
        hidden_bias: [M].
        out_weight: [5, M].
        out_bias: [5].
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    hidden_weight: NDArray[np.float32]
    hidden_bias: NDArray[np.float32]
    out_weight: NDArray[np.float32]
    out_bias: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Check the shapes.

        Raises:
            ValueError: If a matrix does not fit the features or the classes.
        """
        inputs = FEATURE_COUNT + POSITION_COUNT
        if self.hidden_weight.shape[1:] != (inputs,) or self.mean.shape != (inputs,):
            raise ValueError(f"hidden_weight must be [M, {inputs}], not {self.hidden_weight.shape}")
        if self.out_weight.shape != (len(CLASS_NAMES), self.hidden_weight.shape[0]):
            raise ValueError(f"out_weight must be [5, M], not {self.out_weight.shape}")

    def log_probabilities(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Classify every cell of a feature grid.

        Args:
            features: [496, h, w] from :func:`livescape.layout.features.backbone_features`.

        Returns:
            [5, h, w] float32 natural logarithms of the class probabilities.
        """
        grid = features.shape[1:]
        inputs = head_inputs(features)
        hidden = self.hidden_weight @ ((inputs - self.mean[:, None]) * self.scale[:, None])
        hidden = np.maximum(hidden + self.hidden_bias[:, None], 0.0)
        logits = self.out_weight @ hidden + self.out_bias[:, None]
        logits -= logits.max(axis=0, keepdims=True)
        logits -= np.log(np.exp(logits).sum(axis=0, keepdims=True))
        return np.asarray(logits.reshape(-1, *grid), dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write the head as float16 arrays."""
        arrays = {name: getattr(self, name).astype(np.float16) for name in _FIELDS}
        np.savez_compressed(path, **arrays)


def head_inputs(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Flatten a [496, h, w] grid and append each cell's row: [498, h * w]."""
    count, height, width = features.shape
    row = np.repeat((np.arange(height, dtype=np.float32) + 0.5) / height * 2.0 - 1.0, width)
    return np.concatenate([features.reshape(count, -1), row[None], row[None] ** 2])


@functools.lru_cache(maxsize=1)
def load_head() -> LayoutHead:
    """Return the head that ships with the package.

    Raises:
        LivescapeError: ``layout_head_missing`` if the package was built without it.
    """
    resource = resources.files("livescape.layout").joinpath(HEAD_FILE)
    try:
        with resources.as_file(resource) as path, np.load(path, allow_pickle=False) as arrays:
            return LayoutHead(**{name: arrays[name].astype(np.float32) for name in _FIELDS})
    except FileNotFoundError as error:
        raise LivescapeError(
            "layout_head_missing",
            "The trained layout head is missing from this installation.",
            hint="Reinstall livescape, or train it with scripts/train_layout.py.",
        ) from error
