"""Metric depth from a network's output, scaled by the scene's own plane of ground and water.

The plane's horizon is found in the photograph and its distance follows from the height of the eye,
which defines Livescape's metres where nothing better is known.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.depth.align import fit_line, fit_slope
from livescape.depth.popup import ground_plane, popup_depth
from livescape.depth.surfaces import FLAT, surface_grid
from livescape.layout.types import SceneLayout

LOGGER = logging.getLogger(__name__)

Float32Array = NDArray[np.float32]

FLAT_SHARE: Final = 0.02
"""Share of the photograph that must lie flat for the plane to be trusted."""

LEAST_RANGE: Final = 1.3
"""Ratio of farthest to nearest depth on the flat part above which it gives scale and offset."""

FARTHEST_SHARE: Final = 0.01
"""Share of pixels that may be farther than the end of the scene: specks of noise."""

ABSURD: Final = 100.0
"""Factor between the plane's metres and a metric network's above which the network's are rejected.
Below it they are kept, since the height of the camera is itself a guess."""


@dataclass(frozen=True)
class Reference:
    """The reference for scaling depth, on the grid of a prediction.

    Attributes:
        flat: [h, w] bool, pixels that lie on the plane of ground and water.
        inverse: [h, w] 1 / metres of that plane.
        far: Metres at which the scene ends.
        typical: Makes the pop-up geometry, which takes a second, and returns its median depth in
            metres.
    """

    flat: NDArray[np.bool_]
    inverse: Float32Array
    far: float
    typical: Callable[[], float]


def scene_reference(
    image: Float32Array,
    layout: SceneLayout,
    intrinsics: NDArray[np.float64],
    size: tuple[int, int],
) -> Reference:
    """Return the reference for scaling depth on a grid of ``size`` (h, w) over the photograph."""
    plane = ground_plane(layout, intrinsics)
    kinds = surface_grid(layout, plane.horizon_row).kinds
    nearest = cv2.resize(kinds, size[::-1], interpolation=cv2.INTER_NEAREST_EXACT)
    # The border of the region may belong to things that stand on it.
    flat = cv2.erode((nearest == FLAT).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rows = (np.arange(size[0]) + 0.5) * layout.size[0] / size[0]
    flat &= (rows > plane.horizon_row)[:, None]
    inverse = np.broadcast_to((1.0 / plane.depth_at(rows))[:, None], size).astype(np.float32)

    def typical() -> float:
        popup = popup_depth(image, layout, intrinsics)
        solid = popup.depth[~popup.sky]
        return float(np.median(solid if solid.size else plane.far))

    return Reference(flat, inverse, plane.far, typical)


def inverse_to_metres(
    values: Float32Array, known: NDArray[np.bool_], reference: Reference
) -> Float32Array:
    """Return metres [h, w] of inverse depth that is known up to scale and offset.

    Both are fitted to the plane where enough of it is seen; else the median depth is the pop-up
    geometry's. Either way the farthest things end at the reference's end, not behind infinity.

    Args:
        values: [h, w] float32; larger is nearer.
        known: [h, w] bool, at least one; where the values are valid.
        reference: From :func:`scene_reference`, same grid.
    """
    x = values[known].astype(np.float64)
    farthest, end = float(np.quantile(x, FARTHEST_SHARE)), 1.0 / reference.far
    scale, offset = 0.0, 0.0
    anchors = known & reference.flat
    targets = reference.inverse[anchors].astype(np.float64)
    settled = anchors.sum() >= FLAT_SHARE * known.size and _spread(targets) >= LEAST_RANGE
    if settled and np.ptp(values[anchors]) > 0.0:
        scale, offset = fit_line(values[anchors].astype(np.float64), targets)
        if scale * farthest + offset < end:
            scale = _slope_through(values[anchors].astype(np.float64), targets, farthest, end)
            offset = end - scale * farthest
    if scale <= 0.0:
        middle, typical = float(np.median(x)), 1.0 / reference.typical()
        scale = max(typical - end, 0.0) / max(middle - farthest, 1e-9)
        offset = end - scale * farthest
        if middle <= farthest:
            scale, offset = 0.0, typical
        LOGGER.info("too little flat ground to measure by; scale from the median depth")
    inverse = scale * values.astype(np.float64) + offset
    return np.asarray(1.0 / np.maximum(inverse, end), dtype=np.float32)


def checked_metres(
    values: Float32Array, known: NDArray[np.bool_], reference: Reference
) -> Float32Array:
    """Return metric depth [h, w] as it is, or scaled to the scene if its scale is absurd.

    Args:
        values: [h, w] metres, positive where known.
        known: [h, w] bool, at least one.
        reference: From :func:`scene_reference`, same grid.
    """
    anchors = known & reference.flat
    if anchors.sum() >= FLAT_SHARE * known.size:
        factor = float(np.median(1.0 / (values[anchors] * reference.inverse[anchors])))
    else:
        factor = reference.typical() / float(np.median(values[known]))
    if 1.0 / ABSURD <= factor <= ABSURD:
        return values
    LOGGER.warning("the network's metres are off by a factor of %.3g and are scaled", factor)
    return np.asarray(values * np.float32(factor), dtype=np.float32)


def _spread(targets: NDArray[np.float64]) -> float:
    """Return the ratio of the largest to the smallest value, without the outermost twentieths."""
    low, high = np.quantile(targets, (0.05, 0.95))
    return float(high / low)


def _slope_through(
    values: NDArray[np.float64], targets: NDArray[np.float64], farthest: float, end: float
) -> float:
    """Return the slope of the best line through (farthest, end), 0 if there is none."""
    nearer = values > farthest
    if not nearer.any():
        return 0.0
    return max(fit_slope(values[nearer] - farthest, targets[nearer] - end), 0.0)
