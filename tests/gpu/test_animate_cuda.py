"""The looping 2D animation on CUDA against the CPU kernels."""

from __future__ import annotations

import pytest
import torch
from tests.motion.animated import assert_moves_as_the_kernels_do, assert_same_frames

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU"),
]


def test_trajectories_and_splats() -> None:
    assert_moves_as_the_kernels_do("cuda")


def test_frames_of_the_loop() -> None:
    assert_same_frames("cuda")
