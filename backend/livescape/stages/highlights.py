"""Light beyond white, which the photo has and its Gaussians get when all else is done."""

from __future__ import annotations

from dataclasses import replace

from livescape.context import Context
from livescape.deform.basis import MovingField
from livescape.deform.hexplane_field import HexPlaneField
from livescape.gaussians.highlights import with_highlights
from livescape.stages.door import Inputs
from livescape_shared.gaussians import Gaussians

Moving = MovingField | HexPlaneField


def lit(
    context: Context, inputs: Inputs, still: Gaussians, moving: Moving
) -> tuple[Gaussians, Moving]:
    """Return the Gaussians as bright as the photo's highlights; without any, as they are."""
    if inputs.highlights is None or not (len(still) or len(moving)):
        return still, moving
    copies = moving.all_copies()
    first = copies.at(moving.frame(0, inputs.settings.loop_frames), 0.0, moving.fade)
    shown = Gaussians.concatenate(still, first[: len(moving)])  # without what comes in later
    colors = with_highlights(
        shown,
        inputs.image,
        inputs.highlights,
        inputs.camera,
        inputs.settings.blend,
        device=context.device,
        progress=context.progress.step,
    )
    still = replace(still, colors=colors[: len(still)])
    return still, moving.in_colors(colors[len(still) :])
