"""A finished scene as it is sent and as it is stored in the cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.conventions import window, windowed_opacity
from livescape_shared.gaussians import GaussianFrame, Gaussians
from livescape_shared.settings import Blend


@dataclass(frozen=True)
class SceneMeta:
    """What a player must know besides the arrays.

    Attributes:
        static: Number of Gaussians that never move.
        moving: Number of rows that move: every copy counts.
        loop_frames: Frames after which the motion repeats or, without a loop, ends; frames
            0..loop_frames are baked.
        loop: Whether the motion repeats.
        fade: Loop time in which a copy comes or goes.
        start_frame: Blender frame that shows t = 0.
        fps: Frames per second.
        blend: Blending space the colours were trained for.
        deforms: Whether rotations and scales change too; if not, frames carry means alone.
    """

    static: int
    moving: int
    loop_frames: int
    loop: bool
    fade: float
    start_frame: int
    fps: float
    blend: Blend
    deforms: bool = True  # what earlier versions wrote carries them always

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return dict(vars(self))


@dataclass(frozen=True)
class MovingGaussians:
    """The rows that move, at t = 0, with the time that each is there.

    Attributes:
        gaussians: [M] set; every copy is listed.
        windows: [M, 2] float32 loop times at which each copy appears and vanishes; see
            :mod:`livescape_shared.conventions`.
    """

    gaussians: Gaussians
    windows: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Check length and values."""
        if self.windows.shape != (len(self.gaussians), 2):
            message = f"windows has shape {self.windows.shape} for {len(self.gaussians)} Gaussians"
            raise ValueError(message)
        if not np.isfinite(self.windows).all():
            message = "windows holds values that are no times"
            raise ValueError(message)

    def at(self, frame: GaussianFrame, t: float, fade: float) -> Gaussians:
        """Return what is seen at loop time ``t``: the poses of ``frame``, windowed opacities."""
        shown = window(self.windows, t, fade)
        opacities = windowed_opacity(self.gaussians.opacities, shown)
        return Gaussians(frame.means, frame.quats, frame.scales, opacities, self.gaussians.colors)
