"""Static 3D Gaussians: one a cell of the layers, then fitted to the photo and its views (Eq. 3)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.deform.fields import surface_grid
from livescape.deform.shot_flow import flow_in_shot
from livescape.deform.trajectories import MotionGrid
from livescape.engine.warmup import warmup
from livescape.gaussians.density import DensityControl
from livescape.gaussians.highlights import shows_highlights
from livescape.gaussians.in_order import apart_in_depth
from livescape.gaussians.optimise import FitSettings, fit
from livescape.gaussians.photo_colors import ColorBounds, as_photo
from livescape.gaussians.view_loss import TrainingView, part_that_counts
from livescape.gaussians.zoom import Flow, widened_for
from livescape.inpainting.fill import inpainting_identity
from livescape.points.assemble import (
    MOVING_SURFACE,
    STATIC,
    UNDER,
    UNDERLAY,
    SceneGaussians,
)
from livescape.points.attention import Ways
from livescape.points.beside import beside_what_stands, parted_by_the_path
from livescape.points.closed import closed_before_motion
from livescape.points.highlights import lighted
from livescape.points.surfels import INITIAL_OPACITY, lies_open
from livescape.stages.cover import copies_and_ways, covered, watched_frames
from livescape.stages.door import Inputs
from livescape.stages.layers import Geometry, chosen_views
from livescape.views.training import training_views
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians

NAME, VIEWS, OPTIMISE = "gaussians", "views", "optimise"
VERSION = 36

Float32Array = NDArray[np.float32]

CHOICES = (
    "gaussian_budget",
    "views",
    "view_set",
    "view_margin",
    "fit_iterations",
    "density",
    "blend",
    "seed",
)
"""Settings that the result depends on."""

COLOR_REACH = 0.1
"""Most by which a fitted colour may leave what the photo shows there, in display sRGB. Neighbours
otherwise part in complementary colours, which sum to the photo only until one of them moves away:
specks of magenta and green."""

BESIDE_REACH = 0.03
"""The same of what flows beside what stands, or what the path shows apart from that: blue water
makes up for the skirt of a brown post, and flows away turquoise. The sky between the leaves of a
palm makes up for those, and is full of flecks where a frame shows it without them."""

MIXED = 0.95 * INITIAL_OPACITY
"""Initial opacity below which a still Gaussian covers only a part of its pixels; none of those
merges with one that covers all of them."""

UNDER_ITERATIONS = 40
"""Steps in which the colours of what lies under things are fitted."""


def run(
    context: Context, inputs: Inputs, geometry: Geometry, motion: Float32Array
) -> SceneGaussians:
    """Return the Gaussians at t = 0, fitted to the photo and to the views of its point cloud.

    In a shot they depend on how anything moves: on where copies follow, of which each takes its
    part of the budget, on where what flows comes to, and on how far it is drawn apart. In a loop
    copies are everywhere and flow for ever, and another motion finds them in the cache.

    Args:
        context: The cache and the device.
        inputs: Photo, cameras and settings.
        geometry: Layers and the cloud of N points.
        motion: [N, 3] metres per frame, world axes.
    """
    settings = inputs.settings
    cameras = (inputs.camera, *inputs.path)
    copies, ways = copies_and_ways(context, inputs, geometry, motion)
    return context.cached(
        NAME,
        VERSION,
        SceneGaussians,
        lambda: _fitted(context, inputs, geometry, motion, copies, ways),
        inputs.image,
        geometry.depth.depth,
        geometry.depth.sky,
        geometry.mask,
        np.stack([camera.K for camera in cameras]),
        np.stack([camera.viewmat for camera in cameras]),
        geometry.depth.source,
        settings.inpainting,
        inpainting_identity(context, settings.inpainting),
        {name: getattr(settings, name) for name in CHOICES},
        *copies,
        *(way.positions for way in ways if way is not None),
        *(() if settings.loop == "on" else (motion,)),
        *(() if inputs.highlights is None else (inputs.highlights,)),
    )


def _fitted(
    context: Context,
    inputs: Inputs,
    geometry: Geometry,
    motion: Float32Array,
    copies: list[NDArray[np.uint8]],
    ways: list[Ways | None],
) -> SceneGaussians:
    settings, progress = inputs.settings, context.progress
    with progress.stage(NAME):
        if context.device == "cpu":
            progress.waiting(warmup)
        cameras = chosen_views(context, inputs, geometry, settings.views)
        layers = geometry.layers
        if inputs.highlights is not None:
            layers = lighted(layers, inputs.highlights)
        cover = covered(context, inputs, geometry, layers, cameras, copies, ways)
    with progress.stage(VIEWS):
        views = training_views(
            geometry.cloud, inputs.image, cameras, device=context.device, progress=progress.step
        )
    with progress.stage(OPTIMISE):
        fit_settings = FitSettings(
            iterations=settings.fit_iterations,
            blend=settings.blend,
            seed=settings.seed,
            device=context.device,
        )
        initial = cover.seen
        parted = parted_by_the_path(
            initial.gaussians, initial.moves, geometry.layers, watched_frames(inputs.path)
        )
        flows = initial.kind == MOVING_SURFACE
        beside = parted | beside_what_stands(initial.gaussians, flows, geometry.layers)
        shades = _within_reach(cover.shades, np.where(beside, BESIDE_REACH, COLOR_REACH))
        held = _under_fitted(context, geometry, cover.held, fit_settings)
        # What lies under things and behind everything is seen but not fitted: training makes it
        # transparent where it is hidden, and the flow uncovers that later. The still copies of
        # what moves are seen in the photo's view alone, which has to be right with them; in all
        # others what moves has to be whole without them.
        result = fit(
            initial.gaussians,
            views,
            fit_settings,
            progress.step,
            density=_density(inputs, initial, cover.costs, cover.budget),
            backdrop=Gaussians.concatenate(held.only(UNDER), cover.around),
            under=held.only(UNDERLAY),
            lying=_lying(initial, inputs.camera),
            flowing=initial.moves,
            bounds=shades,
        )
        whole = _stands_whole(initial)[result.sources]
        closed = closed_before_motion(result.gaussians, whole, geometry.layers)
        fitted = SceneGaussians(closed, initial.kind[result.sources])
        surface = surface_grid(layers, geometry.cloud, motion) if settings.loop != "on" else None
        bounds = ColorBounds(shades, parted)[result.sources]
        return _for_the_path(context, inputs, fitted, held, cover.around, bounds, surface)


def _for_the_path(
    context: Context,
    inputs: Inputs,
    fitted: SceneGaussians,
    held: SceneGaussians,
    around: Gaussians,
    bounds: ColorBounds,
    surface: MotionGrid | None,
) -> SceneGaussians:
    """Return the whole scene, closed where the path comes near, in the photo's colours again.

    Args:
        context: The device.
        inputs: Photo, cameras and settings.
        fitted: N Gaussians that the photo shows.
        held: What it does not show.
        around: The dome behind everything.
        bounds: What colours each of N may have.
        surface: How what moves flows in a shot; None in a loop.
    """
    wide, wide_held = (
        widened_for(
            each.gaussians,
            inputs.camera,
            inputs.path,
            _flow(each, surface, inputs),
            context.progress.beat,
        )
        for each in (fitted, held)
    )
    # All together: what lies under things begins where they end, at nearly the same depth.
    every = apart_in_depth(Gaussians.concatenate(wide, wide_held), inputs.camera)
    wide, wide_held = every[: len(wide)], every[len(wide) :]
    wide = as_photo(
        wide,
        Gaussians.concatenate(wide_held, around),
        inputs.image,
        inputs.camera,
        bounds,
        inputs.settings.blend,
        device=context.device,
        progress=lambda *_: context.progress.step(1, 1),
    )
    kinds = np.where(held.moves, held.kind, STATIC).astype(np.uint8)
    return SceneGaussians.concatenate(
        SceneGaussians(wide, fitted.kind),
        SceneGaussians(wide_held, kinds),
        SceneGaussians(around, np.full(len(around), STATIC, np.uint8)),
    )


def _flow(each: SceneGaussians, surface: MotionGrid | None, inputs: Inputs) -> Flow | None:
    """Return how ``each`` flows on surfaces in a shot; None in a loop, or if nothing does."""
    moves = np.isin(each.kind, (MOVING_SURFACE, UNDER))
    if surface is None or not moves.any():
        return None
    return flow_in_shot(each.gaussians, moves, surface, inputs.settings.loop_frames)


def _within_reach(shades: Float32Array, reach: NDArray[np.floating]) -> Float32Array:
    """Return the least and greatest colours [N, 2, 3] that are within ``reach`` [N] of shades."""
    least, greatest = shades[:, 0] - reach[:, None], shades[:, 1] + reach[:, None]
    return np.stack([least, greatest], axis=1).astype(np.float32)


def _stands_whole(initial: SceneGaussians) -> NDArray[np.bool_]:
    """Return [N] which Gaussians stand and cover all of their pixels."""
    covers = initial.gaussians.opacities >= MIXED
    return np.asarray(covers & (initial.kind == STATIC), dtype=bool)


def _lying(initial: SceneGaussians, camera: Camera) -> NDArray[np.bool_]:
    """Return [N] which Gaussians stay in the surface on which they flow.

    The sky's do not: all of it is at one depth, and only what leaves that is drawn in one order.
    """
    flows = initial.kind == MOVING_SURFACE
    return np.asarray(flows & lies_open(initial.gaussians, camera.position))


def _density(
    inputs: Inputs, initial: SceneGaussians, costs: NDArray[np.int64], budget: int
) -> DensityControl | None:
    """Return what changes the set of Gaussians during the fit, None if it is to stay."""
    if inputs.settings.density != "adaptive":
        return None
    groups = initial.kind.astype(np.int64)
    groups[(initial.kind == STATIC) & ~_stands_whole(initial)] = groups.max() + 1
    # Merged, what flows would reach over the foot of a rock that it passes; its grain is lost too.
    alone = initial.kind == MOVING_SURFACE
    if inputs.highlights is not None:  # two of one white may be of different light
        alone |= shows_highlights(initial.gaussians, inputs.highlights, inputs.camera)
    groups[alone] = groups.max() + 1 + np.arange(np.count_nonzero(alone))
    return DensityControl(
        budget=budget,
        groups=groups,
        costs=costs,
        largest_radius=0.5 * max(inputs.camera.width, inputs.camera.height),
    )


def _under_fitted(
    context: Context, geometry: Geometry, held: SceneGaussians, settings: FitSettings
) -> SceneGaussians:
    """Return ``held`` with what lies under things fitted, in place, to the colours invented there.

    No view shows it as a whole, so it is fitted by itself, as if nothing stood there.
    """
    under = held.kind == UNDER
    if not under.any() or not settings.iterations:
        return held
    layer, camera = geometry.layers.layer("under"), geometry.layers.camera
    view = TrainingView(camera.viewmat, camera.K, layer.image, layer.valid.astype(np.float32))
    colours = replace(
        settings,
        iterations=UNDER_ITERATIONS,
        offset_rate=0.0,
        quat_rate=0.0,
        scale_rate=0.0,
    )
    view = part_that_counts(view)
    own = held.gaussians[under]
    bounds = _within_reach(np.stack([own.colors] * 2, axis=1), np.full(len(own), COLOR_REACH))
    fitted = fit(own, [view], colours, lambda *_: context.progress.step(0, 1), bounds=bounds)
    alone = SceneGaussians(fitted.gaussians, held.kind[under])
    return SceneGaussians.concatenate(held[~under], alone)
