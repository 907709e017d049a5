"""What the add-on does when a file is opened and when a render begins."""

from __future__ import annotations

import logging
from typing import Any

import bpy
from bpy.app.handlers import persistent

from . import compat
from .cache.check import cache_problem
from .splats.object import splat_objects

LOGGER = logging.getLogger(__name__)


def log_problems(scene: bpy.types.Scene) -> None:
    """Say in the log which objects of ours cannot play their cache, and what to do."""
    for played in splat_objects(scene):
        problem = cache_problem(played)
        if problem is not None:
            LOGGER.error("%s: %s", played.item.name, problem)


@persistent
def _file_opened(*_: Any) -> None:
    for scene in bpy.data.scenes:
        for played in splat_objects(scene):
            compat.adopt_newer_drivers(played.item)
        log_problems(scene)


@persistent
def _render_begins(scene: bpy.types.Scene, *_: Any) -> None:
    log_problems(scene)


def register() -> None:
    """Listen."""
    bpy.app.handlers.load_post.append(_file_opened)
    bpy.app.handlers.render_init.append(_render_begins)


def unregister() -> None:
    """Undo :func:`register`."""
    bpy.app.handlers.render_init.remove(_render_begins)
    bpy.app.handlers.load_post.remove(_file_opened)
