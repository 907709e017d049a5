"""The depth estimators by name, and the one call the pipeline makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape.depth.file import depth_from_file
from livescape.depth.learned import Predict, learned_depth
from livescape.depth.networks import (
    depth_anything_3,
    depth_anything_v2,
    depth_pro,
    moge_2,
    zoedepth,
)
from livescape.depth.popup import popup_depth
from livescape.depth.types import DepthEstimate
from livescape.layout.types import SceneLayout
from livescape.networks.registry import MODELS
from livescape.networks.store import model_identity
from livescape_shared.errors import LivescapeError

Run = Callable[[NDArray[np.float32], NDArray[np.float64], SceneLayout, Path | None], DepthEstimate]
"""Image [H, W, 3], intrinsics [3, 3], layout and depth file to depth."""


@dataclass(frozen=True)
class DepthEstimator:
    """A way to get depth, with what a user should know before choosing it.

    Attributes:
        name: Value of the setting.
        description: One line. What a network costs to fetch, and its licence, stand on its card in
            :data:`~livescape.networks.registry.MODELS`.
        run: Computes the depth.
    """

    name: str
    description: str
    run: Run


def _run_popup(
    image: NDArray[np.float32],
    intrinsics: NDArray[np.float64],
    layout: SceneLayout,
    depth_file: Path | None,
) -> DepthEstimate:
    del depth_file
    return popup_depth(image, layout, intrinsics)


def _run_file(
    image: NDArray[np.float32],
    intrinsics: NDArray[np.float64],
    layout: SceneLayout,
    depth_file: Path | None,
) -> DepthEstimate:
    del intrinsics
    if depth_file is None:
        raise LivescapeError(
            "depth_file_missing",
            "Depth is set to come from a file, but no depth file is given.",
            hint="Choose a depth map, or the pop-up estimator.",
            stage="depth",
        )
    return depth_from_file(depth_file, (image.shape[0], image.shape[1]), layout.horizon_row)


def _network(name: str, predict: Predict) -> DepthEstimator:
    """Return the estimator of a downloadable model, described by its card."""

    def run(
        image: NDArray[np.float32],
        intrinsics: NDArray[np.float64],
        layout: SceneLayout,
        depth_file: Path | None,
    ) -> DepthEstimate:
        del depth_file
        return learned_depth(image, layout, intrinsics, predict, name)

    return DepthEstimator(name, MODELS[name].description, run)


DEPTH_ESTIMATORS: dict[str, DepthEstimator] = {
    estimator.name: estimator
    for estimator in (
        DepthEstimator(
            "popup",
            description="Pop-up geometry from the scene layout; embedded, a second on a CPU.",
            run=_run_popup,
        ),
        DepthEstimator(
            "file",
            description="A depth map of your own: .npy, 16-bit .png, .tif, .pfm or .exr.",
            run=_run_file,
        ),
        _network(depth_anything_v2.NAME, depth_anything_v2.predict),
        _network(depth_anything_3.NAME, depth_anything_3.predict),
        _network(depth_pro.NAME, depth_pro.predict),
        _network(moge_2.NAME, moge_2.predict),
        _network(zoedepth.NAME, zoedepth.predict),
    )
}
"""Every estimator by name."""


def estimator_identity(name: str) -> str:
    """Return what the depth depends on beside photo and camera: the model's hash, if it has one.

    Raises:
        LivescapeError: ``model_missing`` or ``model_unreadable``.
    """
    return model_identity(name) if name in MODELS else ""


def estimate_depth(
    image: NDArray[np.float32],
    camera_intrinsics: NDArray[np.float64],
    layout: SceneLayout,
    *,
    estimator: str = "popup",
    depth_file: Path | None = None,
) -> DepthEstimate:
    """Return the depth of a photograph.

    Args:
        image: [H, W, 3] float32 sRGB, 0..1.
        camera_intrinsics: [3, 3] K in pixels of the photograph.
        layout: Layout of the same photograph.
        estimator: A name in :data:`DEPTH_ESTIMATORS`.
        depth_file: The user's depth map, for ``estimator="file"``.

    Raises:
        ValueError: If a shape does not fit or there is no such estimator.
        LivescapeError: What the estimator raises.
    """
    if estimator not in DEPTH_ESTIMATORS:
        raise ValueError(f"estimator must be one of {list(DEPTH_ESTIMATORS)}, not {estimator!r}")
    return DEPTH_ESTIMATORS[estimator].run(image, camera_intrinsics, layout, depth_file)
