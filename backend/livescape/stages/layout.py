"""Where sky, water and ground are in the photo."""

from __future__ import annotations

from livescape.context import Context
from livescape.layout.scene_layout import estimate_layout
from livescape.layout.types import SceneLayout
from livescape.stages.door import Inputs

NAME = "layout"
VERSION = 8


def run(context: Context, inputs: Inputs) -> SceneLayout:
    """Return the layout of the photo."""
    image = inputs.image
    with context.progress.stage(NAME):
        return context.cached(
            NAME,
            VERSION,
            SceneLayout,
            lambda: context.progress.waiting(lambda: estimate_layout(image)),
            image,
        )
