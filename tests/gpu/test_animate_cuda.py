"""The looping 2D animation on CUDA against the CPU kernels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.motion.animated import LOOP, assert_moves_as_the_kernels_do, flowing

from livescape.motion.animate import animate

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU"),
]


def test_trajectories_and_splats() -> None:
    assert_moves_as_the_kernels_do("cuda")


def test_frames_of_the_loop() -> None:
    image, flow, _ = flowing()
    mask = np.zeros(image.shape[:2], np.float32)
    mask[10:50, 15:70] = 1.0
    arguments = (image, flow * mask[..., None], mask, [0, 7, 16], LOOP)
    frames = zip(animate(*arguments, device="cuda"), animate(*arguments), strict=True)
    for found, expected in frames:
        assert np.quantile(np.abs(found - expected), 0.999) < 1e-4
