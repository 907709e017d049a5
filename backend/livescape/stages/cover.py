"""What fitting starts from: Gaussians that cover all layers, as fine as the shot needs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.path_views import evenly
from livescape.context import Context
from livescape.deform.copies import copies_and_ways_on
from livescape.deform.fields import sky_grid, surface_grid
from livescape.deform.trajectories import MotionGrid
from livescape.gaussians.visibility import in_frame
from livescape.points.assemble import HIDDEN, SceneGaussians, assemble
from livescape.points.attention import Ways, attention
from livescape.points.dome import dome
from livescape.points.layers import LayeredPhoto
from livescape.stages.door import Inputs
from livescape.stages.layers import Geometry
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians

Float32Array = NDArray[np.float32]

PATH_VIEWS = 24
"""Frames of the path, at most, that decide what of the scene is ever in frame."""


@dataclass(frozen=True)
class FitStart:
    """What fitting starts from.

    Attributes:
        seen: N Gaussians that the photo shows, which are fitted.
        costs: [N] how many each becomes.
        shades: [N, 2, 3] least and greatest colour that the photo shows where each is.
        held: Gaussians that the photo does not show.
        budget: How many what is seen may become.
        around: The dome behind everything.
    """

    seen: SceneGaussians
    costs: NDArray[np.int64]
    shades: Float32Array
    held: SceneGaussians
    budget: int
    around: Gaussians


def copies_and_ways(
    context: Context, inputs: Inputs, geometry: Geometry, motion: Float32Array
) -> tuple[list[NDArray[np.uint8]], list[Ways | None]]:
    """Return of each layer the Gaussians [H, W] that one becomes which moves there, and its ways.

    Ways are those of a shot: what a loop shows is everywhere in turn.
    """
    layers, settings = geometry.layers, inputs.settings
    if settings.deform == "drift" or settings.loop == "on":
        each = 1 if settings.deform == "drift" else 2
        everywhere = [np.full(layer.valid.shape, each, np.uint8) for layer in layers.layers]
        return everywhere, [None] * len(everywhere)
    frames, device = settings.loop_frames, context.device
    grids: dict[bool, MotionGrid] = {}
    copies, ways = [], []
    for layer in layers.layers:
        is_sky = layer.name == "sky"
        context.progress.beat()
        if is_sky not in grids:  # all layers but the sky have one in common
            make = sky_grid if is_sky else surface_grid
            grids[is_sky] = make(layers, geometry.cloud, motion)
        followed = copies_and_ways_on(layer, grids[is_sky], frames, device=device)
        copies.append(followed[0])
        ways.append(followed[1])
    return copies, ways


def covered(
    context: Context,
    inputs: Inputs,
    geometry: Geometry,
    layers: LayeredPhoto,
    cameras: Sequence[Camera],
    copies: list[NDArray[np.uint8]],
    ways: list[Ways | None],
) -> FitStart:
    """Return Gaussians that cover ``layers`` and are seen from ``cameras`` or on the path."""
    settings, progress = inputs.settings, context.progress
    importance = attention(
        geometry.cloud,
        geometry.layers,
        inputs.camera,
        inputs.path,
        ways,
        endless=settings.loop == "on",
        device=context.device,
        progress=progress.step,
    )
    around = dome(geometry.layers, inputs.path, settings.gaussian_budget)
    budget = settings.gaussian_budget - len(around)
    found, costs, shades = assemble(layers, importance, copies, budget, progress.step, inputs.path)
    watched = [*cameras, *watched_frames(inputs.path)]
    shown = in_frame(found.gaussians, watched) | found.moves
    hides = np.isin(found.kind, HIDDEN)
    hidden, seen = shown & hides, shown & ~hides
    left = budget - int(costs[hidden].sum())
    return FitStart(found[seen], costs[seen], shades[seen], found[hidden], left, around)


def watched_frames(path: tuple[Camera, ...]) -> list[Camera]:
    """Return at most :data:`PATH_VIEWS` frames, evenly spread from the first to the last."""
    return [path[index] for index in evenly(len(path), min(len(path), PATH_VIEWS))]
