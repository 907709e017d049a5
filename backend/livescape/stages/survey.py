"""How far the things in the photo are and nothing else, to check a camera's path against."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.cameras.photo_camera import photo_camera
from livescape.context import Context
from livescape.deform.living_scene import ChunkParts
from livescape.imaging.sampling import working_size
from livescape.stages import depth as depth_stage
from livescape.stages import door
from livescape.stages import layout as layout_stage
from livescape_shared.request import GenerateRequest

NAME = "survey"

WORKING_SIZE = 320
"""Pixels of the long side at which the photo is looked at, less than in any preset."""

SENT_SIZE = 240
"""Pixels of the long side of what is sent."""


@dataclass(frozen=True)
class Survey:
    """The depth of a photo.

    Attributes:
        depth: [h, w] float32 metres along z of the photo's camera, sky included.
        sky: [h, w] bool.
        horizon: Height of the horizon in the photo, 0 at its upper edge and 1 at its lower; may lie
            outside.
        camera_json: The photo's camera at this size, as JSON.
        report_json: Figures of the run as JSON.
    """

    depth: NDArray[np.float32]
    sky: NDArray[np.bool_]
    horizon: float
    camera_json: str
    report_json: str

    @property
    def report(self) -> dict[str, Any]:
        """Seconds per stage."""
        return dict(json.loads(self.report_json))


def run(context: Context, request: GenerateRequest) -> Survey:
    """Return how far the things in the photo are.

    Raises:
        LivescapeError: The codes of the readers and of the depth estimators.
    """
    size = min(request.settings.working_size, WORKING_SIZE)
    small = replace(request, settings=request.settings.changed(working_size=size))
    inputs = door.run(context, small)
    layout = layout_stage.run(context, inputs)
    depth = depth_stage.run(context, inputs, layout)
    high, wide = depth.depth.shape
    width, height = working_size(wide, high, SENT_SIZE)
    sent = photo_camera(request.camera_path.reference, width, height)
    context.progress.finish()
    return Survey(
        # The nearest pixel: a mean of what is near and what is far would be in the air between.
        np.asarray(_smaller(depth.depth, width, height), np.float32),
        _smaller(depth.sky.astype(np.uint8), width, height) > 0,
        float(layout.horizon_row) / high,
        json.dumps(sent.to_dict()),
        json.dumps({"seconds": context.progress.seconds, "depth": depth.source}),
    )


def _smaller(values: NDArray[Any], width: int, height: int) -> NDArray[Any]:
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_NEAREST))


def chunks(survey: Survey) -> Iterator[ChunkParts]:
    """Yield the one chunk of a survey."""
    meta = {"horizon": survey.horizon, "camera": json.loads(survey.camera_json)}
    yield NAME, 0, meta, {"depth": survey.depth, "sky": survey.sky.view(np.uint8)}
