"""The motion network as an estimator of the registry: its hints are the artist's, or a guess."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from livescape.motion.auto import auto_flow
from livescape.motion.flow_estimators import MotionInputs
from livescape.motion.hints import densify_hints
from livescape.motion.network_flow import NETWORK_SIZE, estimate_with_network

Float32Array = NDArray[np.float32]


def network_estimator(
    checkpoint: Path, *, size: int = NETWORK_SIZE, device: str | torch.device = "cpu"
) -> Callable[[MotionInputs], Float32Array]:
    """Return an estimator for :data:`livescape.motion.flow_estimators.MOTION_ESTIMATORS`.

    The network was trained with hints and does not work without. Where the artist drew none, the
    flow that the photo's layout suggests stands in for them.

    Args:
        checkpoint: See :func:`estimate_with_network`, whose errors the estimator raises.
        size: Side of the square that the network sees.
        device: Where to compute.
    """

    def estimate(inputs: MotionInputs) -> Float32Array:
        return estimate_with_network(
            inputs.image, inputs.mask, _hints(inputs), checkpoint, size=size, device=device
        )

    return estimate


def _hints(inputs: MotionInputs) -> Float32Array:
    if inputs.annotation is None or not len(inputs.annotation.hints):
        return auto_flow(inputs.mask, inputs.horizon_row, sky=inputs.sky, water=inputs.water)
    height, width = inputs.mask.shape
    drawn = inputs.annotation.resized(width, height)
    return densify_hints(drawn.starts, drawn.motions, inputs.mask)
