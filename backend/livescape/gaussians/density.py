"""Density control: remove Gaussians that contribute nothing, and add some where detail is missing.

3D Gaussian Splatting (Kerbl et al. 2023) starts from few Gaussians and grows. Ours start from
a cover of the whole photo that already uses the whole budget, so room must be made first: faint
and overlarge ones are removed, similar neighbours merge, and those with the largest gradient (by
absolute value, AbsGS, Ye et al. 2024) are split, never beyond the budget.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.engine.rasterize.types import RasterInfo
from livescape.gaussians.merge import mergeable_pairs, merged
from livescape_shared.gaussians import Gaussians, rotation_matrices

LOGGER = logging.getLogger(__name__)

Indices = NDArray[np.int64]

BUSY = 1.0
"""Gradient, in units of the mean, above which a Gaussian carries too much detail to merge."""

APART = 0.5
"""Distance of each half from the old mean along the axis that is split, in its deviations: the
halves then tile the patch that the Gaussian covered."""

SHRINK = 0.55
"""Factor on that axis of a half."""


@dataclass(frozen=True, eq=False)
class DensityControl:
    """When and how much the set of Gaussians may change.

    Attributes:
        budget: Largest number of Gaussians, each counted as often as ``costs`` says.
        groups: [N] only Gaussians of one group merge, and the result is in that group.
        costs: [N] what each counts.
        largest_radius: Those that reach farther on screen, in pixels, are removed.
        rounds: Fractions of the iterations after which the set changes.
        least_iterations: Shorter fits have no time to settle and change nothing.
        least_opacity: Fainter ones are removed.
        merge_share: Most pairs that merge in a round, as a share of all Gaussians.
        split_share: Most Gaussians that are split in a round, as a share of all.
        split_over: Least gradient of one that is split, in units of the mean.
        clone_below: Deviation in pixels below which one is copied instead of split.
    """

    budget: int
    groups: NDArray[np.integer]
    costs: NDArray[np.integer]
    largest_radius: float
    rounds: tuple[float, ...] = (0.06, 0.12, 0.2, 0.28, 0.36, 0.44, 0.52)
    least_iterations: int = 60
    least_opacity: float = 0.005
    merge_share: float = 0.1
    split_share: float = 0.1
    split_over: float = 1.5
    clone_below: float = 0.7

    def of(self, sources: Indices) -> DensityControl:
        """Return the same control for other Gaussians, which come from ``sources`` [M]."""
        return replace(self, groups=self.groups[sources], costs=self.costs[sources])

    def steps(self, iterations: int) -> tuple[int, ...]:
        """Return the steps after which the set changes."""
        if iterations < self.least_iterations:
            return ()
        return tuple(round(share * iterations) for share in self.rounds)


class Observations:
    """What the views of some steps tell about every Gaussian."""

    def __init__(self, count: int, device: torch.device | str) -> None:
        """Start with nothing seen of ``count`` Gaussians."""
        self._gradient = torch.zeros(count, device=device)
        self._seen = torch.zeros(count, device=device)
        self._radius = torch.zeros(count, device=device)

    def add(self, infos: Sequence[RasterInfo]) -> None:
        """Take in the views of one step, after its backward pass with ``absgrad``.

        Gaussians beyond the first ``count`` are a backdrop and do not matter.
        """
        count = len(self._seen)
        for info in infos:
            absolute: Tensor = info.means2d.absgrad[:, :count]  # type: ignore[attr-defined]
            self._gradient += torch.linalg.vector_norm(absolute, dim=-1).sum(dim=0).float()
            self._seen += info.visible[:, :count].sum(dim=0)
            radius = info.radii[:, :count].amax(dim=(0, 2)).float()
            self._radius = torch.maximum(self._radius, radius)

    @property
    def gradient(self) -> NDArray[np.float32]:
        """[N] mean absolute gradient over the views that show each."""
        return np.asarray((self._gradient / self._seen.clamp(min=1.0)).cpu().numpy())

    @property
    def unseen(self) -> NDArray[np.bool_]:
        """[N] which no view showed: that they have no gradient says nothing."""
        return np.asarray((self._seen == 0.0).cpu().numpy())

    @property
    def radius(self) -> NDArray[np.float32]:
        """[N] largest radius on screen in pixels, three standard deviations; 0 if never seen."""
        return np.asarray(self._radius.cpu().numpy())


@dataclass(frozen=True, eq=False)
class Change:
    """A new set: some of the old Gaussians, then new ones.

    Attributes:
        kept: [K] indices of those that stay as they are, ascending.
        added: [A] new Gaussians.
        parents: [A] the old Gaussian each comes from.
    """

    kept: Indices
    added: Gaussians
    parents: Indices


def change_of_density(
    gaussians: Gaussians,
    observed: Observations,
    places: NDArray[np.float64],
    control: DensityControl,
    number: int,
    eye: NDArray[np.floating],
) -> Change:
    """Decide what is removed, merged and split in round ``number``.

    Args:
        gaussians: The current N Gaussians; ``control`` is about exactly these.
        observed: What the views tell about them.
        places: [N, 3] image position and depth, see :func:`~livescape.gaussians.merge`.
        control: Limits.
        number: Counts rounds, so that they try different pairs.
        eye: [3] where the photo's camera is.
    """
    gradient = observed.gradient
    faint = gaussians.opacities < control.least_opacity
    leaves = faint | (observed.radius > control.largest_radius)
    barred = leaves | _busy(gradient) | observed.unseen
    pairs = _cheapest_pairs(gaussians, places, control, number, barred)
    leaves[pairs.ravel()] = True
    spent = int(control.costs[~leaves].sum() + control.costs[pairs[:, 0]].sum())
    chosen = _to_split(gradient, control, leaves, control.budget - spent)
    leaves[chosen] = True
    clone = observed.radius[chosen] < 3.0 * control.clone_below
    added = Gaussians.concatenate(merged(gaussians, pairs), *halves(gaussians[chosen], clone, eye))
    LOGGER.info("%d Gaussians: %d dropped, %d pairs merged, %d split",
                len(gaussians), int(leaves.sum()) - 2 * len(pairs) - len(chosen),
                len(pairs), len(chosen))  # fmt: skip
    parents = np.concatenate([pairs[:, 0], chosen, chosen])
    return Change(np.flatnonzero(~leaves), added, parents)


def _busy(gradient: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which Gaussians have so much gradient that they do not merge."""
    return np.asarray(gradient > BUSY * gradient.mean())


