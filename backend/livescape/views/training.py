"""Training images: the photo itself, and what the point cloud shows from everywhere else."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.gaussians.view_loss import TrainingView
from livescape.inpainting.smooth import fill_smooth
from livescape.points.cloud import PointCloud
from livescape.views.zbuffer import PointRenderer
from livescape_shared.camera import Camera

OTHER_WEIGHT = 0.5
"""Loss weight of rendered views; they are resampled, so the photo must win."""

CRACK = 3
"""Holes up to this many pixels wide are cracks between neighbours and are filled."""


def training_views(
    cloud: PointCloud, photo: NDArray[np.float32], cameras: Sequence[Camera]
) -> list[TrainingView]:
    """Return one view per camera; the first camera is the photo's.

    Pixels that no point covers are masked out: nothing is known about them.
    """
    first = cameras[0]
    views = [TrainingView(viewmat=first.viewmat, K=first.K, image=photo, mask=None, weight=1.0)]
    renderer = PointRenderer(cloud.points, cloud.footprint)
    for camera in cameras[1:]:
        image, valid = seen_values(renderer, cloud.colors, camera)
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


def point_image(cloud: PointCloud, camera: Camera) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the image [H, W, 3] of the cloud and where it is valid [H, W]."""
    return point_values(cloud, cloud.colors, camera)


def point_values(
    cloud: PointCloud, values: NDArray[np.float32], camera: Camera
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return what a camera sees of attributes [N, C] of the cloud; see :func:`seen_values`."""
    return seen_values(PointRenderer(cloud.points, cloud.footprint), values, camera)


def seen_values(
    renderer: PointRenderer, values: NDArray[np.float32], camera: Camera
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return what a camera sees of some attributes of the points, cracks filled.

    Args:
        renderer: Of N points.
        values: [N, C] attributes.
        camera: The view.

    Returns:
        The image [H, W, C], filled smoothly where nothing is seen, and where it is valid [H, W].
    """
    render = renderer.render(values, camera)
    kernel = np.ones((CRACK, CRACK), np.uint8)
    closed = cv2.morphologyEx(render.valid.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    valid = np.asarray(closed, dtype=bool)
    # OpenCV resizes at most four channels at once.
    parts = [render.values[..., first : first + 4] for first in range(0, values.shape[1], 4)]
    filled = np.concatenate([fill_smooth(part, render.valid) for part in parts], axis=-1)
    return filled, valid
