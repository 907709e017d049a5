"""4D Gaussians on a periodic per-Gaussian basis.

Each moving Gaussian follows one trajectory X(s) = X(0) + sum_k a_k phi_k(s), s in [-1, 1]. It is
shown by an outgoing copy and, where something comes in or the loop has to close, by an incoming one
(see :mod:`livescape_shared.conventions`). The scene therefore equals the photo at t = 0, and in a
loop flows for ever, never drifts away and closes by construction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.deform.trainable import TensorPose, TrainableField
from livescape_shared.conventions import FOR_EVER, SINCE_EVER
from livescape_shared.gaussians import GaussianFrame, Gaussians
from livescape_shared.scene import MovingGaussians
from livescape_shared.trajectories import Trajectories, along

Float32Array = NDArray[np.float32]

COEFFICIENT_RATE = 0.01
"""Learning rate of trajectory coefficients, in units of each Gaussian's size."""


def basis_functions(s: NDArray[np.floating], terms: int) -> Float32Array:
    """Return phi [S, K] at phases ``s`` [S]: s, s^2 and Fourier terms; all 0 at s = 0."""
    s = np.asarray(s, dtype=np.float64)
    columns = [s, s**2]
    for k in range(1, terms):
        columns += [np.sin(np.pi * k * s), 1.0 - np.cos(np.pi * k * s)]
    return np.stack(columns[:terms], axis=-1).astype(np.float32)


@dataclass(frozen=True)
class MovingField:
    """Moving Gaussians with their trajectories.

    Attributes:
        gaussians: [M] at t = 0.
        coefficients: [K, M, 3] metres.
        life: [M, 2] phases s between which the Gaussian is in the moving region;
            life[:, 0] <= 0 <= life[:, 1].
        handover: [M, 2] loop times at which the incoming copy appears and the outgoing one
            vanishes, of :func:`livescape.motion.handover.handover`.
        fade: Length of a fade in loop time.
        eye: [3] the reference camera's position.
    """

    gaussians: Gaussians
    coefficients: Float32Array
    life: Float32Array
    handover: Float32Array
    fade: float
    eye: Float32Array

    deforms: ClassVar[bool] = False
    """Whether rotations and scales change too."""

    def __len__(self) -> int:
        """Return M."""
        return len(self.gaussians)

    @classmethod
    def concatenate(cls, *parts: MovingField) -> MovingField:
        """Return all parts concatenated; reference camera and fade are those of the first."""
        return cls(
            Gaussians.concatenate(*(part.gaussians for part in parts)),
            np.concatenate([part.coefficients for part in parts], axis=1),
            np.concatenate([part.life for part in parts]),
            np.concatenate([part.handover for part in parts]),
            parts[0].fade,
            parts[0].eye,
        )

    @property
    def incoming(self) -> NDArray[np.intp]:
        """Indices [I] of the Gaussians that have an incoming copy."""
        return np.flatnonzero(self.handover[:, 0] <= 1.0)

    @property
    def windows(self) -> Float32Array:
        """Loop times [M + I, 2] at which each copy appears and vanishes, outgoing ones first."""
        appears, vanishes = self.handover.T
        outgoing = np.column_stack([np.full_like(vanishes, SINCE_EVER), vanishes])
        arriving = appears[self.incoming]
        incoming = np.column_stack([arriving, np.full_like(arriving, FOR_EVER)])
        return np.concatenate([outgoing, incoming])

    def limited(self, most: int) -> MovingField:
        """Return the field with at most ``most`` copies: without those that come in last.

        Args:
            most: At least as many as there are Gaussians.
        """
        latest = self.incoming[np.argsort(self.handover[self.incoming, 0], kind="stable")]
        changed = self.handover.copy()
        changed[latest[max(most - len(self), 0) :], 0] = FOR_EVER
        return replace(self, handover=changed)

    def recolored(self, trained: TrainableField[Any]) -> MovingField:
        """Return the field with the trained colours and opacities."""
        return replace(self, gaussians=trained.trained_gaussians())

    def in_colors(self, colors: Float32Array) -> MovingField:
        """Return the field with other colours [M, 3]."""
        return replace(self, gaussians=replace(self.gaussians, colors=colors))

    def means_at(self, s: float) -> Float32Array:
        """Return the means [M, 3] at phase ``s``."""
        return along(self.gaussians.means, self.coefficients, self._weights(s))

    def _weights(self, s: float) -> Float32Array:
        """Return the values [K] of the basis functions at phase ``s``."""
        return np.asarray(basis_functions(np.array([s]), len(self.coefficients))[0])

    def all_copies(self) -> MovingGaussians:
        """Return outgoing copies followed by incoming ones, at t = 0."""
        incoming = replace(self.gaussians, means=self.means_at(-1.0))[self.incoming]
        return MovingGaussians(Gaussians.concatenate(self.gaussians, incoming), self.windows)

    def frame(self, index: int, loop_frames: int) -> GaussianFrame:
        """Return all copies at loop frame ``index`` of 0..loop_frames."""
        t, own, chosen = index / loop_frames, self.gaussians, self.incoming
        means = np.concatenate([self.means_at(t), self.means_at(t - 1.0)[chosen]])
        quats = np.concatenate([own.quats, own.quats[chosen]])
        scales = np.concatenate([own.scales, own.scales[chosen]])
        return GaussianFrame(index, means, quats, scales)

    def trajectories(self, loop_frames: int) -> Trajectories:
        """Return what :meth:`frame` says at all loop frames, 0..loop_frames, to the same bits."""
        times = [index / loop_frames for index in range(loop_frames + 1)]
        weights = [[self._weights(t) for t in times], [self._weights(t - 1.0) for t in times]]
        return Trajectories(
            self.coefficients, self.incoming.astype(np.int32), np.array(weights, np.float32)
        )


