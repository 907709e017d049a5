"""Figures that every generation reports."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.deform.living_scene import LivingScene
from livescape.evaluate.metrics import psnr, ssim
from livescape.gaussians.render import render
from livescape.motion.measure import image_motion
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]

MOTION_STARTS = (0.1, 0.6)
"""Loop times at which three consecutive frames are compared."""


def evaluate_scene(
    scene: LivingScene,
    photo: Float32Array,
    mask: Float32Array,
    camera: Camera,
    *,
    device: str = "cpu",
    progress: Callable[[int, int], None] = lambda *_: None,
) -> dict[str, Any]:
    """Render the scene from the reference camera and compare.

    Args:
        scene: The finished scene.
        photo: [H, W, 3] the photo at working size.
        mask: [H, W] the region that should move.
        camera: The photo camera.
        device: Where to compute.
        progress: Called with (image, images) before each is rendered; may raise to stop.

    Returns:
        ``reference_view_psnr`` and ``_ssim`` at t = 0, ``motion_inside_px`` and
        ``motion_outside_px`` in pixels per frame measured by optical flow on rendered frames, and
        of a loop ``loop_error``, the largest difference between the first and the closing frame.
    """
    loop = scene.meta.loop_frames
    images = 1 + scene.meta.loop + 3 * len(MOTION_STARTS) * bool(scene.meta.moving)
    numbers = count()

    def image(index: int) -> Float32Array:
        progress(next(numbers), images)
        gaussians = scene.at_loop_frame(index)
        return render(gaussians, camera, scene.meta.blend, device=device).image

    first = image(0)
    figures: dict[str, Any] = {
        "reference_view_psnr": round(psnr(first, photo), 2),
        "reference_view_ssim": round(ssim(first, photo), 4),
    }
    if scene.meta.loop:
        figures["loop_error"] = float(np.abs(first - image(loop)).max())
    if scene.meta.moving:
        starts = [round(t * loop) for t in MOTION_STARTS]
        if not scene.meta.loop:
            starts = [max(min(n, loop - 2), 0) for n in starts]
        triples = [[image(k % loop if scene.meta.loop else k) for k in (n, n + 1, n + 2)]
                   for n in starts]  # fmt: skip
        measured = [image_motion(triple, mask) for triple in triples]
        figures["motion_inside_px"] = round(float(np.mean([m.inside for m in measured])), 3)
        figures["motion_outside_px"] = round(float(np.mean([m.outside for m in measured])), 4)
    return figures
