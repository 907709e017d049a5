"""4D Gaussians on a HexPlane: the second way to carry moving Gaussians, beside the basis.

Each Gaussian drifts along a line of its own, as in the released 3D-MOM code, and one HexPlane
with a small decoder bends that line for all of them:

    X(s) = X(0) + s * drift + reach * (f(X(0), s) - f(X(0), 0))

Copies, phases and sinking are those of :class:`livescape.deform.basis.MovingField`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.deform.basis import MovingField, basis_functions, fit_coefficients
from livescape.deform.coordinates import view_coordinates
from livescape.deform.decoder import HEADS
from livescape.deform.deformation import Deformation, DeformationShape
from livescape.engine.hexplane import FixedPoints, HexPlaneShape
from livescape.engine.threads import cpu_threads
from livescape_shared.conventions import INCOMING, OUTGOING, UNPAIRED
from livescape_shared.gaussians import GaussianFrame, Gaussians
from livescape_shared.scene import MovingGaussians

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class Pose:
    """Moving Gaussians at one phase: means [M, 3], quats [M, 4] unit, scales [M, 3]."""

    means: Float32Array
    quats: Float32Array
    scales: Float32Array


@dataclass(frozen=True)
class HexPlaneField:
    """Moving Gaussians with their drift and the network that bends it; plain arrays only.

    Attributes:
        line: Gaussians, lifetimes and eye, with one basis function: the drift.
        points: [M, 3] where the Gaussians lie in the HexPlane's box, -1..1.
        reach: [M] metres that one unit of decoded position means.
        sizes: [7 + levels] int64 of the network, see :func:`network_sizes`.
        parameters: [P] of the network.
        looped: Whether two cross-faded copies are shown; otherwise one, which drifts away and
            jumps back where the loop ends, as in the released 3D-MOM code.
    """

    line: MovingField
    points: Float32Array
    reach: Float32Array
    sizes: NDArray[np.int64]
    parameters: Float32Array
    looped: bool = True

    def __post_init__(self) -> None:
        """Check lengths."""
        count = len(self.line)
        if self.points.shape != (count, 3) or self.reach.shape != (count,):
            message = f"points {self.points.shape}, reach {self.reach.shape} for {count} Gaussians"
            raise ValueError(message)

    def __len__(self) -> int:
        """Return M."""
        return len(self.line)

    @property
    def gaussians(self) -> Gaussians:
        """Gaussians at t = 0."""
        return self.line.gaussians

    def with_middle_colors(self, colors: Float32Array) -> HexPlaneField:
        """Return the field with other colours [M, 3] half-way through the loop."""
        return replace(self, line=self.line.with_middle_colors(colors))

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
            self.line.means_at(phase) + self.reach[:, None] * means.numpy(),
            turned / np.linalg.norm(turned, axis=1, keepdims=True),
            own.scales * np.exp(scales.numpy()),
        )

    def means_at(self, s: float) -> Float32Array:
        """Return the means [M, 3] at phase ``s``."""
        return self.poses(np.array([s]))[0].means

    def all_copies(self) -> MovingGaussians:
        """Return outgoing copies followed by incoming ones, at t = 0; or unpaired ones."""
        if not self.looped:
            return MovingGaussians(self.gaussians, np.full(len(self), UNPAIRED, dtype=np.uint8))
        copies = np.repeat(np.array([OUTGOING, INCOMING], dtype=np.uint8), len(self))
        pose = self.poses(np.array([-1.0]))[0]
        incoming = replace(self.gaussians, **vars(pose))
        both = Gaussians.concatenate(self.gaussians, incoming)
        return MovingGaussians(both, copies, np.concatenate([self.line.middle_colors] * 2))

    def frame(self, index: int, loop_frames: int) -> GaussianFrame:
        """Return all copies at loop frame ``index`` of 0..loop_frames."""
        t = index / loop_frames
        poses = self.poses(np.array([t, t - 1.0] if self.looped else [t]))
        means, quats, scales = (
            np.concatenate([getattr(pose, name) for pose in poses])
            for name in ("means", "quats", "scales")
        )
        return GaussianFrame(index, means, quats, scales)


def straight_field(
    field: MovingField, shape: DeformationShape | None = None, samples: int = 33
) -> tuple[HexPlaneField, Float32Array]:
    """Return a field that only drifts, and what its network has yet to learn.

    Args:
        field: Trajectories on the basis.
        shape: Of the network.
        samples: S, phases evenly from -1 to 1 at which the trajectories are read.

    Returns:
        The field, and the displacements [S, M, 3] in metres of ``field`` from its drift.
    """
    shape = shape or DeformationShape()
    phases = np.linspace(-1.0, 1.0, samples)
    phi = basis_functions(phases, len(field.coefficients))
    moved = np.tensordot(phi, field.coefficients, axes=1)
    line = replace(field, coefficients=fit_coefficients(moved, 1))
    bend = moved - phases.astype(np.float32)[:, None, None] * line.coefficients[0]
    return _untaught(line, bend, shape, looped=True), bend


def drifting_field(line: MovingField, shape: DeformationShape | None = None) -> HexPlaneField:
    """Return the released 3D-MOM form: one copy on a straight line, and a network to bend it.

    Args:
        line: Gaussians with one basis function, the drift of one loop.
        shape: Of the network.
    """
    return _untaught(line, line.coefficients, shape or DeformationShape(), looped=False)


def _untaught(
    line: MovingField, typical: Float32Array, shape: DeformationShape, *, looped: bool
) -> HexPlaneField:
    """Return a field whose network moves nothing yet; it decodes in units of ``typical``."""
    distance = np.linalg.norm(line.gaussians.means - line.eye, axis=1)
    angles = typical / np.maximum(distance, 1e-6)[:, None]
    size = np.sqrt(np.sum(angles**2) / max(angles.size, 1))
    reach = (distance * max(float(size), 1e-9)).astype(np.float32)
    points = view_coordinates(line.gaussians.means, line.eye)
    parameters = Deformation(shape).to_vector()
    return HexPlaneField(line, points, reach, network_sizes(shape), parameters, looped)


def network_sizes(shape: DeformationShape) -> NDArray[np.int64]:
    """Return resolution (4), channels, periodic, width and then the levels."""
    planes = shape.hexplane
    sizes = [*planes.resolution, planes.channels, int(planes.periodic), shape.width, *planes.levels]
    return np.array(sizes, dtype=np.int64)


def network_shape(sizes: NDArray[np.int64]) -> DeformationShape:
    """Undo :func:`network_sizes`."""
    x, y, z, t, channels, periodic, width, *levels = (int(size) for size in sizes)
    planes = HexPlaneShape((x, y, z, t), tuple(levels), channels, bool(periodic))
    return DeformationShape(planes, width)
