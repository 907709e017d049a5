"""What an artist should know of the cameras of a scene before they are read."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from ..splats.object import is_ours
from .alone import scene_cameras
from .pose import pose_of


def remarks(scene: bpy.types.Scene) -> list[str]:
    """Return a sentence for each thing about the cameras that a render will show."""
    found = [sentence for camera in scene_cameras(scene) for sentence in _of_camera(camera)]
    return [*found, *_of_stereo(scene), *_of_instances(scene)]


def _of_camera(camera: bpy.types.Object) -> list[str]:
    pose = pose_of(np.array(camera.matrix_world))
    found = []
    if pose is not None and pose.is_mirrored:
        found.append(
            f"{camera.name} is mirrored by its scale or its parent's: renders show the photo the "
            "other way round. Apply the scale to have it as it is."
        )
    if pose is not None and pose.is_sheared:
        found.append(
            f"{camera.name} is sheared by a parent; the nearest rotation is used, and renderers "
            "differ about such cameras. Clear the parent's uneven scale."
        )
    return found


def _of_stereo(scene: Any) -> list[str]:
    if not scene.render.use_multiview:
        return []
    eyes = [scene.camera.data.stereo] if scene.camera and scene.camera.type == "CAMERA" else []
    apart = eyes[0].interocular_distance if eyes else 0.0
    return [
        f"Stereoscopy is on: the scene is made for the middle of the two views, which are "
        f"{apart:g} apart. Each eye sees a little more of what the photo does not show."
    ]


def _of_instances(scene: bpy.types.Scene) -> list[str]:
    """Say of instances elsewhere that their splats face the camera from where the original is."""
    found = []
    for item in scene.objects:
        collection = item.instance_collection if item.instance_type == "COLLECTION" else None
        if collection is None or not any(map(is_ours, collection.all_objects)):
            continue
        offset = np.array(item.matrix_world) - np.eye(4)
        offset[:3, 3] -= np.array(collection.instance_offset)
        if np.abs(offset).max() > 1e-4:
            found.append(
                f"{item.name} shows a Livescape elsewhere, as an instance of {collection.name}: "
                "its splats face the camera as they do in their own place. Move the object itself, "
                "or make the instance real."
            )
    return found
