"""Making camera, resolution and background of a scene those of the photo."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from ..generate import framing
from ..properties import settings_of
from . import looking

DEFAULT_FOV_DEGREES = 50.0
"""Along the long side, of a photo whose file does not say: as the backend assumes."""

SENSOR_MM = 36.0
EYE_HEIGHT_M = 1.6
BACKGROUND_ALPHA = 0.5

_UPRIGHT = {
    1: (0, False, False), 2: (0, True, False), 3: (0, True, True), 4: (0, False, True),
    5: (-90, True, False), 6: (90, False, False), 7: (90, True, False), 8: (-90, False, False),
}  # fmt: skip
"""By Exif's orientation: degrees clockwise by which a background is turned, and its flips."""


@dataclass(frozen=True)
class Matched:
    """What was made to fit.

    Attributes:
        camera: The camera.
        focal: Its focal length in millimetres.
        is_known: Whether the file says it.
        resolution: Width and height.
        is_turned: Whether the camera was turned; an animated one is not.
    """

    camera: bpy.types.Object
    focal: float
    is_known: bool
    resolution: tuple[int, int]
    is_turned: bool

    def __str__(self) -> str:
        """Return a line for the artist."""
        lens = "as the file says" if self.is_known else "assumed, the file does not say"
        size = f"{self.resolution[0]} x {self.resolution[1]}"
        turned = "" if self.is_turned else "; it is animated and was not turned"
        return f"{self.camera.name}: {self.focal:.1f} mm ({lens}), {size} pixels{turned}"


def match_camera(
    scene: Any, photo: Path, look: looking.Look, *, longest: int, horizon: float | None
) -> Matched:
    """Let the camera of a scene see what the photo shows.

    Args:
        scene: Whose camera, resolution and background are changed; it gets a camera if it has none.
        photo: The photo, which can be read.
        look: What is known of it.
        longest: Most pixels of the long side.
        horizon: Height of the photo's horizon, 0 at its top and 1 at its foot, which says how far
            the camera looks up; None leaves its direction, unless it is new.
    """
    camera = scene.camera
    is_new = camera is None or camera.type != "CAMERA"
    if is_new:
        camera = _new_camera(scene)
    focal = look.focal_35mm or SENSOR_MM / 2 / math.tan(math.radians(DEFAULT_FOV_DEGREES) / 2)
    _set_lens(camera.data, focal)
    resolution = resolution_of(look.size, longest)
    render = scene.render
    render.resolution_x, render.resolution_y = resolution
    render.resolution_percentage = 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1.0
    is_turned = is_new
    if horizon is not None and not _is_turning(camera):
        below = (horizon - 0.5) * look.size[1] / max(look.size)
        level(camera, math.atan(below * SENSOR_MM / focal))
        is_turned = True
    show_background(camera.data, photo, look, settings_of(scene).frame)
    return Matched(camera, focal, look.focal_35mm > 0.0, resolution, is_turned or horizon is None)


def resolution_of(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return the photo's shape with at most so many pixels, in even numbers, as videos need."""
    factor = min(longest / max(size), 1.0)
    width, height = (max(round(side * factor / 2) * 2, 4) for side in size)
    return width, height


def level(camera: bpy.types.Object, pitch: float) -> None:
    """Turn a camera so that its horizon is level and it looks up by ``pitch`` radians."""
    forward = -camera.matrix_world.to_3x3().col[2]
    heading = math.atan2(-forward.x, forward.y) if abs(forward.z) < 0.999 * forward.length else 0.0
    camera.rotation_mode = "XYZ"
    camera.rotation_euler = (math.pi / 2 + pitch, 0.0, heading)


def show_background(data: bpy.types.Camera, photo: Path, look: looking.Look, frame: str) -> None:
    """Show the photo behind what the camera sees, once."""
    image = bpy.data.images.load(str(photo), check_existing=True)
    for shown in data.background_images:
        if shown.image == image:
            break
    else:
        shown = data.background_images.new()
        shown.image = image
    shown.frame_method = "FIT" if frame == framing.FIT else "CROP"
    turn, shown.use_flip_x, shown.use_flip_y = _UPRIGHT[look.orientation]
    shown.rotation = math.radians(turn)
    shown.scale = _scale(look, shown.frame_method) if turn else 1.0
    shown.display_depth = "BACK"
    shown.alpha = BACKGROUND_ALPHA
    shown.show_background_image = True
    data.show_background_images = True


def _scale(look: looking.Look, method: str) -> float:
    """Return by how much a turned picture must grow: it is fitted into the frame as it lies."""
    longer = max(look.size) / min(look.size)
    return longer if method == "FIT" else 1.0 / longer


def _new_camera(scene: bpy.types.Scene) -> bpy.types.Object:
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    scale = scene.unit_settings.scale_length or 1.0
    camera.location = (0.0, 0.0, EYE_HEIGHT_M / scale)
    camera.rotation_euler = (math.pi / 2, 0.0, 0.0)
    scene.camera = camera
    return camera


def _set_lens(data: bpy.types.Camera, focal: float) -> None:
    data.type = "PERSP"
    data.sensor_fit = "AUTO"
    data.sensor_width = SENSOR_MM
    data.lens_unit = "MILLIMETERS"
    data.lens = focal
    data.shift_x = data.shift_y = 0.0


def _is_turning(camera: bpy.types.Object) -> bool:
    """Whether something else than the artist's hand turns a camera."""
    if camera.parent is not None or len(camera.constraints):
        return True
    animated = camera.animation_data
    return animated is not None and (animated.action is not None or bool(animated.drivers))
