"""4D Gaussians on a HexPlane: the second deformation model, beside the basis.

Each Gaussian has a straight base line of its own, as in the released 3D-MOM code, and one HexPlane
with a small decoder adds a residual for all of them:

    X(s) = X(0) + s * line + reach * (f(X(0), s) - f(X(0), 0))

Copies and phases are those of :class:`livescape.deform.basis.MovingField`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.deform.basis import (
    MovingField,
    basis_functions,
    fit_coefficients,
    trainable_means,
)
from livescape.deform.coordinates import view_coordinates
from livescape.deform.decoder import HEADS
from livescape.deform.deformation import Deformation, DeformationShape
from livescape.deform.regularise import total_variation
from livescape.deform.trainable import TensorPose, TrainableField
from livescape.engine.hexplane import FixedPoints, HexPlaneShape
from livescape.engine.threads import cpu_threads
from livescape_shared.gaussians import GaussianFrame, Gaussians
from livescape_shared.scene import MovingGaussians

Float32Array = NDArray[np.float32]

PLANE_RATE = 2e-3
DECODER_RATE = 2e-4
"""Learning rates of photometric training."""

SPACE_WEIGHT = 1e-4
TIME_WEIGHT = 1e-3
"""Weights of the planes' total variation."""


@dataclass(frozen=True)
class Pose:
    """Moving Gaussians at one phase: means [M, 3], quats [M, 4] unit, scales [M, 3]."""

    means: Float32Array
    quats: Float32Array
    scales: Float32Array


@dataclass(frozen=True)
class HexPlaneField:
    """Moving Gaussians with their base lines and the network of the residuals; plain arrays only.

    Attributes:
        base_line: Gaussians, lifetimes and eye, with one basis function, s.
        points: [M, 3] where the Gaussians lie in the HexPlane's box, -1..1.
        reach: [M] metres that one unit of decoded position means.
        sizes: [6 + levels] int64 of the network, see :func:`network_sizes`.
        parameters: [P] of the network.
    """

    base_line: MovingField
    points: Float32Array
    reach: Float32Array
    sizes: NDArray[np.int64]
    parameters: Float32Array

    deforms: ClassVar[bool] = True
    """Whether rotations and scales change too."""

    def __post_init__(self) -> None:
        """Check lengths."""
        count = len(self.base_line)
        if self.points.shape != (count, 3) or self.reach.shape != (count,):
            message = f"points {self.points.shape}, reach {self.reach.shape} for {count} Gaussians"
            raise ValueError(message)

    def __len__(self) -> int:
        """Return M."""
        return len(self.base_line)

    @property
    def gaussians(self) -> Gaussians:
        """Gaussians at t = 0."""
        return self.base_line.gaussians

    def network(self) -> Deformation:
        """Return a network with the parameters."""
        network = Deformation(network_shape(self.sizes))
        network.load_vector(self.parameters)
        return network

    @cached_property
    def _located(self) -> tuple[Deformation, FixedPoints]:
        network = self.network()
        return network, network.locate(torch.from_numpy(self.points))

    def poses(self, phases: NDArray[np.floating]) -> list[Pose]:
        """Return the pose at each of ``phases`` [K]; at 0 exactly that of :attr:`gaussians`."""
        network, located = self._located
        heads = tuple(HEADS)
        poses = []
        with torch.no_grad(), cpu_threads():
            for phase in np.asarray(phases, dtype=np.float32):
                times = torch.from_numpy(phase.reshape(1))
                change = network(network.features(located, times), times, heads)
                poses.append(self._pose(float(phase), *(change[name][0] for name in heads)))
        return poses

    def _pose(self, phase: float, means: Tensor, quats: Tensor, scales: Tensor) -> Pose:
        own = self.gaussians
        if phase == 0.0:
            return Pose(own.means, own.quats, own.scales)
        turned = own.quats + quats.numpy()
        return Pose(
            self.base_line.means_at(phase) + self.reach[:, None] * means.numpy(),
            turned / np.linalg.norm(turned, axis=1, keepdims=True),
            own.scales * np.exp(scales.numpy()),
        )

    def in_colors(self, colors: Float32Array) -> HexPlaneField:
        """Return the field with other colours [M, 3]."""
        return replace(self, base_line=self.base_line.in_colors(colors))

    def means_at(self, s: float) -> Float32Array:
        """Return the means [M, 3] at phase ``s``."""
        return self.poses(np.array([s]))[0].means

    @property
    def fade(self) -> float:
        """Length of a fade in loop time."""
        return self.base_line.fade

    def all_copies(self) -> MovingGaussians:
        """Return outgoing copies followed by incoming ones, at t = 0."""
        pose = self.poses(np.array([-1.0]))[0]
        incoming = replace(self.gaussians, **vars(pose))[self.base_line.incoming]
        both = Gaussians.concatenate(self.gaussians, incoming)
        return MovingGaussians(both, self.base_line.windows)

    def frame(self, index: int, loop_frames: int) -> GaussianFrame:
        """Return all copies at loop frame ``index`` of 0..loop_frames."""
        t, chosen = index / loop_frames, self.base_line.incoming
        outgoing, incoming = self.poses(np.array([t, t - 1.0]))
        means, quats, scales = (
            np.concatenate([getattr(outgoing, name), getattr(incoming, name)[chosen]])
            for name in ("means", "quats", "scales")
        )
        return GaussianFrame(index, means, quats, scales)


