"""HexPlane and decoder together: the change of each Gaussian at a phase (Eq. 8)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from livescape.deform.decoder import Decoder
from livescape.engine.hexplane import FixedPoints, HexPlane, HexPlaneShape, locate

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class DeformationShape:
    """Size of a deformation network.

    Attributes:
        hexplane: Of its planes.
        width: Of the decoder's hidden layers.
    """

    hexplane: HexPlaneShape = field(default_factory=HexPlaneShape)
    width: int = 32


class Deformation(nn.Module):
    """The value of the decoded field at s, less its value at s = 0: nothing changes there.

    4D-GS has no such anchor, so its canonical state is not the first frame.
    """

    def __init__(self, shape: DeformationShape, seed: int = 0) -> None:
        """Draw the network; it moves nothing yet."""
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.hexplane = HexPlane(shape.hexplane, generator)
        self.decoder = Decoder(shape.hexplane.features, shape.width, generator=generator)

    def forward(self, features: Tensor, times: Tensor, heads: tuple[str, ...]) -> dict[str, Tensor]:
        """Return the change [K, N, size] of each of ``heads``.

        Args:
            features: [K + 1, N, F] of :meth:`features`.
            times: [K].
            heads: Names in :data:`livescape.deform.decoder.HEADS`.
        """
        # Rows of a matrix product may round differently by position: zero is set, not hoped for.
        moves = (times != 0.0)[:, None, None]
        decoded = self.decoder(features, heads)
        return {name: (value[:-1] - value[-1:]) * moves for name, value in decoded.items()}

    def features(self, points: FixedPoints, times: Tensor) -> Tensor:
        """Return features [K + 1, N, F] at ``times`` [K] and, last, at s = 0."""
        with_rest = torch.cat([times, times.new_zeros(1)])
        return points.features(self.hexplane, with_rest)

    def locate(self, points: Tensor) -> FixedPoints:
        """Return ``points`` [N, 3] ready for :meth:`features`."""
        return locate(self.hexplane, points)

    def to_vector(self) -> Float32Array:
        """Return all parameters, one after another."""
        parts = [value.detach().cpu().contiguous().ravel() for value in self.parameters()]
        return torch.cat(parts).numpy()

    def load_vector(self, vector: Float32Array) -> None:
        """Take back :meth:`to_vector`.

        Raises:
            ValueError: If the length is another network's.
        """
        wanted = sum(value.numel() for value in self.parameters())
        if vector.shape != (wanted,):
            raise ValueError(f"parameters {vector.shape} are not the {wanted} of this network")
        start = 0
        with torch.no_grad():
            for value in self.parameters():
                part = torch.from_numpy(vector[start : start + value.numel()])
                value.copy_(part.view(value.shape))
                start += value.numel()
