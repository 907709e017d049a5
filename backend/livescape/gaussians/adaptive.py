"""A set of Gaussians whose number changes while it is being optimised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from livescape.cameras.projection import in_camera
from livescape.engine.rasterize.types import RasterInfo
from livescape.gaussians.adam import Adam
from livescape.gaussians.density import (
    Change,
    DensityControl,
    Observations,
    change_of_density,
)
from livescape.gaussians.parameters import GaussianParameters
from livescape.gaussians.view_loss import PreparedView
from livescape_shared.gaussians import Gaussians
from livescape_shared.rendering import NEAR


class AdaptiveSet:
    """Parameters, their optimiser, and the changes of density on the way.

    Attributes:
        parameters: The current N Gaussians.
        sources: [N] which of the first ones each comes from.
    """

    def __init__(
        self,
        parameters: GaussianParameters,
        optimiser: Adam,
        control: DensityControl | None,
        views: Sequence[PreparedView],
        iterations: int,
        steps_per_round: int,
    ) -> None:
        """Start with all of ``parameters``.

        Args:
            parameters: What ``optimiser`` optimises.
            optimiser: Adam for these parameters.
            control: Limits, for exactly these Gaussians; their number stays if None.
            views: All views; neighbours are found as the first one sees them.
            iterations: Steps of the whole fit.
            steps_per_round: Steps in which every view has its turn.
        """
        self.parameters = parameters
        self.sources: NDArray[np.int64] = np.arange(len(parameters.logits))
        self._optimiser = optimiser
        self._control = control
        self._view = views[0]
        self._changes = () if control is None else control.steps(iterations)
        self._observing = {
            step
            for change in self._changes
            for step in range(max(0, change - steps_per_round), change)
        }
        self._observed = self._nothing()

    def observes(self, step: int) -> bool:
        """Return whether ``step`` must compute absolute gradients."""
        return step in self._observing

    def after(self, step: int, infos: Sequence[RasterInfo]) -> None:
        """Record the gradients of ``step``; change the set if it is time to."""
        if self.observes(step):
            self._observed.add(infos)
        if self._control is not None and step + 1 in self._changes:
            self._change(self._control.of(self.sources), self._changes.index(step + 1))

    def _change(self, control: DensityControl, number: int) -> None:
        gaussians = self.parameters.to_gaussians()
        places = self._places(gaussians)
        eye = np.linalg.inv(self._view.viewmat.cpu().numpy())[:3, 3]
        change = change_of_density(gaussians, self._observed, places, control, number, eye)
        self.parameters = self._replaced(change)
        self.sources = self.sources[np.concatenate([change.kept, change.parents])]
        self._observed = self._nothing()

    def _nothing(self) -> Observations:
        return Observations(len(self.sources), self.parameters.origins.device)

    def _replaced(self, change: Change) -> GaussianParameters:
        """Return the changed parameters; Adam's moments stay with those that stay."""
        device = self.parameters.origins.device
        kept, parents = (torch.from_numpy(a).to(device) for a in (change.kept, change.parents))
        self._optimiser.keep(kept, len(parents))
        return self.parameters.changed(kept, change.added, parents)

    def _places(self, gaussians: Gaussians) -> NDArray[np.float64]:
        """Return [N, 3]: column, row and log depth, in pixels of the first view."""
        viewmat, K = self._view.viewmat.cpu().numpy(), self._view.K.cpu().numpy()
        local = in_camera(gaussians.means, viewmat)
        depth = np.maximum(local[:, 2:], NEAR)
        pixels = local[:, :2] / depth * (K[0, 0], K[1, 1]) + K[:2, 2]
        extent = 4.0 * max(self._view.target.image.shape[:2])
        pixels = np.clip(pixels, -extent, extent)  # points beside the camera project far away
        return np.concatenate([pixels, K[0, 0] * np.log(depth)], axis=1)
