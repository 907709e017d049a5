"""A camera object with a keyframe for each camera of a path."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from livescape_shared.camera import Camera, CameraPath
from livescape_shared.errors import LivescapeError

from .keys import curves_of
from .path import BLENDER_TO_OPENCV, read_cameras

PLACES = [
    ("FILE", "As in the File", "The file's world has Z up, as nerfstudio's and Livescape's"),
    ("Y_DOWN", "Y Down", "The file's world has Y down, as COLMAP's mostly has"),
    ("CAMERA", "At the Scene's Camera", "The first camera is where the scene's is now"),
]

SENSOR_MM = 36.0
_LINEAR = 1
"""Blender's number of linear interpolation."""

_Y_DOWN = np.array([[1.0, 0, 0, 0], [0, 0, 1.0, 0], [0, -1.0, 0, 0], [0, 0, 0, 1.0]])
_SQUARE = 5e-3


def key_cameras(
    scene: bpy.types.Scene,
    path: CameraPath,
    name: str,
    place: str,
    scale: float,
    use_format: bool,
) -> tuple[bpy.types.Object, list[str]]:
    """Add a camera to a scene that is keyed as a path says, and make it the active one.

    Args:
        scene: Gets the camera.
        path: What is keyed.
        name: Of the camera.
        place: Of :data:`PLACES`.
        scale: Metres of the path's unit.
        use_format: Whether the scene gets its frames and resolution.

    Returns:
        The camera, and what could not be kept.

    Raises:
        LivescapeError: ``camera_missing`` or the like if there is none to begin at.
    """
    unit = scene.unit_settings.scale_length or 1.0
    poses = np.array([camera.camera_to_world for camera in path.cameras])
    poses[:, :3, 3] *= scale
    poses = _placed(scene, poses, place)
    data = bpy.data.cameras.new(name)
    data.sensor_fit, data.sensor_width = "HORIZONTAL", SENSOR_MM
    item = bpy.data.objects.new(name, data)
    scene.collection.objects.link(item)
    item.rotation_mode = "QUATERNION"
    frames = list(path.frames)
    locations = poses[:, :3, 3] / unit
    _key(item, "location", frames, locations)
    _key(item, "rotation_quaternion", frames, _quaternions(poses[:, :3, :3]))
    lens = np.array([_lens(camera) for camera in path.cameras])
    for column, property_name in enumerate(("lens", "shift_x", "shift_y")):
        _key(data, property_name, frames, lens[:, column : column + 1])
    scene.camera = item
    if use_format:
        _use_format(scene, path)
    scene.frame_set(scene.frame_current)
    return item, _remarks(path)


def _placed(scene: bpy.types.Scene, poses: NDArray[np.float64], place: str) -> NDArray[np.float64]:
    if place == "Y_DOWN":
        return np.asarray(_Y_DOWN @ poses)
    if place == "CAMERA":
        if scene.camera is None:
            raise LivescapeError(
                "camera_missing",
                "The scene has no camera where the file's first one could be.",
                hint="Add a camera, or choose another place.",
            )
        here = read_cameras(scene, {scene.frame_current})[scene.frame_current].camera_to_world
        return np.asarray(here @ np.linalg.inv(poses[0]) @ poses)
    return poses


def _key(block: bpy.types.ID, name: str, frames: list[int], values: NDArray[np.float64]) -> None:
    """Key a property at every frame; [n, components]."""
    many = values.shape[1] > 1
    setattr(block, name, values[0].tolist() if many else float(values[0, 0]))
    block.keyframe_insert(name, frame=frames[0])
    for curve in curves_of(block, (name,)):
        points = curve.keyframe_points
        points.add(len(frames) - len(points))
        co = np.column_stack([frames, values[:, curve.array_index if many else 0]])
        points.foreach_set("co", co.astype(np.float32).ravel())
        points.foreach_set("interpolation", [_LINEAR] * len(frames))
        curve.update()


def _quaternions(rotations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return [n, 4] of cameras in OpenCV's axes, for Blender's, without jumps of sign."""
    turned = rotations @ BLENDER_TO_OPENCV[:3, :3]
    found = np.array([Matrix(each.tolist()).to_quaternion()[:] for each in turned])
    for index in range(1, len(found)):
        if found[index] @ found[index - 1] < 0.0:
            found[index] *= -1.0
    return found


def _lens(camera: Camera) -> tuple[float, float, float]:
    """Return focal length and shifts for a sensor that fits the width."""
    K, width, height = camera.K, camera.width, camera.height
    shift_x = (width / 2 - K[0, 2]) / width
    shift_y = (K[1, 2] - height / 2) / width
    return float(K[0, 0] * SENSOR_MM / width), float(shift_x), float(shift_y)


def _use_format(scene: bpy.types.Scene, path: CameraPath) -> None:
    first = path.cameras[0]
    scene.frame_start, scene.frame_end = min(path.frames), max(path.frames)
    scene.render.resolution_x, scene.render.resolution_y = first.width, first.height
    scene.render.resolution_percentage = 100
    scene.render.pixel_aspect_x = scene.render.pixel_aspect_y = 1.0
    squeeze = first.K[0, 0] / first.K[1, 1]
    if abs(squeeze - 1.0) > _SQUARE:
        # A pixel that is wide covers more: Blender's least aspect is 1.
        scene.render.pixel_aspect_x = max(1.0, 1.0 / squeeze)
        scene.render.pixel_aspect_y = max(1.0, squeeze)


def _remarks(path: CameraPath) -> list[str]:
    if len({(each.width, each.height) for each in path.cameras}) > 1:
        return ["The file's pictures differ in size; the scene has that of the first."]
    return []
