"""2D motion in every view: the same estimator, on what each view shows of the point cloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.engine.irls.observations import MotionView
from livescape.engine.zbuffer import PointRenderer, visible_points
from livescape.motion.auto import Setting
from livescape.motion.flow_estimators import estimate_motion
from livescape.motion.project import (
    HintedSurface,
    LiftedHints,
    lift_hints,
    project_hints,
)
from livescape.motion.surfaces import surface_normals
from livescape.points.cloud import PointCloud
from livescape_shared.annotation import FRAMES_PER_DRAG, Annotation
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class PhotoMotionInputs:
    """What is known about motion in the photo itself.

    Attributes:
        image: [H, W, 3]. mask: [H, W]. sky: [H, W]. water: [H, W]; all 0..1.
        depth: [H, W] metres.
        horizon_row: Row of the horizon in the photo.
        method: Name of the estimator.
        annotation: Hints, of any image size.
        flow: [h, w, 2] from the user.
        falls: [H, W] in 0..1, where water falls; a part of the water.
        flows: [H, W] in 0..1, how surely the picture of water drifts with the water.
        fps: Frames a second.
        shell: [H, W] where the depth is that of the sky; nowhere if None.
    """

    image: Float32Array
    mask: Float32Array
    sky: Float32Array
    water: Float32Array
    depth: Float32Array
    horizon_row: float
    method: str
    annotation: Annotation | None = None
    flow: Float32Array | None = None
    falls: Float32Array | None = None
    flows: Float32Array | None = None
    fps: float = 24.0
    shell: NDArray[np.bool_] | None = None


def motion_views(
    context: Context,
    photo: PhotoMotionInputs,
    cloud: PointCloud,
    attributes: Float32Array,
    points: Float32Array,
    cameras: Sequence[Camera],
) -> list[MotionView]:
    """Return the 2D motion of every camera; the first is the photo's.

    Only a network looks at other views than the photo. A flow file or a clip describes the photo
    alone, a guess is made but once, and hints are motions along the photo's surfaces: what other
    views show of these follows from the surface, and can but blur them if it is told anew. A view
    that has left one of the artist's hints behind is left out.

    Args:
        context: Provides the checkpoints and the device.
        photo: The photo's own images.
        cloud: Dense point cloud of N points.
        attributes: [N, 6] red, green, blue, mask, sky and water of each point.
        points: [P, 3] the points whose motion is wanted.
        cameras: The photo camera and others of its size.
    """
    reference = cameras[0]
    flow = photo_flow(context, photo, reference)
    renderer = PointRenderer(cloud.points, cloud.footprint, context.device)
    _, depth = renderer.nearest(reference)
    views = [MotionView(reference, flow, photo.mask, visible_points(points, depth, reference))]
    if photo.method != "network":
        return views
    hints = _lifted(photo, reference)
    for number, camera in enumerate(cameras[1:], 1):
        context.progress.step(number, len(cameras))
        annotation = None if hints is None else _projected(hints, camera)
        if hints is not None and annotation is None:
            continue
        views.append(
            _rendered_view(
                context, photo, renderer, attributes, points, annotation, reference, camera
            )
        )
    return views


def photo_flow(context: Context, photo: PhotoMotionInputs, camera: Camera) -> Float32Array:
    """Return the flow [H, W, 2] of the photo itself, in pixels per frame.

    Args:
        context: Provides the checkpoints and the device.
        photo: The photo's own images.
        camera: The photo camera.
    """
    drawn = _drawn(photo, camera)
    return estimate_motion(
        context,
        photo.image,
        photo.mask,
        method=photo.method,
        setting=Setting(
            photo.horizon_row,
            sky=photo.sky,
            water=photo.water,
            falls=photo.falls,
            flows=photo.flows,
            depth=photo.depth,
            focal=float(camera.K[0, 0]),
            fps=photo.fps,
        ),
        annotation=photo.annotation,
        flow=photo.flow,
        surface=None
        if drawn is None
        else HintedSurface(drawn, photo.depth, camera, photo.shell, photo.horizon_row),
    )


def _drawn(photo: PhotoMotionInputs, camera: Camera) -> Float32Array | None:
    """Return the hints [n, 2, 2] in pixels of the camera, None if there are none."""
    if photo.annotation is None or not len(photo.annotation.hints):
        return None
    return photo.annotation.resized(camera.width, camera.height).hints


def _lifted(photo: PhotoMotionInputs, reference: Camera) -> LiftedHints | None:
    drawn = _drawn(photo, reference)
    if drawn is None:
        return None
    normals = surface_normals(photo.depth, reference, photo.mask)
    return lift_hints(drawn, photo.depth, reference, normals)


def _rendered_view(
    context: Context,
    photo: PhotoMotionInputs,
    renderer: PointRenderer,
    attributes: Float32Array,
    points: Float32Array,
    annotation: Annotation | None,
    reference: Camera,
    camera: Camera,
) -> MotionView:
    """Estimate motion on what ``camera`` sees of the cloud."""
    index, depth = renderer.nearest(camera)
    seen = np.where((index >= 0)[..., None], attributes[index], 0.0).astype(np.float32)
    mask = np.ascontiguousarray(seen[..., 3])
    flow = estimate_motion(
        context,
        np.ascontiguousarray(seen[..., :3]),
        mask,
        method=photo.method,
        setting=Setting(
            horizon_in(camera, reference, photo.horizon_row),
            sky=np.ascontiguousarray(seen[..., 4]),
            water=np.ascontiguousarray(seen[..., 5]),
            depth=depth,
            focal=float(camera.K[0, 0]),
            fps=photo.fps,
        ),
        annotation=annotation,
    )
    return MotionView(camera, flow, mask, visible_points(points, depth, camera))


def _projected(hints: LiftedHints, camera: Camera) -> Annotation | None:
    """Return the hints as if they had been drawn on ``camera``'s image, None if one is not near."""
    starts, motions, visible = project_hints(hints, camera)
    if not visible.all():
        return None
    ends = starts + motions * FRAMES_PER_DRAG
    lines = np.stack([starts, ends], axis=1).astype(np.float32)
    return Annotation((), lines, camera.width, camera.height)


def horizon_in(camera: Camera, reference: Camera, row: float) -> float:
    """Return the row at which ``camera`` sees the horizon that ``reference`` sees at ``row``."""
    towards = np.linalg.inv(reference.K) @ np.array([reference.K[0, 2], row, 1.0])
    direction = reference.viewmat[:3, :3].T @ towards
    seen = camera.K @ (camera.viewmat[:3, :3] @ direction)
    return float(seen[1] / seen[2]) if seen[2] > 1e-6 else row