def fit_coefficients(displacements: Float32Array, terms: int) -> Float32Array:
    """Return the coefficients [K, M, 3] closest to sampled displacements.

    Args:
        displacements: [S, M, 3] X(s) - X(0) at S phases evenly from -1 to 1, both included.
        terms: K.
    """
    samples = len(displacements)
    phi = basis_functions(np.linspace(-1.0, 1.0, samples), terms).astype(np.float64)
    flat = displacements.reshape(samples, -1)
    coefficients = np.linalg.pinv(phi) @ flat
    return coefficients.reshape(terms, *displacements.shape[1:]).astype(np.float32)


class TrainableBasis(TrainableField[MovingField]):
    """Trajectories on the basis as tensors: coefficients train, rotations and scales stay."""

    def __init__(
        self, still: Gaussians, field: MovingField, device: str, *, train_trajectories: bool = True
    ) -> None:
        """Start at ``field``."""
        super().__init__(still, field.gaussians, field.handover, field.fade, device)
        self.field = field
        self.initial = self.tensor(field.coefficients)
        self.delta = torch.zeros_like(self.initial).requires_grad_(train_trajectories)

    def poses(self, phases: Sequence[float]) -> list[TensorPose]:
        """Return the moving Gaussians at each phase."""
        coefficients = self._coefficients()
        means = (trainable_means(self, coefficients, s) for s in phases)
        return [(at, self.quats, self.scales) for at in means]

    def motion_groups(self) -> list[dict[str, Any]]:
        """Return the coefficients' group, if they train."""
        if not self.delta.requires_grad:
            return []
        return [{"params": [self.delta], "lr": COEFFICIENT_RATE}]

    def result(self) -> MovingField:
        """Return the trained field."""
        coefficients = self._coefficients().detach().cpu().numpy()
        return replace(self.field.recolored(self), coefficients=coefficients)

    def _coefficients(self) -> Tensor:
        return self.initial + self.delta * self.unit


def trainable_means(tensors: TrainableField[Any], coefficients: Tensor, s: float) -> Tensor:
    """Return :meth:`MovingField.means_at` of ``coefficients`` [K, M, 3], differentiably."""
    phi = tensors.tensor(basis_functions(np.array([s]), len(coefficients))[0])
    means: Tensor = tensors.means + torch.tensordot(phi, coefficients, dims=1)
    return means
