"""Light beyond white, which the photo has and a scene gets when all else is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from livescape.deform.basis import MovingField
from livescape.deform.hexplane_field import HexPlaneField
from livescape.gaussians.highlights import with_highlights
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians
from livescape_shared.settings import Blend

Moving = MovingField | HexPlaneField


def lit(
    still: Gaussians,
    moving: Moving,
    image: NDArray[np.float32],
    highlights: NDArray[np.float32],
    camera: Camera,
    blend: Blend,
    *,
    device: str = "cpu",
    progress: Callable[[int, int], None] = lambda *_: None,
) -> tuple[Gaussians, Moving]:
    """Return the Gaussians as bright as the photo's highlights, which they show at t = 0.

    Args:
        still: Those that never move.
        moving: Those that flow.
        image: [H, W, 3] the photo, display sRGB 0..1.
        highlights: [H, W, 3] its linear light beyond white.
        camera: The photo camera.
        blend: Space the colours are blended in.
        device: Where to compute.
        progress: Called with (step, steps) before each; may raise to stop.
    """
    copies = moving.all_copies()
    first = copies.at(moving.frame(0, 1), 0.0, moving.fade)[: len(moving)]  # nothing comes in yet
    shown = Gaussians.concatenate(still, first)
    colors = with_highlights(
        shown, image, highlights, camera, blend, device=device, progress=progress
    )
    return replace(still, colors=colors[: len(still)]), moving.in_colors(colors[len(still) :])
