"""The looping animation that the 4D Gaussians are trained on, in the photo's view or in several.

One 3D motion animates all views, so that they agree at every moment of the loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points
from livescape.context import Context
from livescape.deform.fields import grown_moments, sky_grid, surface_grid
from livescape.deform.train import AnimationFrame
from livescape.engine.zbuffer import PointRenderer
from livescape.imaging.smoothing import fill_smooth
from livescape.motion.animate import animate
from livescape.motion.handover import courses
from livescape.motion.moments import moments
from livescape.motion.network_animation import animate_with_network
from livescape.networks.checkpoints import ANIMATOR, required_checkpoint
from livescape.points.assemble import SceneGaussians
from livescape.points.cloud import PointCloud
from livescape.points.layers import MOVES
from livescape.stages.door import Inputs
from livescape.stages.layers import Geometry, chosen_views
from livescape.views.training import seen_values
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]

NAME = "animate"
VERSION = 13

FRAMES = 12
"""Moments of the loop at which the photo's view is animated."""

OTHER_VIEWS = 4
"""Most further views that are animated; each moment is shown by one of them in turn."""


@dataclass(frozen=True)
class AnimatedView:
    """What one view shows at t = 0, and how it moves.

    Attributes:
        camera: The view, of the size of the images.
        image: [H, W, 3] display sRGB.
        flow: [H, W, 2] pixels per frame.
        mask: [H, W] 0..1, what moves.
        weight: [H, W] 0..1, how much is known of what moves.
        course: [H, W, 2] slope and speed of the motion in the world, of
            :func:`livescape.motion.handover.courses`.
        moments: [H, W] loop time at which copies hand over; None where nothing loops.
    """

    camera: Camera
    image: Float32Array
    flow: Float32Array
    mask: Float32Array
    weight: Float32Array
    course: Float32Array
    moments: Float32Array | None = None


@dataclass(frozen=True)
class Animation:
    """The looping animation.

    Attributes:
        photo: The photo's view.
        frames: Every image of every view, the photo at t = 0 first; none where nothing moves or
            nothing is trained on them.
    """

    photo: AnimatedView
    frames: tuple[AnimationFrame, ...]


def run(
    context: Context,
    inputs: Inputs,
    geometry: Geometry,
    fitted: SceneGaussians,
    motion: Float32Array,
) -> Animation:
    """Return frames of the shot, carried by the refined 3D motion; the first is the photo.

    Args:
        context: Provides the checkpoints and the device.
        inputs: The photo and its camera; loop, animator and which views are animated.
        geometry: The cloud of N points.
        fitted: The Gaussians that are to follow the animation.
        motion: [N, 3] metres per frame, world axes.
    """
    photo = photo_view(inputs, geometry, motion)
    if not fitted.moves.any():
        return Animation(photo, ())
    with context.progress.stage(NAME):
        if inputs.settings.loop == "on":
            context.progress.step(0, 1)
            flow, region, course = _with_hidden(geometry, motion, photo)
            frames, device = inputs.settings.loop_frames, context.device
            found = moments(photo.image, flow, photo.mask, frames, device, region, course)
            photo = replace(photo, moments=found)
        if not inputs.settings.deform_iterations:
            return Animation(photo, ())
        return Animation(photo, tuple(_frames(context, inputs, geometry, motion, photo)))


def _frames(
    context: Context,
    inputs: Inputs,
    geometry: Geometry,
    motion: Float32Array,
    photo: AnimatedView,
) -> list[AnimationFrame]:
    settings = inputs.settings
    loop = settings.loop_frames
    numbers = np.unique(np.linspace(0, loop, FRAMES + 2)[1:-1].astype(int)).tolist()
    numbers = [number for number in numbers if number]
    others = []
    if settings.animated_views == "all":
        cameras = _other_cameras(context, inputs, geometry)
        changes = cloud_moments(geometry, photo)
        others = [
            cloud_view(geometry.cloud, motion, camera, changes, context.device)
            for camera in cameras
        ]
    frames = [AnimationFrame(0.0, photo.image, photo.weight, photo.camera)]
    views = [photo, *others]
    for index, view in enumerate(views):
        shown = numbers if index == 0 else numbers[index - 1 :: len(others)]
        images = _animated(context, view, shown, loop, settings.animator)
        for number, image in zip(shown, images, strict=True):
            context.progress.step(index, len(views))
            frames.append(AnimationFrame(number / loop, image, view.weight, view.camera))
    return frames


def photo_view(inputs: Inputs, geometry: Geometry, motion: Float32Array) -> AnimatedView:
    """Return the photo itself, moved by the refined motion [N, 3] of the cloud's points."""
    cloud, camera = geometry.cloud, inputs.camera
    flow = np.zeros((camera.height, camera.width, 2), dtype=np.float32)
    shown = np.flatnonzero(cloud.seen & np.any(motion != 0.0, axis=1))
    columns, rows = (cloud.pixels[shown] - geometry.layers.margins.corner).T
    flow[rows, columns] = _projected(cloud.points[shown], motion[shown], camera)
    course = np.zeros((camera.height, camera.width, 2), dtype=np.float32)
    course[rows, columns] = courses(motion[shown])
    flows = np.zeros((camera.height, camera.width), dtype=bool)
    flows[rows, columns] = True
    course = fill_smooth(course, flows)  # what leaves the region is not braked at its edge
    return AnimatedView(camera, inputs.image, flow, geometry.mask, geometry.mask, course)


