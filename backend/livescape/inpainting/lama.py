"""LaMa (Suvorov et al., WACV 2022) as ONNX: large masks in one pass.

The export takes ``image`` [1, 3, S, S] in 0..1 and ``mask`` [1, 1, S, S] with 1 = fill, and
returns 0..255. Exports with free sizes take any multiple of 8.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.inpainting.tiles import fill_in_tiles
from livescape.networks.onnx_model import OnnxModel
from livescape.networks.registry import MODELS
from livescape.networks.store import model_unreadable

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

NAME = "lama"
MULTIPLE = 8
"""Sides that the network's strides divide."""

LARGEST = 2048
"""Longest side that an export with free sizes is given at once."""


def fill_by_lama(
    context: Context, prepared: Float32Image, holes: Mask, excluded: Mask
) -> Float32Image:
    """Return ``prepared`` [H, W, 3] with ``holes`` filled; pixels in either mask are not used.

    Raises:
        LivescapeError: ``model_missing``, ``package_missing``, ``model_unreadable``.
    """
    model = OnnxModel(context, NAME, inputs=("image", "mask"), outputs=())

    def network(image: Float32Image, unknown: Mask) -> Float32Image:
        result = model.run(
            {
                "image": np.ascontiguousarray(image.transpose(2, 0, 1)[None], dtype=np.float32),
                "mask": unknown[None, None].astype(np.float32),
            }
        )[0]
        if result.shape != (1, 3, *unknown.shape) or not np.isfinite(result).all():
            raise model_unreadable(MODELS[NAME], "its output is not an image of the right size")
        return np.asarray(np.clip(result[0].transpose(1, 2, 0) / 255.0, 0.0, 1.0))

    side = _side(model, prepared.shape[:2])
    return fill_in_tiles(prepared, holes | excluded, holes, network, side, context.progress.step)


def _side(model: OnnxModel, shape: tuple[int, ...]) -> int:
    """Return the square that the export takes, or one around the whole image if it is free."""
    fixed = model.input_shape("image")[-1]
    return fixed or min(-(-max(shape) // MULTIPLE) * MULTIPLE, LARGEST)
