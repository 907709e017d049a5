"""The evaluated camera of every frame: keyframes, constraints, parents, drivers, markers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from livescape_shared.camera import Camera, CameraPath
from livescape_shared.errors import LivescapeError

from ..properties import frame_rate
from .alone import resting_splats, stand_in
from .intrinsics import Lens, Raster, intrinsic_matrix
from .pose import pose_of

BLENDER_TO_OPENCV = np.diag([1.0, -1.0, -1.0, 1.0])


def raster_of(scene: bpy.types.Scene) -> Raster:
    """Return the size at which ``scene`` renders."""
    render = scene.render
    width, height = (
        int(side * render.resolution_percentage / 100)
        for side in (render.resolution_x, render.resolution_y)
    )
    return Raster(max(width, 1), max(height, 1), render.pixel_aspect_x, render.pixel_aspect_y)


def _lens_of(data: bpy.types.Camera) -> Lens:
    return Lens(
        data.lens,
        data.sensor_fit,
        data.sensor_width,
        data.sensor_height,
        data.shift_x,
        data.shift_y,
    )


def check_camera(scene: bpy.types.Scene) -> bpy.types.Object:
    """Return the scene's camera object.

    Raises:
        LivescapeError: ``camera_missing``, ``camera_unsupported`` or ``camera_invalid``.
    """
    camera = scene.camera
    if camera is None or camera.type != "CAMERA":
        raise LivescapeError(
            "camera_missing",
            "The scene has no camera.",
            hint="Add a camera and make it the scene's active camera.",
        )
    lens_type = _data_of(camera).type
    if lens_type != "PERSP":
        kind = lens_type.lower().replace("pano", "panoramic").replace("ortho", "orthographic")
        raise LivescapeError(
            "camera_unsupported",
            f"The camera {camera.name} is {kind}; only perspective cameras are supported.",
            hint="Set the lens type of the camera to Perspective.",
        )
    return camera


def _data_of(camera: bpy.types.Object) -> bpy.types.Camera:
    """Return the lens of an object whose type is ``CAMERA``."""
    data = camera.data
    if not isinstance(data, bpy.types.Camera):
        message = f"{camera.name} is not a camera"
        raise TypeError(message)
    return data


def read_camera(
    scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph, *, unit_scale: float | None = None
) -> Camera:
    """Return the active camera as it is at the current frame.

    Args:
        scene: Scene whose camera is read.
        depsgraph: Evaluated dependency graph of that scene, which knows its animated render size.
        unit_scale: Metres per Blender unit; the scene's own if not given.

    Raises:
        LivescapeError: ``camera_missing``, ``camera_unsupported`` or ``camera_invalid``.
    """
    camera = check_camera(scene).evaluated_get(depsgraph)
    lens = _lens_of(_data_of(camera))
    sensor = min(lens.sensor_width, lens.sensor_height)
    if not (np.isfinite(lens.focal_length) and lens.focal_length > 0.0 and sensor > 0.0):
        raise LivescapeError(
            "camera_invalid",
            f"The focal length of {camera.name} is zero at frame {scene.frame_current}.",
            hint="Give the camera a focal length above zero at every frame.",
        )
    matrix = np.array(camera.matrix_world, dtype=np.float64)
    pose = pose_of(matrix)
    if pose is None:
        raise LivescapeError(
            "camera_invalid",
            f"The scale of {camera.name} is zero at frame {scene.frame_current}.",
            hint="Give the camera and its parents a scale other than zero at every frame.",
        )
    scale = scene.unit_settings.scale_length if unit_scale is None else unit_scale
    viewmat = np.eye(4)
    viewmat[:3, :3] = pose.rotation.T
    viewmat[:3, 3] = -pose.rotation.T @ matrix[:3, 3] * scale
    raster = raster_of(depsgraph.scene_eval)
    K = intrinsic_matrix(lens, raster)
    if pose.is_mirrored:
        K[0, 2] = raster.width - K[0, 2]
    return Camera(raster.width, raster.height, K, BLENDER_TO_OPENCV @ viewmat)


@contextmanager
def kept_frame(scene: bpy.types.Scene) -> Iterator[None]:
    """Put the scene back to its frame, sub-frame and active camera afterwards."""
    frame, subframe, camera = scene.frame_current, scene.frame_subframe, scene.camera
    try:
        yield
    finally:
        scene.frame_set(frame, subframe=subframe)
        if scene.camera != camera:  # a marker overrode the user's choice
            scene.camera = camera


def read_camera_path(context: bpy.types.Context, reference_frame: int) -> CameraPath:
    """Return the camera of every frame of the scene's range.

    Args:
        context: Whose scene is read.
        reference_frame: Frame whose camera took the photo; may lie outside the range.

    Raises:
        LivescapeError: As :func:`read_camera`, or ``camera_path_invalid``.
    """
    scene = context.scene
    numbers = range(scene.frame_start, scene.frame_end + 1)
    cameras = read_cameras(scene, {*numbers, reference_frame})
    path = tuple(cameras[frame] for frame in numbers)
    return CameraPath(cameras[reference_frame], path, tuple(numbers), frame_rate(scene))


def read_cameras(scene: bpy.types.Scene, frames: Collection[int]) -> dict[int, Camera]:
    """Return the camera at each of some frames.

    Raises:
        LivescapeError: As :func:`read_camera`.
    """
    check_camera(scene)
    in_order = sorted(frames)
    with stand_in(scene) as copy:
        cameras = _cameras_at(copy, in_order) if copy is not None else {}
    if not cameras:
        with kept_frame(scene), resting_splats():
            cameras = _cameras_at(scene, in_order)
    return cameras


def _cameras_at(scene: bpy.types.Scene, frames: list[int]) -> dict[int, Camera]:
    cameras = {}
    for frame in frames:
        scene.frame_set(frame)
        cameras[frame] = read_camera(scene, _graph_of(scene))
    return cameras


def _graph_of(scene: bpy.types.Scene) -> bpy.types.Depsgraph:
    """Return the graph that the last frame change of a scene has evaluated."""
    graph: bpy.types.Depsgraph = scene.view_layers[0].depsgraph
    return graph