def _with_hidden(
    geometry: Geometry, motion: Float32Array, photo: AnimatedView
) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Return flow [H, W, 2], mask [H, W] and course [H, W, 2] with what moves on under things."""
    layers, cloud = geometry.layers, geometry.cloud
    height, width = photo.mask.shape
    flow, region, course = photo.flow.copy(), photo.mask.copy(), photo.course.copy()
    places = cloud.pixels - layers.margins.corner
    hidden = ~cloud.seen & (cloud.moving > MOVES)
    hidden &= ((places >= 0) & (places < (width, height))).all(axis=1)
    for grid, part in (
        (surface_grid(layers, cloud, motion), hidden & ~cloud.sky),
        (sky_grid(layers, cloud, motion), hidden & cloud.sky),
    ):
        at = np.flatnonzero(part)
        at = at[region[places[at, 1], places[at, 0]] <= MOVES]
        columns, rows = cloud.pixels[at].T
        flow[places[at, 1], places[at, 0]] = _projected(
            cloud.points[at], grid.motion[rows, columns], photo.camera
        )
        region[places[at, 1], places[at, 0]] = cloud.moving[at]
        course[places[at, 1], places[at, 0]] = courses(grid.motion[rows, columns])
        inner = layers.margins.photo(grid.mask.shape)
        region = np.maximum(region, grid.mask[inner])
    known = np.abs(flow).sum(axis=-1) > 0
    flow = np.where((region > MOVES)[..., None], fill_smooth(flow, known), 0.0)
    return flow.astype(np.float32), region, fill_smooth(course, known)


def cloud_moments(geometry: Geometry, photo: AnimatedView) -> Float32Array | None:
    """Return the moment [N] of each point of the cloud."""
    if photo.moments is None:
        return None
    columns, rows = geometry.cloud.pixels.T
    found: Float32Array = grown_moments(geometry.layers, photo.moments)[rows, columns]
    return found


def cloud_view(
    cloud: PointCloud,
    motion: Float32Array,
    camera: Camera,
    moments: Float32Array | None = None,
    device: str = "cpu",
) -> AnimatedView:
    """Return what ``camera`` sees of the cloud, moved by the motion [N, 3] of its points.

    What the photo does not show has no motion of its own and takes that of its surroundings; it
    moves along, and does not count.
    """
    flow = _projected(cloud.points, motion, camera)
    known = cloud.seen.astype(np.float32)
    changes = np.zeros(len(known), np.float32) if moments is None else moments
    values = np.column_stack(
        [cloud.colors, flow, cloud.moving, known, courses(motion), changes]
    ).astype(np.float32)
    renderer = PointRenderer(cloud.points, cloud.footprint, device)
    seen, valid = seen_values(renderer, cloud, values, camera)
    image, flow, moving, known, course, changes = np.split(seen, (3, 5, 6, 7, 9), axis=-1)
    mask = moving[..., 0] * valid
    told = valid & (known[..., 0] > 0.5)
    filled = fill_smooth(flow, told & (mask > 0)) * (mask > 0)[..., None]
    course = fill_smooth(course, told & (mask > 0))
    own = None if moments is None else np.ascontiguousarray(changes[..., 0])
    return AnimatedView(camera, image, filled.astype(np.float32), mask, mask * told, course, own)


def _projected(points: Float32Array, motion: Float32Array, camera: Camera) -> Float32Array:
    """Return the motion [N, 2] of ``points`` on the camera's image, in pixels per frame."""
    before, _ = project_points(points, camera)
    after, depth = project_points(points + motion, camera)
    return np.where((depth > 0)[:, None], after - before, 0.0).astype(np.float32)


def _other_cameras(context: Context, inputs: Inputs, geometry: Geometry) -> Sequence[Camera]:
    """Return up to :data:`OTHER_VIEWS` training views that are not where the photo was taken."""
    cameras = chosen_views(context, inputs, geometry, OTHER_VIEWS + 1)[1:]
    away = [each for each in cameras if not np.allclose(each.viewmat, inputs.camera.viewmat)]
    if len(away) <= OTHER_VIEWS:
        return away
    return [away[index] for index in np.linspace(0, len(away) - 1, OTHER_VIEWS).astype(int)]


def _animated(
    context: Context, view: AnimatedView, numbers: Sequence[int], loop: int, animator: str
) -> Iterator[Float32Array]:
    if animator == "splat":
        return animate(
            view.image, view.flow, view.mask, numbers, loop, moments=view.moments,
            course=view.course, device=context.device,
        )  # fmt: skip
    checkpoint = required_checkpoint(context.checkpoints.animator, ANIMATOR)
    return animate_with_network(
        view.image, view.flow, numbers, loop, checkpoint, mask=view.mask, device=context.device
    )
