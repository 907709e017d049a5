"""How much of every frame of the shot the photo never showed, and how much shows nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.deform.living_scene import LivingScene
from livescape.engine.zbuffer import PointRenderer
from livescape.gaussians.render import render
from livescape.points.cloud import PointCloud
from livescape_shared.camera import Camera

COARSER = 4
"""Factor by which the frames that are looked at are smaller than the photo."""

MOST_FRAMES = 24
"""Frames that are looked at, at most; the others have what the nearest of them has."""

COVERED = 0.5
"""Least opacity of a pixel that shows something."""

CRACK = np.ones((3, 3), np.uint8)
"""Gaps between points that are narrower are none."""

SOME = 0.1
"""Percent of a frame from which on it counts as uncovered: below, it is single pixels."""


def coverage(
    scene: LivingScene,
    cloud: PointCloud,
    path: Sequence[Camera],
    start_frame: int,
    *,
    device: str = "cpu",
    progress: Callable[[int, int], None] = lambda *_: None,
) -> dict[str, Any]:
    """Return what of each frame is invented and uncovered, and what an artist should know of it.

    Args:
        scene: The finished scene.
        cloud: The points that it was made from; they know what the photo showed.
        path: The camera of every frame.
        start_frame: Number of the first.
        device: Where to compute.
        progress: Called with (frame, frames) before each; may raise to stop.

    Returns:
        ``invented_percent`` and ``uncovered_percent``, one value a frame; ``uncovered_from_frame``,
        the first frame beyond what the scene holds, or None; and ``coverage``, a sentence.
    """
    renderer = PointRenderer(cloud.points, cloud.footprint, device)
    invented, uncovered = [], []
    looked_at = np.unique(np.linspace(0, len(path) - 1, min(len(path), MOST_FRAMES)).astype(int))
    for number in looked_at:
        progress(int(number), len(path))
        camera = path[number]
        small = camera.resized(max(camera.width // COARSER, 1), max(camera.height // COARSER, 1))
        index, _ = renderer.nearest(small)
        shown = index >= 0
        of_photo = np.zeros(index.shape, dtype=bool)
        of_photo[shown] = cloud.seen[index[shown]]
        gaussians = scene.at_frame(start_frame + int(number))
        alpha = render(gaussians, small, scene.meta.blend, device=device).alpha
        # Where there is no point, only the soft colour of the dome is seen.
        nothing = cv2.morphologyEx((~shown).astype(np.uint8), cv2.MORPH_OPEN, CRACK)
        empty = (alpha < COVERED) | (np.asarray(nothing) > 0)
        invented.append(_percent(~of_photo & ~empty))
        uncovered.append(_percent(empty))
    nearest = np.abs(np.arange(len(path))[:, None] - looked_at).argmin(axis=1)
    invented = [invented[i] for i in nearest]
    uncovered = [uncovered[i] for i in nearest]
    beyond = [start_frame + i for i, percent in enumerate(uncovered) if percent >= SOME]
    first = beyond[0] if beyond else None
    return {
        "invented_percent": invented,
        "uncovered_percent": uncovered,
        "uncovered_from_frame": first,
        "coverage": sentence(invented, uncovered, start_frame, first),
    }


def sentence(
    invented: Sequence[float], uncovered: Sequence[float], start_frame: int, first: int | None
) -> str:
    """Return what an artist should know about a shot, in one or two sentences."""
    worst = int(np.argmax(invented))
    known = (
        f"Up to {invented[worst]:.0f} % of a frame (frame {start_frame + worst}) is invented: "
        "the photo does not show it."
    )
    if first is None:
        return known
    most = int(np.argmax(uncovered))
    return (
        f"{known} From frame {first} on the camera looks beyond the scene: up to "
        f"{uncovered[most]:.1f} % of a frame (frame {start_frame + most}) is empty. "
        "Keep it nearer to where the photo was taken."
    )


def _percent(mask: NDArray[np.bool_]) -> float:
    return round(100.0 * float(mask.mean()), 2)
