"""Ready-made moves: ordinary keyframes about where the photo was taken, as large as the scene asks.

Side, up, dolly and circle are those of the paper's evaluation, whose unit is the distance of what
is nearest in the photo.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Euler, Matrix, Vector

from ..properties import frame_rate
from .keys import LENS, POSE, remove_curves

ORBIT_DEGREES = 8.0
ZOOM = 1.4
SHAKE_SECONDS = 0.12
"""Time between keyframes of a hand-held camera: a quarter of its fastest swing."""

_SHAKE = ((0.31, 1.0), (0.73, 0.55), (1.9, 0.25))
"""Frequency in hertz and size of what a hand does, slow to fast."""

_SHAKE_SHIFT, _SHAKE_TURN = 0.012, math.radians(0.35)
"""Size of its shifts in nearest distances, and of its turns."""


@dataclass(frozen=True)
class Size:
    """How large the scene is, in Blender units.

    Attributes:
        near: Distance of what is nearest.
        focus: Distance of what the camera looks at.
    """

    near: float
    focus: float


@dataclass(frozen=True)
class Move:
    """One ready-made move.

    Attributes:
        label: Its name for the artist.
        tip: What it does.
        keys: Keyframes; 0 for as many as the hand needs.
        pose: Returns the camera at part 0..1 of the move, relative to the photo's, and the factor
            of its lens.
    """

    label: str
    tip: str
    keys: int
    pose: Callable[[float, float, Size], tuple[Matrix, float]]


def _shift(x: float, y: float, z: float) -> Matrix:
    return Matrix.Translation(Vector((x, y, z)))


def _dolly(s: float, seconds: float, size: Size) -> tuple[Matrix, float]:
    return _shift(0.0, 0.0, -0.24 * s * size.near), 1.0


def _side(s: float, seconds: float, size: Size) -> tuple[Matrix, float]:
    return _shift(0.18 * s * size.near, 0.0, 0.0), 1.0


def _up_down(s: float, seconds: float, size: Size) -> tuple[Matrix, float]:
    return _shift(0.0, 0.16 * s * size.near, 0.0), 1.0


def _zoom(s: float, seconds: float, size: Size) -> tuple[Matrix, float]:
    return Matrix.Identity(4), ZOOM**s


def _circle(s: float, seconds: float, size: Size) -> tuple[Matrix, float]:
    """Begins at its lowest point, away from the ground."""
    around = 2.0 * math.pi * s
    radius = 0.04 * size.near
    forward = 0.09 * size.near * math.sin(around / 2.0)
    return _shift(radius * math.sin(around), radius * (1.0 - math.cos(around)), -forward), 1.0


def _orbit(s: float, seconds: float, size: Size) -> tuple[Matrix, float]:
    turn = Matrix.Rotation(math.radians(ORBIT_DEGREES) * s, 4, "Y")
    centre = _shift(0.0, 0.0, -size.focus)
    return centre @ turn @ centre.inverted(), 1.0


def _handheld(s: float, seconds: float, size: Size) -> tuple[Matrix, float]:
    """Swings that do not repeat, zero at the beginning."""
    value = [
        sum(
            part * (math.sin(2 * math.pi * hertz * seconds * s + phase) - math.sin(phase))
            for hertz, part in _SHAKE
        )
        for phase in (0.0, 1.3, 2.9, 4.1, 5.3, 0.7)
    ]
    shift = np.array(value[:3]) * _SHAKE_SHIFT * size.near
    turn = Euler([each * _SHAKE_TURN for each in value[3:]])
    return _shift(*shift.tolist()) @ turn.to_matrix().to_4x4(), 1.0


MOVES = {
    "DOLLY": Move("Dolly", "Forward, into the picture", 2, _dolly),
    "SIDE": Move("Side", "To the right, looking ahead", 2, _side),
    "UP_DOWN": Move("Up-Down", "Upwards, looking ahead; a negative amount goes down", 2, _up_down),
    "ZOOM": Move("Zoom", "The lens grows longer; the camera stays", 2, _zoom),
    "CIRCLE": Move("Circle", "Once around, forward and back, as in the paper", 17, _circle),
    "ORBIT": Move("Orbit", "Around what is in the middle of the picture", 9, _orbit),
    "HANDHELD": Move("Handheld", "The small unrest of a camera in the hand", 0, _handheld),
}


def add_move(
    scene: bpy.types.Scene,
    kind: str,
    size: Size,
    *,
    amount: float = 1.0,
    reference_frame: int | None = None,
    pose: Matrix | None = None,
) -> int:
    """Key a move over the frames of a scene; it takes the place of the camera's own keyframes.

    Args:
        scene: Whose active camera moves.
        kind: A key of :data:`MOVES`.
        size: Of the scene.
        amount: Factor of the move; negative ones go the other way.
        reference_frame: Frame at which the camera is where the photo was taken from; the first if
            not given.
        pose: Where that is, in the world; where the camera is now if not given.

    Returns:
        How many keyframes each curve has.
    """
    camera = scene.camera
    assert camera is not None
    data = camera.data
    assert isinstance(data, bpy.types.Camera)
    move = MOVES[kind]
    first, last = scene.frame_start, max(scene.frame_end, scene.frame_start + 1)
    at = first if reference_frame is None else reference_frame
    seconds = (last - first) / frame_rate(scene)
    place = camera.matrix_world.copy() if pose is None else pose
    place = Matrix.LocRotScale(place.to_translation(), place.to_quaternion(), None)
    lens = data.lens
    scaled = Size(size.near * amount, size.focus)

    def part(frame: float) -> tuple[Matrix, float]:
        s = (frame - first) / (last - first)
        if kind in ("ORBIT", "ZOOM"):
            s *= amount
        return move.pose(s, seconds, scaled)

    origin, origin_lens = part(at)
    frames = _frames(first, last, move.keys, seconds)
    remove_curves(camera, POSE)
    if kind == "ZOOM":
        remove_curves(data, LENS[:1])
    camera.rotation_mode = "XYZ"
    local = _to_local(camera)
    scale = camera.scale.copy()
    before: Euler | None = None
    for frame in frames:
        relative, factor = part(frame)
        basis = local @ (place @ origin.inverted() @ relative)
        turn = basis.to_euler("XYZ", before) if before is not None else basis.to_euler("XYZ")
        camera.location, camera.rotation_euler, before = basis.to_translation(), turn, turn
        for name in ("location", "rotation_euler"):
            camera.keyframe_insert(name, frame=frame)
        if kind == "ZOOM":
            data.lens = lens * factor / origin_lens
            data.keyframe_insert("lens", frame=frame)
    camera.scale = scale
    return len(frames)


def _frames(first: int, last: int, keys: int, seconds: float) -> list[int]:
    count = keys or max(round(seconds / SHAKE_SECONDS), 2) + 1
    count = min(count, last - first + 1)
    return [int(frame) for frame in np.unique(np.linspace(first, last, count).round())]


def _to_local(camera: bpy.types.Object) -> Matrix:
    """Return what turns a place in the world into the values that the camera's keyframes have."""
    if camera.parent is None:
        return Matrix.Identity(4)
    now: Matrix = camera.matrix_world @ camera.matrix_basis.inverted_safe()
    return now.inverted_safe()
