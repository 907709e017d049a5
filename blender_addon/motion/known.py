"""What is drawn, and its faults, as last read, for views and panels that are drawn often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy

from .canvas import canvases, fits, read_paint
from .faults import faults
from .properties import FLOW
from .reference import Stage
from .strokes import Stroke, read_strokes


@dataclass
class _Reading:
    key: tuple[Any, ...]
    strokes: list[Stroke]
    faults: list[str] | None = None


MOST_KEPT = 16
_readings: dict[int, _Reading] = {}
_changes = 0


def changed() -> None:
    """Note that something in the file has changed, strokes perhaps."""
    global _changes
    _changes += 1


def known_strokes(scene: bpy.types.Scene, stage: Stage | None) -> list[Stroke]:
    """Return the strokes of a scene, read again only if something has changed."""
    return _reading(scene, stage).strokes


def known_faults(scene: bpy.types.Scene, stage: Stage | None, photo: tuple[int, int]) -> list[str]:
    """Return what is wrong with what is drawn in a scene; see :func:`.faults.faults`."""
    reading = _reading(scene, stage)
    if reading.faults is None:
        has_arrows = any(stroke.kind == FLOW for stroke in reading.strokes)
        paint = read_paint(scene, photo) if has_arrows else None
        reading.faults = [
            f"{item.name} is painted on a photo of another shape and is not used."
            for item in canvases(scene)
            if not fits(item, photo)
        ]
        reading.faults += faults(reading.strokes, photo, paint)
    return reading.faults


def _reading(scene: bpy.types.Scene, stage: Stage | None) -> _Reading:
    placed = None if stage is None else (stage.photo, stage.local.tobytes())
    key = (_changes, len(scene.objects), placed)
    reading = _readings.get(scene.session_uid)
    if reading is None or reading.key != key:
        if len(_readings) > MOST_KEPT:
            _readings.clear()
        reading = _readings[scene.session_uid] = _Reading(key, read_strokes(scene, stage))
    return reading
