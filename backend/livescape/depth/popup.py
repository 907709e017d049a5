"""Pop-up geometry: depth from the scene layout, with no depth network.

After Hoiem, Efros and Hebert, "Automatic Photo Pop-up" (SIGGRAPH 2005), with the folding of
separate cards replaced by one least-squares problem on log depth (:mod:`.constraints`), so that
surfaces stay whole. It gives a plausible layout, not measured distances.
"""

from __future__ import annotations

import logging
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.depth.constraints import build_problem
from livescape.depth.plane import GroundPlane
from livescape.depth.shell import sky_depth
from livescape.depth.solver import solve_grid
from livescape.depth.surfaces import (
    FLAT,
    OPEN,
    SLOPE,
    STANDING,
    SurfaceGrid,
    kinds_at_full_size,
    surface_grid,
)
from livescape.depth.types import DepthEstimate, check_photo
from livescape.layout.types import GROUND, WATER, SceneLayout

LOGGER = logging.getLogger(__name__)

NEAR: Final = 2.0
FAR_OPEN: Final = 400.0
FAR_CLOSED: Final = 60.0
"""Range of depths in metres of everything but the sky, under open sky and where none is seen."""

OPEN_SKY: Final = 0.05
"""Share of sky above which a scene counts as open."""

EYE_HEIGHT: Final = 1.7
BANK_HEIGHT: Final = 3.0
LOOKOUT_HEIGHT: Final = 10.0
"""Camera heights in metres above ground at one's feet, water at one's feet, and neither."""


def popup_depth(
    image: NDArray[np.float32], layout: SceneLayout, intrinsics: NDArray[np.float64]
) -> DepthEstimate:
    """Estimate depth from the layout of a photograph.

    Args:
        image: [H, W, 3] float32 sRGB, 0..1.
        layout: Layout of the same photograph.
        intrinsics: [3, 3] K in pixels of the photograph.

    Returns:
        Depth with ``source="popup"``.

    Raises:
        ValueError: If a shape does not fit.
    """
    check_photo(image, layout, intrinsics)
    plane = ground_plane(layout, intrinsics)
    grid = surface_grid(layout, plane.horizon_row)
    log_depth = solve_grid(build_problem(grid, image, plane))
    kinds = kinds_at_full_size(layout, grid)
    depth = compose(log_depth, grid, kinds, plane)
    sky = kinds == OPEN
    depth[sky] = sky_depth(depth, sky)
    LOGGER.debug("popup: plane scale %.1f, sky %.0f m", plane.scale, depth[sky].max(initial=0.0))
    return DepthEstimate(
        depth, sky, _confidence(layout, kinds, plane), layout.horizon_row, source="popup"
    )


def ground_plane(layout: SceneLayout, intrinsics: NDArray[np.float64]) -> GroundPlane:
    """Choose the plane of water and ground: its horizon is known, its distance is guessed."""
    height = layout.size[0]
    foot = layout.probabilities[:, -max(1, round(0.15 * height)) :].mean(axis=(1, 2))
    flat = foot[WATER] + foot[GROUND]
    # Heights differ by factors, so it is their logarithms that are averaged.
    heights = np.log((EYE_HEIGHT, BANK_HEIGHT, LOOKOUT_HEIGHT))
    camera_height = float(np.exp(heights @ (foot[GROUND], foot[WATER], 1.0 - flat)))
    openness = min(1.0, float(layout.sky.mean()) / OPEN_SKY)
    far = FAR_CLOSED * (FAR_OPEN / FAR_CLOSED) ** openness
    plane = GroundPlane.from_camera(intrinsics, layout.horizon_row, camera_height, far)
    below = max(height - layout.horizon_row, 0.05 * height)
    # Nothing on the plane may come nearer than NEAR.
    scale = max(plane.scale, NEAR * below / (1.0 - NEAR / far))
    return GroundPlane(plane.horizon_row, scale, far)


def compose(
    log_depth: NDArray[np.float64],
    grid: SurfaceGrid,
    kinds: NDArray[np.uint8],
    plane: GroundPlane,
) -> NDArray[np.float32]:
    """Bring the grid's depth to full size, each kind of surface by itself so its edges stay crisp.

    Args:
        log_depth: [h, w] solution on the grid.
        grid: Kinds of surface on the grid.
        kinds: [H, W] kinds of surface of every pixel.
        plane: Exact depth of what lies flat.

    Returns:
        [H, W] float32 metres; sky is at the plane's end.
    """
    height, width = kinds.shape
    depth = np.full((height, width), plane.far, np.float32)
    rows = plane.depth_at(np.arange(height) + 0.5).astype(np.float32)
    flat = kinds == FLAT
    depth[flat] = np.broadcast_to(rows[:, None], depth.shape)[flat]
    for kind in (STANDING, SLOPE):
        pixels, cells = kinds == kind, grid.kinds == kind
        if not pixels.any():
            continue
        # A surface too thin for the grid has no cells of its own: take all that is not sky.
        known = cells if cells.any() else grid.kinds != OPEN
        layer = extend(log_depth.astype(np.float32), known)
        full = cv2.resize(layer, (width, height), interpolation=cv2.INTER_LINEAR)
        depth[pixels] = np.exp(full[pixels])
    return np.clip(depth, NEAR, plane.far)


def extend(values: NDArray[np.float32], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Fill the unknown cells smoothly from the known ones (push-pull pyramid).

    Args:
        values: [h, w].
        known: [h, w] bool; none known returns ``values``.
    """
    if known.all() or not known.any():
        return values
    weight = known.astype(np.float32)
    size = (max(1, values.shape[1] // 2), max(1, values.shape[0] // 2))
    coarse_weight = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    coarse = cv2.resize(values * weight, size, interpolation=cv2.INTER_AREA)
    coarse = coarse / np.maximum(coarse_weight, 1e-6)
    filled = extend(coarse.reshape(size[::-1]), coarse_weight.reshape(size[::-1]) > 1e-6)
    back = cv2.resize(filled, values.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.where(known, values, back).astype(np.float32)


def _confidence(
    layout: SceneLayout, kinds: NDArray[np.uint8], plane: GroundPlane
) -> NDArray[np.float32]:
    """Trust the classes as far as they are certain, and the plane less toward its horizon."""
    sure = layout.probabilities.max(axis=0)
    weight = np.array([1.0, 0.9, 0.6, 0.4], np.float32)[kinds]
    rows = np.arange(kinds.shape[0]) + 0.5
    nearness = 1.0 - plane.depth_at(rows).astype(np.float32)[:, None] / plane.far
    confidence = sure * weight * np.where(kinds == FLAT, nearness, 1.0)
    return np.asarray(np.clip(confidence, 0.0, 1.0), dtype=np.float32)
