"""Light beyond white found on CUDA is that found on the CPU."""

import numpy as np
import pytest
import torch
from tests.gaussians.terrain import terrain_set

from livescape.gaussians.highlights import with_highlights

pytest.importorskip("gsplat")
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU"),
]


@pytest.mark.parametrize("blend", ["linear", "srgb"])
def test_both_devices_find_the_same(blend):
    terrain = terrain_set(160, 90, truth=40_000, initial=10_000)
    image = np.ones_like(terrain.images[4])
    light = np.zeros_like(image)
    light[30:60, 50:110] = 8.0
    white = np.ones_like(terrain.initial.colors)
    gaussians = type(terrain.initial)(**{**vars(terrain.initial), "colors": white})
    one, other = (
        with_highlights(gaussians, image, light, terrain.cameras[4], blend, device=device)
        for device in ("cpu", "cuda")
    )
    assert one.max() > 2.0
    np.testing.assert_allclose(other, one, rtol=0.02, atol=0.02)
