"""How far everything in the photo is, in metres."""

from __future__ import annotations

from livescape.context import Context
from livescape.depth.depth_estimators import DepthInputs, estimate_depth, estimator_identity
from livescape.depth.types import DepthEstimate
from livescape.layout.types import SceneLayout
from livescape.stages.door import Inputs

NAME = "depth"
VERSION = 4


def run(context: Context, inputs: Inputs, layout: SceneLayout) -> DepthEstimate:
    """Return the depth by the estimator that the settings name, or from the file that is given.

    Raises:
        LivescapeError: The codes of the estimators.
    """
    estimator = chosen_estimator(inputs)
    given = DepthInputs(
        inputs.image, inputs.camera.K, layout, inputs.depth_map, inputs.settings.depth_values
    )
    with context.progress.stage(NAME):
        return context.cached(
            NAME,
            VERSION,
            DepthEstimate,
            lambda: estimate_depth(context, given, estimator),
            inputs.image,
            inputs.camera.K,
            *(() if inputs.depth_map is None else (inputs.depth_map, inputs.settings.depth_values)),
            estimator,
            estimator_identity(context, estimator),
        )


def chosen_estimator(inputs: Inputs) -> str:
    """Return the name of the estimator: a depth map that is given wins over the setting."""
    return inputs.settings.depth if inputs.depth_map is None else "file"
