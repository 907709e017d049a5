"""Weights as torch code: drawing is the map, and its gradient the transpose."""

from __future__ import annotations

import torch
from torch import Tensor

from livescape.engine.rasterize import rasterize
from livescape.engine.weights.types import View


class Weights:
    """The weights of N Gaussians in one picture; see `blending_weights`."""

    def __init__(self, view: View) -> None:
        """Draw all in white: what each gives is the same in any colour."""
        self._view = view
        self._ones = torch.ones_like(view.means).requires_grad_()
        self._white = self.blended(self._ones)

    def blended(self, colors: Tensor) -> Tensor:
        """Return the picture [H, W, 3] of ``colors`` [N, 3]."""
        view = self._view
        return rasterize(
            *(view.means, view.quats, view.scales, view.opacities, colors),
            *(view.viewmat[None], view.K[None]),
            view.width,
            view.height,
        ).colors[0]

    def given(self, weights: Tensor) -> Tensor:
        """Return [N, 3] the sum of ``weights`` [H, W, 3] over what each Gaussian gives to them."""
        return torch.autograd.grad(self._white, self._ones, weights, retain_graph=True)[0]
