"""What Gaussians give to one picture: as a map of their colours, it is linear."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from livescape.engine.dispatch import on_cpu
from livescape.engine.weights import cpu, cuda
from livescape.engine.weights.types import View

__all__ = ["BlendingWeights", "View", "blending_weights"]


class BlendingWeights(Protocol):
    """The weights of N Gaussians in one picture."""

    def blended(self, colors: Tensor) -> Tensor:
        """Return the picture [H, W, 3] of ``colors`` [N, 3]."""

    def given(self, weights: Tensor) -> Tensor:
        """Return [N, 3] the sum of ``weights`` [H, W, 3] over what each Gaussian gives to them."""


def blending_weights(view: View) -> BlendingWeights:
    """Return what N Gaussians give to the picture of one camera."""
    return (cpu.Weights if on_cpu(view.means.device) else cuda.Weights)(view)
