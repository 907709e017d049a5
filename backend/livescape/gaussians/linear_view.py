"""One view of Gaussians as what it is in their colours: a linear map, which can be inverted."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.engine.rasterize import rasterize
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians

_TINY = 1e-12


class LinearView:
    """Gaussians as one camera sees them: a picture that is linear in their colours."""

    def __init__(self, gaussians: Gaussians, camera: Camera, device: str) -> None:
        """Keep all of the Gaussians but their colours."""
        self.camera, self._device = camera, device
        self._means, self._quats = self.tensor(gaussians.means), self.tensor(gaussians.quats)
        self._scales = self.tensor(gaussians.scales)
        self._opacities = self.tensor(gaussians.opacities)
        self._viewmats, self._Ks = self.tensor(camera.viewmat[None]), self.tensor(camera.K[None])

    def tensor(self, values: NDArray[np.floating]) -> Tensor:
        """Return float32 values on the device."""
        return torch.from_numpy(np.ascontiguousarray(values, np.float32)).to(self._device)

    def blended(self, colors: Tensor) -> Tensor:
        """Return the picture [H, W, 3] of ``colors`` [N, 3]."""
        return rasterize(
            self._means,
            self._quats,
            self._scales,
            self._opacities,
            colors,
            self._viewmats,
            self._Ks,
            self.camera.width,
            self.camera.height,
        ).colors[0]

    @property
    def alpha(self) -> Tensor:
        """Coverage [H, W, 3]."""
        return self._white[1].detach()

    def given(self, weights: Tensor) -> Tensor:
        """Return [N, 3] the sum of ``weights`` [H, W, 3] over what each Gaussian gives to them."""
        ones, picture = self._white
        return torch.autograd.grad(picture, ones, weights, retain_graph=True)[0]

    @cached_property
    def _white(self) -> tuple[Tensor, Tensor]:
        """All in white, and their picture: what each gives is the same in any colour."""
        ones = torch.ones_like(self._means).requires_grad_()
        return ones, self.blended(ones)


def least_squares(
    view: LinearView,
    wanted: Tensor,
    weight: Tensor,
    start: Tensor,
    bounds: tuple[Tensor, Tensor],
    steps: int,
    progress: Callable[[int, int], None] = lambda *_: None,
    floor: float = 0.0,
) -> Tensor:
    """Return the colours [N, 3] within bounds that are blended nearest to what is ``wanted``.

    Accelerated projected gradients (Beck and Teboulle 2009). Blending weights are not negative, so
    steps by the sums of the rows of the normal matrix never go too far.

    Args:
        view: The map.
        wanted: [H, W, 3].
        weight: [H, W, 3] of its squared errors.
        start: [N, 3] where to begin, within bounds.
        bounds: Least and most, [N, 3] each.
        steps: How many.
        progress: Called with (step, steps) before each; may raise to stop.
        floor: Share of one pixel below which what a Gaussian gives is no reason to change it.
    """
    step = 1.0 / view.given(weight * view.alpha).clamp(min=_TINY)
    if floor:
        given = view.given(torch.ones_like(weight))
        step = step * given / (given + floor)
    found = ahead = start
    momentum = 1.0
    for index in range(steps):
        progress(index, steps)
        with torch.no_grad():
            residual = wanted - view.blended(ahead)
        following = (ahead + step * view.given(weight * residual)).clamp(*bounds)
        grown = 0.5 * (1.0 + (1.0 + 4.0 * momentum**2) ** 0.5)
        ahead = following + (momentum - 1.0) / grown * (following - found)
        found, momentum = following, grown
    return found
