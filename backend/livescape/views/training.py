"""Training images: the photo itself, and renderings of the point cloud from everywhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from livescape.engine.zbuffer import PointRenderer
from livescape.gaussians.view_loss import TrainingView
from livescape.imaging.smoothing import fill_smooth
from livescape.points.cloud import PointCloud
from livescape.views.cracks import THROUGH, bridged
from livescape_shared.camera import Camera
from livescape_shared.conventions import linear_to_srgb, srgb_to_linear

OTHER_WEIGHT = 0.5
"""Loss weight of rendered views; they are resampled, so the photo must outweigh them."""


def training_views(
    cloud: PointCloud,
    photo: NDArray[np.float32],
    cameras: Sequence[Camera],
    *,
    device: str = "cpu",
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[TrainingView]:
    """Return one view per camera; the first camera is the photo's.

    From the photo's own place one sees the photo: its points could show no more of it, and lose
    what is a pixel wide at an edge.

    Pixels that no point covers are masked out: nothing is known about them.

    Args:
        cloud: The point cloud.
        photo: [H, W, 3] display sRGB.
        cameras: The views.
        device: Where to compute.
        progress: Called with (view, views) before each; may raise to stop.
    """
    first = cameras[0]
    views = [TrainingView(viewmat=first.viewmat, K=first.K, image=photo, mask=None, weight=1.0)]
    renderer = PointRenderer(cloud.points, cloud.footprint, device)
    whole = cloud.whole()
    behind = renderer if whole is cloud else PointRenderer(whole.points, whole.footprint, device)
    covered = np.column_stack([cloud.colors, cloud.coverage])
    for number, camera in enumerate(cameras[1:], 1):
        progress(number, len(cameras))
        if _looks_alike(camera, first):
            views.append(replace(views[0], weight=OTHER_WEIGHT))
            continue
        seen, valid = seen_values(renderer, cloud, covered, camera)
        image, coverage = np.ascontiguousarray(seen[..., :3]), seen[..., 3:]
        if whole is not cloud:
            image = _mixed(image, coverage, *seen_values(behind, whole, whole.colors, camera))
        views.append(
            TrainingView(
                viewmat=camera.viewmat,
                K=camera.K,
                image=image,
                mask=valid.astype(np.float32),
                weight=OTHER_WEIGHT,
            )
        )
    return views


def _looks_alike(one: Camera, other: Camera) -> bool:
    return np.allclose(one.viewmat, other.viewmat) and np.allclose(one.K, other.K)


def _mixed(
    front: NDArray[np.float32],
    coverage: NDArray[np.float32],
    behind: NDArray[np.float32],
    known: NDArray[np.bool_],
) -> NDArray[np.float32]:
    """Return pictures [H, W, 3] one before the other, where it covers a part [H, W, 1] of a pixel.

    Where it is not ``known`` [H, W] what is behind, only the front is seen.
    """
    light = coverage * srgb_to_linear(front) + (1.0 - coverage) * srgb_to_linear(behind)
    through = known[..., None] & (coverage < 1.0)
    return np.where(through, linear_to_srgb(light.clip(0.0, 1.0)), front)


def seen_values(
    renderer: PointRenderer, cloud: PointCloud, values: NDArray[np.float32], camera: Camera
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return what a camera sees of some attributes of the points, cracks filled.

    Args:
        renderer: Of the cloud.
        cloud: N points.
        values: [N, C] attributes.
        camera: The view.

    Returns:
        The image [H, W, C], filled smoothly where nothing is seen, and where it is valid [H, W].
    """
    index, depth = renderer.nearest(camera)
    valid = index >= 0
    image = np.where(valid[..., None], values[index], np.float32(0.0))
    disparity = np.where(valid, 1.0 / depth, 0.0).astype(np.float32)
    surface = bridged(index, disparity, cloud)
    # Through a crack one sees what lies behind, or nothing.
    whole = valid & (disparity * THROUGH >= surface)
    return fill_smooth(image, whole), valid | (surface > 0.0)
