"""``camera_path.json``, which nerfstudio's viewer writes: the shot that was keyframed there.

Poses are camera to world in OpenGL's axes, 16 numbers row by row; ``fov`` is the angle that the
height covers, in degrees.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from livescape_shared.camera import MAX_FRAMES, MAX_SIDE, Camera, CameraPath
from livescape_shared.values import WrongValue, integer, number

from .found import GL, Found, posed, unreadable

_PERSPECTIVE = "perspective"


def is_viewer_path(values: Mapping[str, Any]) -> bool:
    """Return whether JSON is such a file."""
    return isinstance(values.get("camera_path"), list)


def read(path: Path, values: Mapping[str, Any]) -> Found:
    """Return the cameras of a file whose JSON is ``values``, as frames from 1 on.

    Raises:
        LivescapeError: ``cameras_unreadable`` or ``camera_invalid``.
    """
    kind = str(values.get("camera_type", _PERSPECTIVE))
    if kind != _PERSPECTIVE:
        raise unreadable(path.name, f"its cameras are {kind[:40]}, not perspective ones")
    try:
        width = integer(round(number(values["render_width"])), 1, MAX_SIDE)
        height = integer(round(number(values["render_height"])), 1, MAX_SIDE)
        steps = values["camera_path"]
        if not 0 < len(steps) <= MAX_FRAMES:
            raise unreadable(path.name, f"it has {len(steps)} cameras")
        cameras = tuple(_camera(path, step, width, height) for step in steps)
        fps = number(values.get("fps", 24.0))
    except WrongValue as error:
        raise unreadable(path.name, f"a number in it is {error}") from error
    except KeyError as error:
        raise unreadable(path.name, f"it lacks {error}") from error
    except (TypeError, AttributeError) as error:
        raise unreadable(path.name, "its cameras are not as the viewer writes them") from error
    frames = tuple(range(1, len(cameras) + 1))
    return Found(CameraPath(cameras[0], cameras, frames, fps))


def _camera(path: Path, step: Mapping[str, Any], width: int, height: int) -> Camera:
    pose = np.array([number(each) for each in step["camera_to_world"]], dtype=np.float64)
    if pose.size != 16:
        raise unreadable(path.name, f"a pose has {pose.size} numbers, not 16")
    focal = height / 2.0 / math.tan(math.radians(number(step["fov"], 0.1, 179.0)) / 2.0)
    K = np.array([[focal, 0.0, width / 2.0], [0.0, focal, height / 2.0], [0.0, 0.0, 1.0]])
    try:
        with np.errstate(all="ignore"):
            viewmat = np.asarray(np.linalg.inv(pose.reshape(4, 4) @ GL), dtype=np.float64)
    except np.linalg.LinAlgError as error:
        raise unreadable(path.name, "a pose is flat") from error
    return posed(width, height, K, viewmat)
