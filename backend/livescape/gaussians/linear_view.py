"""One view of Gaussians as what it is in their colours: a linear map, which can be inverted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.engine.weights import View, blending_weights
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians

_TINY = 1e-12


class LinearView:
    """Gaussians as one camera sees them: a picture that is linear in their colours.

    Attributes:
        camera: The one that sees them.
        blended: Returns the picture [H, W, 3] of colours [N, 3].
        given: Returns [N, 3] the sum of weights [H, W, 3] over what each Gaussian gives to them.
        alpha: [H, W, 3] coverage.
    """

    def __init__(self, gaussians: Gaussians, camera: Camera, device: str) -> None:
        """Keep all of the Gaussians but their colours."""
        self.camera, self._device = camera, device
        seen = View(
            self.tensor(gaussians.means),
            self.tensor(gaussians.quats),
            self.tensor(gaussians.scales),
            self.tensor(gaussians.opacities),
            self.tensor(camera.viewmat),
            self.tensor(camera.K),
            camera.width,
            camera.height,
        )
        weights = blending_weights(seen)
        self.blended, self.given = weights.blended, weights.given
        self.alpha = self.blended(torch.ones(len(gaussians), 3, device=device))

    def tensor(self, values: NDArray[np.floating]) -> Tensor:
        """Return float32 values on the device."""
        return torch.from_numpy(np.ascontiguousarray(values, np.float32)).to(self._device)


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