def _cheapest_pairs(
    gaussians: Gaussians,
    places: NDArray[np.float64],
    control: DensityControl,
    number: int,
    barred: NDArray[np.bool_],
) -> Indices:
    """Return the pairs [P, 2] that are cheapest to merge, of those that are not ``barred``."""
    pairs, cost = mergeable_pairs(gaussians, places, control.groups, number % 2)
    free = ~barred[pairs].any(axis=1)
    pairs, cost = pairs[free], cost[free]
    most = int(control.merge_share * len(gaussians))
    return pairs[np.sort(np.argsort(cost, kind="stable")[:most])]


def _to_split(
    gradient: NDArray[np.float32],
    control: DensityControl,
    leaves: NDArray[np.bool_],
    left: int,
) -> Indices:
    """Return those with the largest gradients that ``left`` more Gaussians allow, ascending."""
    wanted = np.where(leaves, 0.0, gradient)
    order = np.argsort(-wanted, kind="stable")[: int(control.split_share * len(gradient))]
    order = order[wanted[order] > control.split_over * gradient.mean()]
    affordable = np.cumsum(control.costs[order]) <= left
    return np.sort(order[affordable]).astype(np.int64)


def halves(
    gaussians: Gaussians, clone: NDArray[np.bool_], eye: NDArray[np.floating]
) -> tuple[Gaussians, Gaussians]:
    """Return two sets [N] that together look like ``gaussians`` [N].

    A disc on the ground is longest along the line of sight, where it is seen the shortest:
    halves one behind the other would hide each other.

    Args:
        gaussians: What is split along the axis that is seen the longest.
        clone: [N] those too small to be made smaller: both copies keep the size and are half as
            dense, so that both together are as opaque as before.
        eye: [3] where they are seen from.
    """
    axes = rotation_matrices(gaussians.quats)
    away = gaussians.means - np.asarray(eye, np.float32)
    away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-12)
    ahead = (axes * away[..., None]).sum(axis=1)
    seen = gaussians.scales**2 * np.maximum(1.0 - ahead**2, 0.0)
    longest = np.argmax(seen, axis=1)
    rows = np.arange(len(gaussians))
    axis = axes[rows, :, longest]
    step = APART * gaussians.scales[rows, longest, None] * axis
    scales = gaussians.scales.copy()
    scales[rows, longest] *= np.where(clone, 1.0, SHRINK).astype(np.float32)
    thinner = 1.0 - np.sqrt(np.maximum(1.0 - gaussians.opacities, 0.0))
    opacities = np.where(clone, thinner, gaussians.opacities)
    first, second = (
        Gaussians(gaussians.means + sign * step, gaussians.quats, scales, opacities,
                  gaussians.colors)
        for sign in (-1.0, 1.0)
    )  # fmt: skip
    return first, second
