"""The trainable form of a set of Gaussians."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape_shared.gaussians import Gaussians, rotation_matrices

_OPACITY_MARGIN = 1e-4
_SCALE_MIN = 1e-9

THINNEST = 0
"""Axis across the surface of a Gaussian that lies in one; see :mod:`livescape.points.surfels`."""

MOST_GROWTH = 1.5
"""Factor by which a Gaussian that flows may grow: one that fills a gap between two posts, or paints
the sky beyond its water's edge, would do so elsewhere too once it flows away, and one that grows
behind others would cover what comes after them."""

LYING_STEP = 2.0
"""Steps along a surface in units of those in the open, where three directions add up to one."""

INHERITED = ("bounds", "normals", "units", "easing")
"""What a new Gaussian takes from the one that it comes from. The rasteriser shows none smaller than
a pixel: steps as small as what has been split again and again would lead nowhere."""


@dataclass(frozen=True, eq=False)
class GaussianParameters:
    """Leaf tensors of N Gaussians, scaled so that one Adam step means the same for each.

    A landscape spans metres to kilometres. Positions are therefore trained as offsets in units
    of the Gaussian's own initial size.

    Attributes:
        origins: [N, 3] initial means, fixed.
        units: [N, 3, 3] metres per unit of each coordinate of an offset, in columns, fixed.
        own_quats: [N, 4] initial quaternions, fixed.
        easing: [N, 1] part of a quaternion per unit of a turn, fixed.
        bounds: [N, 2, 3] least and greatest display sRGB that each may have, fixed.
        normals: [N, 3] across the surface in which a Gaussian stays, 0 for those that stay in none.
        most_log_scales: [N, 3] what log scales may grow to, fixed.
        offsets: [N, 3].
        turns: [N, 4] what quaternions have gained.
        log_scales: [N, 3].
        logits: [N] opacity before the sigmoid.
        colors: [N, 3] display sRGB.
    """

    origins: Tensor
    units: Tensor
    own_quats: Tensor
    easing: Tensor
    bounds: Tensor
    normals: Tensor
    most_log_scales: Tensor
    offsets: Tensor
    turns: Tensor
    log_scales: Tensor
    logits: Tensor
    colors: Tensor

    @classmethod
    def from_gaussians(
        cls,
        gaussians: Gaussians,
        device: torch.device | str = "cpu",
        lying: NDArray[np.bool_] | None = None,
        flowing: NDArray[np.bool_] | None = None,
        bounds: NDArray[np.float32] | None = None,
    ) -> GaussianParameters:
        """Trainable copies of a record's arrays.

        Args:
            gaussians: N Gaussians.
            device: Where to train.
            lying: [N] those that stay in a surface; none if None.
            flowing: [N] those that grow by :data:`MOST_GROWTH` at most, besides those that lie in a
                surface.
            bounds: [N, 2, 3] least and greatest colour that each may have; any by default.
        """

        def tensor(array: np.ndarray) -> Tensor:
            return torch.from_numpy(array.copy()).to(device)

        any_color = np.array([[[0.0], [1.0]]], np.float32)
        scales = tensor(gaussians.scales).clamp(min=_SCALE_MIN)
        opacities = tensor(gaussians.opacities).clamp(_OPACITY_MARGIN, 1.0 - _OPACITY_MARGIN)
        origins = tensor(gaussians.means)
        axes = rotation_matrices(gaussians.quats).astype(np.float32)
        normals = axes[..., THINNEST]
        lies = np.zeros(len(gaussians), bool) if lying is None else lying
        flows = lies if flowing is None else lies | flowing
        growth = np.where(flows, np.log(MOST_GROWTH), np.inf).astype(np.float32)
        return cls(
            origins=origins,
            units=_units(scales, tensor(axes), tensor(lies)),
            own_quats=tensor(gaussians.quats),
            easing=_easing(scales, tensor(lies)),
            bounds=tensor(np.tile(any_color, (len(gaussians), 1, 3)) if bounds is None else bounds),
            normals=tensor(np.where(lies[:, None], normals, 0.0).astype(np.float32)),
            most_log_scales=scales.log() + tensor(growth)[:, None],
            offsets=torch.zeros_like(origins).requires_grad_(),
            turns=torch.zeros_like(tensor(gaussians.quats)).requires_grad_(),
            log_scales=scales.log().requires_grad_(),
            logits=opacities.logit().requires_grad_(),
            colors=tensor(gaussians.colors).requires_grad_(),
        )

    def frozen(self) -> GaussianParameters:
        """Return the same values, none of which trains."""
        return GaussianParameters(*(getattr(self, entry.name).detach() for entry in fields(self)))

    def changed(self, kept: Tensor, added: Gaussians, parents: Tensor) -> GaussianParameters:
        """Return new leaves: rows ``kept`` [K] as they are, then the Gaussians ``added`` [A].

        What is added inherits the bounds and the surface of its ``parents`` [A].
        """
        bounded = self.most_log_scales.isfinite().all(dim=1)
        lying, flowing = (each[parents].cpu().numpy() for each in (self._lies(), bounded))
        new = GaussianParameters.from_gaussians(added, self.origins.device, lying, flowing)
        leaves = {}
        for entry in fields(self):
            old, more = getattr(self, entry.name), getattr(new, entry.name)
            more = old[parents] if entry.name in INHERITED else more.detach()
            both = torch.cat([old.detach()[kept], more])
            leaves[entry.name] = both.requires_grad_(old.requires_grad)
        return GaussianParameters(**leaves)

    def hold_colors(self) -> None:
        """Bring colours that have left their bounds back to there."""
        with torch.no_grad():
            low, high = self.bounds.clamp(0.0, 1.0).unbind(dim=1)
            self.colors.clamp_(low, high)

    def turn_gradients_into_surface(self) -> None:
        """Take from the gradients of those that lie in a surface what would lead out of it.

        Adam steps by the sign of each coordinate. What leads out of an inclined surface would
        otherwise decide the signs, and what is left of such a step within the surface leads
        anywhere; without it, every step goes down.
        """
        if self.turns.grad is None or not len(self._lying):
            return
        lying, normals = self._lying, self.normals[self._lying]
        with torch.no_grad():
            still = normals.new_zeros(len(normals), 1)
            spin = quaternion_product(torch.cat([still, normals], dim=1), self.quats()[lying])
            spin = torch.nn.functional.normalize(spin, dim=1)
            gradient = self.turns.grad[lying]
            self.turns.grad[lying] = (gradient * spin).sum(dim=1, keepdim=True) * spin

    def hold_in_surface(self) -> None:
        """Bring those that lie in a surface back into it, wherever they are now and turned.

        Those that flow do not grow beyond their largest size.
        """
        with torch.no_grad():
            self.log_scales.copy_(torch.minimum(self.log_scales, self.most_log_scales))
            lying = self._lying
            if not len(lying):
                return
            normals, quats = self.normals[lying], self.quats()[lying]
            axes = quaternion_axis(quats)
            cosine = (axes * normals).sum(dim=1, keepdim=True)
            towards = torch.where(cosine < 0.0, -normals, normals)
            back = torch.cat([1.0 + cosine.abs(), torch.linalg.cross(axes, towards)], dim=1)
            held = quaternion_product(torch.nn.functional.normalize(back, dim=1), quats)
            self.turns[lying] = (held - self.own_quats[lying]) / self.easing[lying]

    @cached_property
    def _lying(self) -> Tensor:
        """Which stay in a surface, [L] numbers: few of all."""
        return self._lies().nonzero()[:, 0]

    def _lies(self) -> Tensor:
        """[N] whether each stays in a surface."""
        return (self.normals != 0.0).any(dim=1)

    def means(self) -> Tensor:
        """[N, 3] metres."""
        return self.origins + (self.units @ self.offsets[..., None])[..., 0]

    def quats(self) -> Tensor:
        """[N, 4] of any length."""
        return self.own_quats + self.easing * self.turns

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
                torch.nn.functional.normalize(self.quats(), dim=-1),
                self.scales(),
                self.opacities(),
                self.colors.clamp(0.0, 1.0),
            )
            return Gaussians(*(value.cpu().numpy() for value in values))


def _units(scales: Tensor, axes: Tensor, lies: Tensor) -> Tensor:
    """Return metres [N, 3, 3] per unit of each coordinate of an offset, in columns.

    Who ``lies`` in a surface goes along its own two axes there, by its size along each: seen at a
    grazing angle, a disc is long, and a step across it is but a part of one along it.
    """
    largest = scales.sort(dim=1, descending=True).values
    size = (largest[:, :1] * largest[:, 1:2]).sqrt()
    free = size[..., None] * torch.eye(3, dtype=scales.dtype, device=scales.device)
    along = LYING_STEP * axes * scales[:, None, :]
    along[..., THINNEST] = 0.0
    return torch.where(lies[:, None, None], along, free)


def _easing(scales: Tensor, lies: Tensor) -> Tensor:
    """Return [N, 1] by how much turns in the surface count: a long disc sweeps far by little."""
    largest = scales.sort(dim=1, descending=True).values
    stretch = largest[:, :1] / largest[:, 1:2]
    return torch.where(lies[:, None], 1.0 / stretch, torch.ones_like(stretch))


def quaternion_axis(quats: Tensor) -> Tensor:
    """Return the direction [N, 3] of the first axis that ``quats`` [N, 4] turn."""
    w, x, y, z = torch.nn.functional.normalize(quats, dim=1).unbind(dim=1)
    across = (1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y + w * z), 2.0 * (x * z - w * y))
    return torch.stack(across, dim=1)


def quaternion_product(first: Tensor, second: Tensor) -> Tensor:
    """Return the quaternions [N, 4] that turn as ``second`` and then as ``first``."""
    a, u = first[:, :1], first[:, 1:]
    b, v = second[:, :1], second[:, 1:]
    real = a * b - (u * v).sum(dim=1, keepdim=True)
    return torch.cat([real, a * v + b * u + torch.linalg.cross(u, v)], dim=1)
