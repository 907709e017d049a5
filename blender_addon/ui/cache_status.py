"""The panel's word on caches that are missing, damaged or foreign."""

from __future__ import annotations

import time

import bpy

from livescape_shared.errors import LivescapeError

from ..cache.check import cache_problem
from ..splats.object import splat_objects

KEPT_SECONDS = 3.0
"""A panel is drawn often, a file system may be slow: an answer stays good for so long."""

_answers: dict[tuple[str, str], tuple[float, LivescapeError | None]] = {}


def known_problems(scene: bpy.types.Scene) -> list[LivescapeError]:
    """Return what is wrong with the caches of the scene's objects, one error an object."""
    now = time.monotonic()
    for key in [key for key, (until, _) in _answers.items() if until < now]:
        del _answers[key]
    problems = []
    for played in splat_objects(scene):
        key = (bpy.data.filepath, played.item.name_full)
        if key not in _answers:
            _answers[key] = (now + KEPT_SECONDS, cache_problem(played))
        problem = _answers[key][1]
        if problem is not None:
            problems.append(problem)
    return problems
