"""A finished scene as it is sent and as it is stored in the cache."""

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
    linear_to_srgb,
    middle_share,
    srgb_to_linear,
    windowed_opacity,
)
from livescape_shared.gaussians import GaussianFrame, Gaussians
from livescape_shared.settings import Blend


@dataclass(frozen=True)
class SceneMeta:
    """What a player must know besides the arrays.

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
        middle_colors: [M, 3] display sRGB half-way through the loop; None if colours stay.
    """

    gaussians: Gaussians
    copies: NDArray[np.uint8]
    middle_colors: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        """Check lengths and values."""
        if self.copies.shape != (len(self.gaussians),):
            message = f"copies has shape {self.copies.shape} for {len(self.gaussians)} Gaussians"
            raise ValueError(message)
        if not np.isin(self.copies, (OUTGOING, INCOMING, UNPAIRED)).all():
            message = "copies holds values that are no copy index"
            raise ValueError(message)
        middle = self.middle_colors
        if middle is not None and middle.shape != (len(self.gaussians), 3):
            message = f"middle_colors has shape {middle.shape} for {len(self.gaussians)} Gaussians"
            raise ValueError(message)

    def at(self, frame: GaussianFrame, t: float) -> Gaussians:
        """Return what is seen at loop time ``t``: windowed opacities and the colours then."""
        window = copy_window(self.copies, t)
        opacities = windowed_opacity(self.gaussians.opacities, window)
        colors = self.colors_at(t)
        return Gaussians(frame.means, frame.quats, frame.scales, opacities, colors)

    def colors_at(self, t: float) -> NDArray[np.float32]:
        """Return the display colours [M, 3] at loop time ``t``."""
        share = np.float32(middle_share(t))
        if self.middle_colors is None or share == 0.0:
            return self.gaussians.colors
        first, middle = srgb_to_linear(self.gaussians.colors), srgb_to_linear(self.middle_colors)
        return linear_to_srgb(first + share * (middle - first))
