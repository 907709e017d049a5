"""Splatting in torch, here on the CPU, against the kernel."""

import numpy as np
import pytest
import torch
from tests.motion.animated import assert_moves_as_the_kernels_do, assert_same_frames, flowing

from livescape.engine.splat import splat
from livescape.engine.splat.cuda import splat_sum


def test_an_image_moves_as_the_kernels_move_it():
    assert_moves_as_the_kernels_do("cpu:0")


def test_the_frames_of_a_loop_are_the_kernels():
    assert_same_frames("cpu:0")


@pytest.mark.parametrize("far", [1e3, 1e9])
def test_what_leaves_the_frame_is_lost(far):
    image, flow, _ = flowing()
    away = flow.copy()
    away[20:30] += np.float32(far)
    weight = np.linspace(0, 2, image[..., 0].size, dtype=np.float32).reshape(image.shape[:2])
    sums, weights = splat(image, away, weight, device="cpu:0")
    expected_sums, expected_weights = splat(image, away, weight)
    np.testing.assert_allclose(sums, expected_sums, atol=1e-5)
    np.testing.assert_allclose(weights, expected_weights, atol=1e-5)


def test_gradients_are_those_of_the_sums():
    generator = torch.Generator().manual_seed(0)
    values = torch.rand(2, 4, 5, generator=generator, dtype=torch.float64, requires_grad=True)
    moved = 2.0 * torch.randn(2, 4, 5, generator=generator, dtype=torch.float64)
    moved.requires_grad_()
    assert torch.autograd.gradcheck(splat_sum, (values, moved))
