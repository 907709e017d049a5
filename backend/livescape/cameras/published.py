"""The camera sets of the paper's code: presets that turn on the spot, each with five satellites.

Composition, angles and order are those of 3D-MOM (cvsp-lab/ICLR2025_3D-MOM, ``train_motion.py``
and ``utils/trajectory.py``), which took them from LucidDreamer. ``released`` is what that code
runs, 5 x 5 views; ``paper`` is the batch of 105 of the text, 21 x 5.

*Scale.* Satellites orbit the point on the optical axis :data:`ORBIT_DISTANCE` = 4.3 m away by 5
degrees, which moves them 0.375 m sideways. These metres are ZoeDepth's, and with its depth they
are used as they are. Any other depth has its own metres (ZoeDepth was trained on rooms and puts
a mountain at ten), so there the orbit is centred at the scene's median depth without the sky:
every offset is multiplied by that median over 4.3, and a point at the median shows the
published parallax.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from livescape_shared.camera import Camera

Float64Array = NDArray[np.float64]

ORBIT_DISTANCE = 4.3
"""Metres from the camera to the point that satellites orbit."""

SATELLITES = ((5.0, 0.0), (0.0, -5.0), (0.0, 0.0), (0.0, 5.0), (-5.0, 0.0))
"""Yaw and pitch in degrees of the satellites of every preset."""

_YAWS = (0.0, 20.0, 40.0, 60.0, -20.0, -40.0, -60.0)
_PITCHES = (0.0, -22.5, 22.5)

PRESETS = {
    "released": ((0.0, 0.0), (20.0, 0.0), (-20.0, 0.0), (0.0, -22.5), (0.0, 22.5)),
    "paper": tuple((yaw, pitch) for pitch, yaw in product(_PITCHES, _YAWS)),
}
"""Yaw and pitch in degrees of the presets of each set."""


def published_poses(view_set: str, scale: float = 1.0) -> Float64Array:
    """Return world-to-camera matrices [V, 4, 4] in the order of the released code.

    The world is the photo camera's: OpenCV axes, x right, y down, z forward. View 2 is the
    identity.

    Args:
        view_set: ``released`` or ``paper``.
        scale: Factor on all offsets; 1 gives the published metres.

    Raises:
        ValueError: If there is no such set.
    """
    if view_set not in PRESETS:
        raise ValueError(f"view_set must be one of {tuple(PRESETS)}, got {view_set!r}")
    poses = []
    for preset, satellite in product(PRESETS[view_set], SATELLITES):
        pose = np.eye(4)
        pose[:3, :3] = _rotation(*satellite) @ _rotation(*preset)
        pose[:3, 3] = scale * _orbit(*satellite)
        poses.append(pose)
    return np.stack(poses)


def published_views(reference: Camera, view_set: str, scale: float) -> list[Camera]:
    """Return the cameras of ``view_set`` around ``reference``, which itself comes first.

    All have the reference camera's image size and intrinsics.
    """
    views = [
        Camera(reference.width, reference.height, reference.K, pose @ reference.viewmat)
        for pose in published_poses(view_set, scale)
        if not np.array_equal(pose, np.eye(4))
    ]
    return [reference, *views]


def _rotation(yaw: float, pitch: float) -> Float64Array:
    """Return Ry(yaw) Rx(pitch) [3, 3] in the released code's signs; angles in degrees."""
    (c, s), (cp, sp) = ((np.cos(a), np.sin(a)) for a in np.radians((yaw, pitch)))
    about_y = np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])
    about_x = np.array([[1.0, 0.0, 0.0], [0.0, cp, -sp], [0.0, sp, cp]])
    return np.asarray(about_y @ about_x)


def _orbit(yaw: float, pitch: float) -> Float64Array:
    """Return the translation [3] of a satellite in metres; angles in degrees."""
    yaw, pitch = np.radians((yaw, pitch))
    axial = 2.0 - np.cos(yaw) - np.cos(pitch)
    return ORBIT_DISTANCE * np.array([np.sin(yaw), np.sin(pitch), axial])
