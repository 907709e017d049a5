"""On a CUDA GPU both networks compute what they compute on the CPU."""

import numpy as np
import pytest
import torch
from tests.motion_networks.support import (
    animator_state,
    full_motion_state,
    tensors,
    write_safetensors,
)

from livescape.motion.network_animation import animate_with_network
from livescape.motion.network_flow import estimate_with_network

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no CUDA GPU"),
]


@pytest.fixture(autouse=True)
def _full_precision(monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


def test_motion(tmp_path):
    path = write_safetensors(tmp_path / "motion.safetensors", full_motion_state())
    image = np.random.default_rng(0).random((90, 120, 3)).astype(np.float32)
    mask = np.ones((90, 120), np.float32)
    hints = np.full((90, 120, 2), 0.5, np.float32)
    flows = [
        estimate_with_network(image, mask, hints, path, size=256, device=device)
        for device in ("cpu", "cuda")
    ]
    np.testing.assert_allclose(flows[1], flows[0], atol=1e-4)


def test_animation(tmp_path):
    vectors = tensors("slrsfs_animate_rule")
    path = write_safetensors(tmp_path / "animator.safetensors", animator_state())
    image = vectors["image"][0].permute(1, 2, 0).numpy() * 0.5 + 0.5
    motion = vectors["motion"][0].permute(1, 2, 0).numpy()
    (on_cpu,) = animate_with_network(image, motion, [7], 20, path)
    (on_gpu,) = animate_with_network(image, motion, [7], 20, path, device="cuda")
    np.testing.assert_allclose(on_gpu, on_cpu, atol=1e-4)