class TrainableHexPlane(TrainableField[HexPlaneField]):
    """A HexPlane field as tensors: planes and decoder train, base lines stay."""

    def __init__(self, still: Gaussians, field: HexPlaneField, device: str) -> None:
        """Start at ``field``."""
        own = field.base_line
        super().__init__(still, own.gaussians, own.handover, own.fade, device)
        self.field = field
        self.network = field.network().to(device)
        self.located = self.network.locate(self.tensor(field.points))
        self.base_line = self.tensor(field.base_line.coefficients)
        self.reach = self.tensor(field.reach)[:, None]

    def poses(self, phases: Sequence[float]) -> list[TensorPose]:
        """Return the moving Gaussians at each phase."""
        times = torch.tensor(phases, dtype=torch.float32, device=self.device)
        features = self.network.features(self.located, times)
        change = self.network(features, times, tuple(HEADS))
        poses = []
        for index, s in enumerate(phases):
            means = trainable_means(self, self.base_line, s)
            quats = torch.nn.functional.normalize(self.quats + change["quats"][index], dim=1)
            scales = self.scales * torch.exp(change["scales"][index])
            poses.append((means + self.reach * change["means"][index], quats, scales))
        return poses

    def motion_groups(self) -> list[dict[str, Any]]:
        """Return the groups of planes and decoder."""
        return [
            {"params": list(self.network.hexplane.parameters()), "lr": PLANE_RATE},
            {"params": list(self.network.decoder.parameters()), "lr": DECODER_RATE},
        ]

    def penalty(self) -> Tensor:
        """Return the weighted total variation of the planes."""
        space, time = total_variation(self.network.hexplane)
        return SPACE_WEIGHT * space + TIME_WEIGHT * time

    def result(self) -> HexPlaneField:
        """Return the trained field."""
        line = self.field.base_line.recolored(self)
        return replace(self.field, base_line=line, parameters=self.network.to_vector())


def base_line_field(
    field: MovingField, shape: DeformationShape | None = None, samples: int = 33
) -> tuple[HexPlaneField, Float32Array]:
    """Return a field of base lines alone, and the residual that its network has yet to learn.

    Args:
        field: Trajectories on the basis.
        shape: Of the network.
        samples: S, phases evenly from -1 to 1 at which the trajectories are read.

    Returns:
        The field, and the residual [S, M, 3] in metres: trajectories less base lines.
    """
    shape = shape or DeformationShape()
    phases = np.linspace(-1.0, 1.0, samples)
    phi = basis_functions(phases, len(field.coefficients))
    moved = np.tensordot(phi, field.coefficients, axes=1)
    line = replace(field, coefficients=fit_coefficients(moved, 1))
    residual = moved - phases.astype(np.float32)[:, None, None] * line.coefficients[0]
    return _untrained(line, residual, shape), residual


def single_copy_field(line: MovingField, shape: DeformationShape | None = None) -> HexPlaneField:
    """Return the released 3D-MOM form: one copy on a straight line, and a network for the residual.

    Args:
        line: Gaussians with one basis function, s; its coefficient is the motion of one loop.
        shape: Of the network.
    """
    return _untrained(line, line.coefficients, shape or DeformationShape())


def _untrained(line: MovingField, typical: Float32Array, shape: DeformationShape) -> HexPlaneField:
    """Return a field whose network moves nothing yet; it decodes in units of ``typical``."""
    distance = np.linalg.norm(line.gaussians.means - line.eye, axis=1)
    angles = typical / np.maximum(distance, 1e-6)[:, None]
    size = np.sqrt(np.sum(angles**2) / max(angles.size, 1))
    reach = (distance * max(float(size), 1e-9)).astype(np.float32)
    points = view_coordinates(line.gaussians.means, line.eye)
    parameters = Deformation(shape).to_vector()
    return HexPlaneField(line, points, reach, network_sizes(shape), parameters)


def network_sizes(shape: DeformationShape) -> NDArray[np.int64]:
    """Return resolution (4), channels, width and then the levels."""
    planes = shape.hexplane
    sizes = [*planes.resolution, planes.channels, shape.width, *planes.levels]
    return np.array(sizes, dtype=np.int64)


def network_shape(sizes: NDArray[np.int64]) -> DeformationShape:
    """Undo :func:`network_sizes`."""
    x, y, z, t, channels, width, *levels = (int(size) for size in sizes)
    planes = HexPlaneShape((x, y, z, t), tuple(levels), channels)
    return DeformationShape(planes, width)
