"""Eulerian integration on CUDA against the CPU."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.deform.support import LOOP, VIEW, uniform_grid, wall
from tests.motion.support import camera

from livescape.cameras.projection import project_points
from livescape.deform.trajectories import moving_field
from livescape.engine.advect import integrate_3d

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU"),
]


def test_trajectories() -> None:
    rng = np.random.default_rng(3)
    means = rng.normal(size=(20_000, 3)) * (6, 4, 3) + (0, 0, 6)  # also off the image and behind
    y, x = np.mgrid[:64, :96] / 20.0
    field = 0.03 * np.stack((np.sin(y) + 0.5, 0.3 * np.cos(x), 0.2 * np.sin(x + y)), -1)
    found = integrate_3d(means, field, camera(), 60, device="cuda")
    expected = integrate_3d(means, field, camera(), 60)
    # A point that grazes the camera's plane may fall on either side of it.
    error = np.abs(found - expected).max(axis=(0, 2))
    assert np.mean(error < 1e-4) > 0.999


def test_moving_gaussians_follow_the_same_trajectories() -> None:
    grid, gaussians = uniform_grid(1.37), wall((18, 46))
    fields = [moving_field(gaussians, grid, LOOP, 12, device=device) for device in ("cpu", "cuda")]
    np.testing.assert_allclose(fields[1].coefficients, fields[0].coefficients, atol=1e-3)
    u = [project_points(field.means_at(0.5), VIEW)[0] for field in fields]
    np.testing.assert_allclose(u[1], u[0], atol=1e-2)
    assert np.mean(np.abs(fields[1].life - fields[0].life) < 1e-3) > 0.99
