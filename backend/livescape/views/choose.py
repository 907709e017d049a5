"""The views that a generation trains on, by its settings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

import numpy as np

from livescape.cameras.path_views import sample_views
from livescape.cameras.published import ORBIT_DISTANCE, published_views
from livescape.depth.types import DepthEstimate
from livescape.engine.zbuffer import PointRenderer
from livescape.points.cloud import PointCloud
from livescape_shared.camera import Camera
from livescape_shared.settings import GenerateSettings

LOGGER = logging.getLogger(__name__)

Progress = Callable[[int, int], None]

PUBLISHED_DEPTH = "zoedepth"
"""The depth estimator in whose metres the offsets are given."""

LEAST_VALID = 0.02
"""Smallest fraction of its pixels on which a view must see something."""


def choose_views(
    reference: Camera,
    path: Sequence[Camera],
    depth: DepthEstimate,
    cloud: PointCloud,
    settings: GenerateSettings,
    most_on_path: int,
    *,
    device: str = "cpu",
    progress: Progress = lambda *_: None,
) -> list[Camera]:
    """Return cameras of the reference camera's image size, the reference first.

    Args:
        reference: The photo camera.
        path: The camera of every frame, which ``view_set="path"`` samples.
        depth: Depth of the photo.
        cloud: The point cloud; views that see almost nothing of it are left out.
        settings: The set, and for ``path`` the number of views and their margin.
        most_on_path: Most views of ``path``; published sets are always used whole.
        device: Where to compute.
        progress: Called with (view, views) before each is looked at; may raise to stop.
    """
    if settings.view_set == "path":
        typical = float(np.median(depth.depth))
        count = min(settings.views, most_on_path)
        cameras = sample_views(reference, path, count, settings.view_margin, typical)
    else:
        cameras = published_views(reference, settings.view_set, orbit_scale(depth))
    return [reference, *with_content(cameras[1:], cloud, device, progress)]


def orbit_scale(depth: DepthEstimate) -> float:
    """Return the factor from published metres to those of ``depth``.

    See :mod:`livescape.cameras.published`.
    """
    if depth.source == PUBLISHED_DEPTH:
        return 1.0
    surface = depth.depth[~depth.sky]
    return float(np.median(surface if surface.size else depth.depth)) / ORBIT_DISTANCE


def with_content(
    cameras: Sequence[Camera],
    cloud: PointCloud,
    device: str = "cpu",
    progress: Progress = lambda *_: None,
) -> list[Camera]:
    """Return the cameras that see the cloud on at least :data:`LEAST_VALID` of their pixels."""
    renderer = PointRenderer(cloud.points, cloud.footprint, device)
    kept = []
    for number, camera in enumerate(cameras):
        progress(number, len(cameras))
        if _coverage(renderer, camera) >= LEAST_VALID:
            kept.append(camera)
    if len(kept) < len(cameras):
        dropped = len(cameras) - len(kept)
        LOGGER.info("%d of %d views see almost nothing and are left out", dropped, len(cameras))
    return kept


def _coverage(renderer: PointRenderer, camera: Camera) -> float:
    """Return the fraction of pixels that a point covers, counted on a small image."""
    small = camera.resized(max(camera.width // 4, 1), max(camera.height // 4, 1))
    index, _ = renderer.nearest(small)
    return float((index >= 0).mean())
