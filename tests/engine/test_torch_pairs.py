"""The benchmark's torch peer draws the same image, so that its time can be compared."""

from __future__ import annotations

import torch
from benchmarks.torch_pairs import rasterize_pairs
from tests.engine.scenes import leaves, random_scene, relative_error

from livescape.engine.rasterize import rasterize


def test_pairs_are_the_engine() -> None:
    gaussians, (viewmats, Ks) = random_scene(900, 64, 40, dtype=torch.float64)
    ours, theirs = leaves(gaussians), leaves(gaussians)
    view = rasterize(*ours, viewmats, Ks, 64, 40)
    colors, alpha = rasterize_pairs(*theirs, viewmats[0], Ks[0], 64, 40)
    torch.testing.assert_close(colors, view.colors[0], rtol=0, atol=1e-9)
    torch.testing.assert_close(alpha, view.alphas[0, ..., 0], rtol=0, atol=1e-9)
    view.colors.square().sum().backward()
    colors.square().sum().backward()
    for a, b in zip(theirs, ours, strict=True):
        assert relative_error(a.grad, b.grad) < 1e-8
