"""The depth estimators by name, and the one function that the pipeline calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.depth.given import given_depth
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


@dataclass(frozen=True)
class DepthInputs:
    """All that an estimator may use.

    Attributes:
        image: [H, W, 3] float32 sRGB, 0..1.
        intrinsics: [3, 3] K in pixels of the photograph.
        layout: Layout of the same photograph.
        depth_map: [h, w] the user's, as :func:`~livescape.depth.file.read_depth_map` reads it.
        depth_values: What its numbers mean; see :func:`~livescape.depth.given.given_depth`.
    """

    image: NDArray[np.float32]
    intrinsics: NDArray[np.float64]
    layout: SceneLayout
    depth_map: NDArray[np.float32] | None = None
    depth_values: str = "auto"


Run = Callable[[Context, DepthInputs], DepthEstimate]


@dataclass(frozen=True)
class DepthEstimator:
    """A depth estimator, with what a user should know before choosing it.

    Attributes:
        name: Value of the setting.
        description: One line. The download size and licence of a network are on its card in
            :data:`~livescape.networks.registry.MODELS`.
        run: Computes the depth.
    """

    name: str
    description: str
    run: Run


def _run_popup(context: Context, inputs: DepthInputs) -> DepthEstimate:
    del context
    return popup_depth(inputs.image, inputs.layout, inputs.intrinsics)


def _run_file(context: Context, inputs: DepthInputs) -> DepthEstimate:
    if inputs.depth_map is None:
        raise LivescapeError(
            "depth_file_missing",
            "Depth is set to come from a file, but no depth file was given.",
            hint="Choose a depth map, or the pop-up estimator.",
            stage="depth",
        )
    return given_depth(
        context,
        inputs.image,
        inputs.layout,
        inputs.intrinsics,
        inputs.depth_map,
        inputs.depth_values,
    )


def _network(name: str, predict: Predict) -> DepthEstimator:
    """Return the estimator of a downloadable model, described by its card."""

    def run(context: Context, inputs: DepthInputs) -> DepthEstimate:
        return learned_depth(context, inputs.image, inputs.layout, inputs.intrinsics, predict, name)

    return DepthEstimator(name, MODELS[name].description, run)


DEPTH_ESTIMATORS: dict[str, DepthEstimator] = {
    estimator.name: estimator
    for estimator in (
        DepthEstimator(
            "popup",
            description="Pop-up geometry from the scene layout; built in, takes a second on a CPU.",
            run=_run_popup,
        ),
        DepthEstimator(
            "file",
            description="A depth map of your own: .npy, .npz, .exr, .tif, .pfm, .png or .jpg.",
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


def estimator_identity(context: Context, name: str) -> str:
    """Return what the depth depends on besides photo and camera: the model's hash, if it has one.

    Raises:
        LivescapeError: ``model_missing`` or ``model_unreadable``.
    """
    if name not in MODELS:
        return ""
    return context.progress.waiting(lambda: model_identity(context.models, name))


def estimate_depth(context: Context, inputs: DepthInputs, estimator: str) -> DepthEstimate:
    """Return the depth of a photograph.

    Args:
        context: Provides the models and the device.
        inputs: What the estimator may use.
        estimator: A name in :data:`DEPTH_ESTIMATORS`.

    Raises:
        ValueError: If a shape does not fit or there is no such estimator.
        LivescapeError: What the estimator raises.
    """
    if estimator not in DEPTH_ESTIMATORS:
        raise ValueError(f"estimator must be one of {list(DEPTH_ESTIMATORS)}, not {estimator!r}")
    return DEPTH_ESTIMATORS[estimator].run(context, inputs)
