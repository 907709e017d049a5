"""Depth from the user's map, whatever its numbers mean: metres, inverse depth, or shares."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.depth.file import check_aspect, depth_from_map, unusable
from livescape.depth.learned import learned_depth
from livescape.depth.networks.prediction import Prediction, Unit
from livescape.depth.popup import popup_depth
from livescape.depth.scene_scale import scene_reference
from livescape.depth.types import DepthEstimate
from livescape.imaging.resampling import resample_depth
from livescape.layout.types import SceneLayout
from livescape_shared.errors import LivescapeError

Float32Array = NDArray[np.float32]

FILE, INVERSE, LINEAR = "file", "file_inverse", "file_linear"
"""Sources of depth: metres, inverse depth up to scale and offset, depth up to scale."""

_SURE, _VERY_SURE = 0.3, 0.8
"""Correlation of ranks with the pop-up geometry from which on larger numbers are nearer: of shares,
which some unit must be guessed for anyway, and of numbers that may be metres."""

_RANKED: Final = 20_000
"""Pixels that suffice to correlate."""

_SHARES: Final = 1.001
"""Largest number of a map that holds shares; a scene in metres reaches farther."""


def given_depth(
    context: Context,
    image: Float32Array,
    layout: SceneLayout,
    intrinsics: NDArray[np.float64],
    values: Float32Array,
    meaning: str,
) -> DepthEstimate:
    """Return the depth that a map describes.

    Args:
        context: The run's.
        image: [H, W, 3] float32 sRGB, 0..1.
        layout: Layout of the same photograph.
        intrinsics: [3, 3] K in pixels of the photograph.
        values: [h, w] as :func:`~livescape.depth.file.read_depth_map` returns it.
        meaning: ``inverse``, ``linear``, a unit of length (which the reader has brought to
            metres), or ``auto``.

    Returns:
        Depth whose source is one of :data:`FILE`, :data:`INVERSE` and :data:`LINEAR`.

    Raises:
        LivescapeError: ``depth_invalid`` or ``depth_size_mismatch``.
    """
    if meaning == "auto":
        meaning = _guessed(image, layout, intrinsics, values)
    if meaning not in ("inverse", "linear"):
        return depth_from_map(values, layout.size, layout.horizon_row)
    check_aspect(values.shape, layout.size)
    unit: Unit = "inverse"
    source = INVERSE
    if meaning == "linear":
        values = values * _metres_per_unit(image, layout, intrinsics, values)
        unit, source = "metres", LINEAR

    def predict(*_: object) -> Prediction:
        return Prediction(np.asarray(values, dtype=np.float32), unit)

    try:
        return learned_depth(context, image, layout, intrinsics, predict, source)
    except LivescapeError as error:
        if error.code != "depth_failed":
            raise
        raise unusable("most of it has no depth") from error


def reading(source: str) -> str:
    """Return in a sentence how a map was read, if its numbers were not metres; else nothing."""
    if source == INVERSE:
        meant = "inverse depth, in which larger is nearer"
    elif source == LINEAR:
        meant = "shares of the farthest depth, in which larger is farther"
    else:
        return ""
    return (
        f"The depth map was read as {meant}, and the scene's size was estimated. If that is wrong, "
        "choose another reading in the setting Depth Values."
    )


def _guessed(
    image: Float32Array,
    layout: SceneLayout,
    intrinsics: NDArray[np.float64],
    values: Float32Array,
) -> str:
    popup = popup_depth(image, layout, intrinsics)
    here = resample_depth(np.where(np.isfinite(values), values, np.nan), layout.size)
    compared = np.isfinite(here) & ~popup.sky
    if compared.sum() < 2:
        return "metres"
    every = max(1, int(compared.sum()) // _RANKED)
    mine, theirs = here[compared][::every], popup.depth[compared][::every]
    are_shares = 0.0 < mine.max() <= _SHARES
    if _rank_correlation(mine, theirs) < -(_SURE if are_shares else _VERY_SURE):
        return "inverse"
    return "linear" if are_shares else "metres"


def _rank_correlation(mine: Float32Array, theirs: Float32Array) -> float:
    if np.ptp(mine) == 0.0 or np.ptp(theirs) == 0.0:
        return 0.0
    ranks = [np.searchsorted(np.sort(each), each).astype(np.float64) for each in (mine, theirs)]
    first, second = (each - each.mean() for each in ranks)
    return float(first @ second / np.sqrt((first @ first) * (second @ second)))


def _metres_per_unit(
    image: Float32Array,
    layout: SceneLayout,
    intrinsics: NDArray[np.float64],
    values: Float32Array,
) -> np.float32:
    """Return by what shares are multiplied, by the plane of ground and water or the pop-up."""
    size = (values.shape[0], values.shape[1])
    reference = scene_reference(image, layout, intrinsics, size)
    known = np.isfinite(values) & (values > 0.0)
    anchors = known & reference.flat
    if anchors.any():
        return np.float32(np.median(1.0 / (values[anchors] * reference.inverse[anchors])))
    return (
        np.float32(reference.typical() / float(np.median(values[known])))
        if known.any()
        else (np.float32(1.0))
    )
