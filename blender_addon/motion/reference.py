"""The camera that took the photo, as far as drawing needs it: its lens and where the photo is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from livescape_shared.camera import Camera, CameraPath
from livescape_shared.errors import LivescapeError

from ..camera.alone import scene_cameras, stand_in
from ..camera.path import check_camera, read_camera
from ..camera.pose import pose_of
from ..generate.framing import framed
from ..properties import reference_frame, settings_of
from .placing import placement

Float64Array = NDArray[np.float64]

_DISTANCE_M = 1.0


@dataclass(frozen=True)
class Stage:
    """Where strokes are drawn.

    Attributes:
        camera: The camera object that they hang on.
        photo: Width and height of the photo in pixels.
        local: [4, 4] from the photo's frame to the camera's axes, without the camera's own scale.
    """

    camera: bpy.types.Object
    photo: tuple[int, int]
    local: Float64Array

    @property
    def eye(self) -> Float64Array:
        """Where the camera is [3] in the photo's frame."""
        return np.asarray(np.linalg.inv(self.local)[:3, 3])

    @property
    def hung(self) -> Matrix:
        """What puts a child of the camera there, however the camera is scaled."""
        turned = _rotation(self.camera).to_3x3()
        undone = self.camera.matrix_world.to_3x3().inverted_safe() @ turned
        hung: Matrix = undone.to_4x4() @ Matrix(self.local.tolist())
        return hung

    @property
    def world(self) -> Matrix:
        """From the photo's frame to the world, as the camera stands now."""
        placed = Matrix.Translation(self.camera.matrix_world.translation) @ _rotation(self.camera)
        world: Matrix = placed @ Matrix(self.local.tolist())
        return world


def _rotation(camera: bpy.types.Object) -> Matrix:
    """Return how a camera is turned [4, 4], and mirrored if it is.

    A mirrored camera shows the world the other way round, and the photo behind it as it is: what
    lies over the photo there is mirrored in the world.
    """
    pose = pose_of(np.array(camera.matrix_world, dtype=np.float64))
    if pose is None:
        return Matrix.Identity(4)  # squashed flat, which is said where the camera is read
    axes = pose.rotation * ((-1.0, 1.0, 1.0) if pose.is_mirrored else 1.0)
    turned: Matrix = Matrix(axes.tolist()).to_4x4()
    return turned


def photo_size(scene: bpy.types.Scene) -> tuple[int, int]:
    """Return width and height of the scene's photo in pixels.

    Raises:
        LivescapeError: ``photo_missing``.
    """
    width, height = settings_of(scene).photo_size
    if min(width, height) <= 0:
        raise LivescapeError(
            "photo_missing",
            "There is no photo to draw on.",
            hint="Choose a photo first; strokes are kept in its frame.",
        )
    return int(width), int(height)


def stage_of(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> Stage:
    """Return where strokes are drawn in a scene.

    Args:
        scene: Has a photo and a camera.
        depsgraph: Its evaluated dependency graph.

    Raises:
        LivescapeError: ``photo_missing``, or the codes of cameras.
    """
    photo = photo_size(scene)
    check_camera(scene)
    _takings.pop(scene.session_uid, None)
    if changes_by_itself(scene):
        _look_at_frame(scene)
    return _stage(scene, photo, depsgraph)


def stage_now(scene: bpy.types.Scene) -> Stage | None:
    """Return where strokes are drawn, as far as that is known without evaluating anything."""
    context = bpy.context
    layer = context.view_layer if context.scene == scene else scene.view_layers[0]
    if layer is None or layer.depsgraph is None:
        return None
    try:
        return _stage(scene, photo_size(scene), layer.depsgraph)
    except LivescapeError:
        return None


def taking_camera(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> Camera:
    """Return the camera that took the photo, as it is known; of its place only the lens is sure.

    Raises:
        LivescapeError: The codes of cameras.
    """
    return _taking(scene, depsgraph)[1]


def changes_by_itself(scene: bpy.types.Scene) -> bool:
    """Whether the lens at the frame of the photo may be another than now."""
    camera = scene.camera
    animated = any(
        getattr(block, "animation_data", None) is not None
        for block in (scene, camera and camera.data)
    )
    return animated or any(marker.camera is not None for marker in scene.timeline_markers)


_takings: dict[int, tuple[int, Camera]] = {}
"""By scene, the camera that took the photo, by its id, where the frame had to be changed for it."""


def _look_at_frame(scene: bpy.types.Scene) -> None:
    """Read the camera at the frame of the photo, if a copy of the scene can tell it."""
    with stand_in(scene) as copy:
        if copy is not None:
            copy.frame_set(reference_frame(scene))
            graph: Any = copy.view_layers[0].depsgraph
            taking = check_camera(copy).session_uid
            _takings[scene.session_uid] = (taking, read_camera(copy, graph))


def _stage(scene: bpy.types.Scene, photo: tuple[int, int], depsgraph: bpy.types.Depsgraph) -> Stage:
    camera, taking = _taking(scene, depsgraph)
    path = CameraPath(taking, (taking,), (1,), 24.0)
    reference = framed(path, photo, settings_of(scene).frame).reference
    local = placement(reference, photo, _distance(scene, camera))
    pose = pose_of(np.array(camera.matrix_world, dtype=np.float64))
    if pose is not None and pose.is_mirrored:
        local[0, 3] = -local[0, 3]  # the lens is read as that of a camera that is not
    return Stage(camera, photo, local)


def _taking(
    scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph
) -> tuple[bpy.types.Object, Camera]:
    """Return the camera object that took the photo, and its lens then."""
    known = _takings.get(scene.session_uid) if changes_by_itself(scene) else None
    if known is not None:
        for item in scene_cameras(scene):
            if item.session_uid == known[0]:
                return item, known[1]
    return check_camera(scene), read_camera(scene, depsgraph)


def _distance(scene: bpy.types.Scene, camera: bpy.types.Object) -> float:
    """Return how far from the camera the photo is shown, within what the camera shows."""
    lens = camera.data
    assert isinstance(lens, bpy.types.Camera)
    wanted = _DISTANCE_M / max(scene.unit_settings.scale_length, 1e-6)
    return min(max(wanted, 2.0 * lens.clip_start), 0.5 * (lens.clip_start + lens.clip_end))
