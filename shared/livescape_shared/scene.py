"""A finished scene as it crosses the wire and lies in the cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.conventions import (
    INCOMING,
    OUTGOING,
    UNPAIRED,
    copy_window,
    windowed_opacity,
)
from livescape_shared.gaussians import GaussianFrame, Gaussians
from livescape_shared.settings import Blend


@dataclass(frozen=True)
class SceneMeta:
    """What a player must know beside the arrays.

    Attributes:
        static: Number of Gaussians that never move.
        moving: Number of moving ones, both copies counted.
        loop_frames: Frames after which the motion repeats; loop frames 0..loop_frames are baked.
        start_frame: Blender frame that shows t = 0.
        fps: Frames per second.
        blend: Blending space the colours were trained for.
    """

    static: int
    moving: int
    loop_frames: int
    start_frame: int
    fps: float
    blend: Blend

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return dict(vars(self))


@dataclass(frozen=True)
class MovingGaussians:
    """The moving Gaussians at t = 0 with the copy index of each.

    Attributes:
        gaussians: [M] set; both copies are listed.
        copies: [M] uint8, ``OUTGOING``, ``INCOMING`` or ``UNPAIRED``.
    """

    gaussians: Gaussians
    copies: NDArray[np.uint8]

    def __post_init__(self) -> None:
        """Check lengths and values."""
        if self.copies.shape != (len(self.gaussians),):
            message = f"copies has shape {self.copies.shape} for {len(self.gaussians)} Gaussians"
            raise ValueError(message)
        if not np.isin(self.copies, (OUTGOING, INCOMING, UNPAIRED)).all():
            message = "copies holds values that are no copy index"
            raise ValueError(message)

    def at(self, frame: GaussianFrame, t: float) -> Gaussians:
        """Return what is seen at loop time ``t``, with the windowed opacities."""
        window = copy_window(self.copies, t)
        opacities = windowed_opacity(self.gaussians.opacities, window)
        return Gaussians(frame.means, frame.quats, frame.scales, opacities, self.gaussians.colors)
