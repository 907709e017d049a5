"""The trainable form of a set of Gaussians."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from livescape_shared.gaussians import Gaussians

_OPACITY_MARGIN = 1e-4
_SCALE_MIN = 1e-9


@dataclass(frozen=True, eq=False)
class GaussianParameters:
    """Leaf tensors of N Gaussians, scaled so that one Adam step means the same for each.

    A landscape spans metres to kilometres. Positions are therefore trained as offsets in units
    of the Gaussian's own initial size.

    Attributes:
        origins: [N, 3] initial means, fixed.
        units: [N, 1] metres per unit of offset, fixed.
        own_colors: [N, 3] initial display sRGB, fixed.
        offsets: [N, 3].
        quats: [N, 4].
        log_scales: [N, 3].
        logits: [N] opacity before the sigmoid.
        colors: [N, 3] display sRGB.
    """

    origins: Tensor
    units: Tensor
    own_colors: Tensor
    offsets: Tensor
    quats: Tensor
    log_scales: Tensor
    logits: Tensor
    colors: Tensor

    @classmethod
    def from_gaussians(
        cls, gaussians: Gaussians, device: torch.device | str = "cpu"
    ) -> GaussianParameters:
        """Trainable copies of a record's arrays."""

        def tensor(array: np.ndarray) -> Tensor:
            return torch.from_numpy(array.copy()).to(device)

        scales = tensor(gaussians.scales).clamp(min=_SCALE_MIN)
        largest = scales.sort(dim=1, descending=True).values
        opacities = tensor(gaussians.opacities).clamp(_OPACITY_MARGIN, 1.0 - _OPACITY_MARGIN)
        origins = tensor(gaussians.means)
        return cls(
            origins=origins,
            units=(largest[:, :1] * largest[:, 1:2]).sqrt(),
            own_colors=tensor(gaussians.colors),
            offsets=torch.zeros_like(origins).requires_grad_(),
            quats=tensor(gaussians.quats).requires_grad_(),
            log_scales=scales.log().requires_grad_(),
            logits=opacities.logit().requires_grad_(),
            colors=tensor(gaussians.colors).requires_grad_(),
        )

    def frozen(self) -> GaussianParameters:
        """Return the same values, none of which trains."""
        return GaussianParameters(*(getattr(self, entry.name).detach() for entry in fields(self)))

    def changed(self, kept: Tensor, added: Gaussians, parents: Tensor) -> GaussianParameters:
        """Return new leaves: rows ``kept`` [K] as they are, then the Gaussians ``added`` [A].

        What is added inherits the initial colours of its ``parents`` [A].
        """
        new = GaussianParameters.from_gaussians(added, self.origins.device)
        leaves = {}
        for entry in fields(self):
            old, more = getattr(self, entry.name), getattr(new, entry.name)
            more = old[parents] if entry.name == "own_colors" else more.detach()
            both = torch.cat([old.detach()[kept], more])
            leaves[entry.name] = both.requires_grad_(old.requires_grad)
        return GaussianParameters(**leaves)

    def hold_colors(self, most: float) -> None:
        """Bring colours that have left their initial ones by more than ``most`` back to there."""
        with torch.no_grad():
            low = (self.own_colors - most).clamp(min=0.0)
            high = (self.own_colors + most).clamp(max=1.0)
            self.colors.clamp_(low, high)

    def means(self) -> Tensor:
        """[N, 3] metres."""
        return self.origins + self.units * self.offsets

    def scales(self) -> Tensor:
        """[N, 3] metres."""
        return self.log_scales.exp()

    def opacities(self) -> Tensor:
        """[N] in 0..1."""
        return self.logits.sigmoid()

    def to_gaussians(self) -> Gaussians:
        """The current values as a record, quaternions normalised, colours within 0..1."""
        with torch.no_grad():
            values = (
                self.means(),
                torch.nn.functional.normalize(self.quats, dim=-1),
                self.scales(),
                self.opacities(),
                self.colors.clamp(0.0, 1.0),
            )
            return Gaussians(*(value.cpu().numpy() for value in values))
