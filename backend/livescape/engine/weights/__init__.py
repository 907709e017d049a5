"""What Gaussians give to one picture: as a map of their colours, it is linear."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from livescape.engine.dispatch import on_cpu
from livescape.engine.rasterize.types import RasterOptions
from livescape.engine.weights import cpu, cuda


class BlendingWeights(Protocol):
    """The weights of N Gaussians in one picture."""

    def blended(self, colors: Tensor) -> Tensor:
        """Return the picture [H, W, 3] of ``colors`` [N, 3]."""

    def given(self, weights: Tensor) -> Tensor:
        """Return [N, 3] the sum of ``weights`` [H, W, 3] over what each Gaussian gives to them."""


def blending_weights(
    means: Tensor,
    quats: Tensor,
    scales: Tensor,
    opacities: Tensor,
    viewmat: Tensor,
    K: Tensor,
    width: int,
    height: int,
) -> BlendingWeights:
    """Return what N Gaussians give to the picture of one camera.

    Args:
        means: [N, 3] metres, float32, without a gradient as all others.
        quats: [N, 4] w, x, y, z.
        scales: [N, 3] metres.
        opacities: [N] in 0..1; above, they count as 1.
        viewmat: [4, 4] world-to-camera, OpenCV axes.
        K: [3, 3] intrinsics in pixels.
        width: Of the picture in pixels.
        height: Of the picture in pixels.
    """
    weights = cpu.Weights if on_cpu(means.device) else cuda.Weights
    options = RasterOptions(width, height)
    return weights(means, quats, scales, opacities.clamp(max=1.0), viewmat, K, options)
