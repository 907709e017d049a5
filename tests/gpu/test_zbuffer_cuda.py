"""The z-buffer on CUDA against the CPU kernel: the same bits, waiting for the GPU once a view."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from tests.engine.clouds import ASIDE, CLOUDS, assert_sees_what_the_kernel_sees, surfaces

from livescape.engine.zbuffer import PointRenderer
from livescape.engine.zbuffer.cuda import nearest_points

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU"),
]


@pytest.mark.parametrize("pairs", [1 << 22, 9973])
@pytest.mark.parametrize("cloud", CLOUDS)
def test_cuda_sees_what_the_kernel_sees(cloud, pairs: int) -> None:
    assert_sees_what_the_kernel_sees("cuda", cloud, pairs)


def test_rendered_values() -> None:
    points, footprint = surfaces()
    values = np.random.default_rng(0).random((len(points), 5)).astype(np.float32)
    found, expected = (
        PointRenderer(points, footprint, device).render(values, ASIDE) for device in ("cuda", "cpu")
    )
    for name in ("values", "depth", "valid"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


@pytest.mark.filterwarnings("ignore:Synchronization debug mode")
def test_a_view_waits_once_however_many_chunks_it_has() -> None:
    points, footprint = (torch.from_numpy(each).cuda() for each in surfaces())

    def waits(pairs: int) -> int:
        torch.cuda.set_sync_debug_mode("warn")
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                nearest_points(points, footprint, ASIDE, pairs)
        finally:
            torch.cuda.set_sync_debug_mode("default")
        return sum("synchronizing" in str(warning.message) for warning in caught)

    assert waits(9973) == waits(1 << 22) == 1
