"""From a whole cache to the object in the scene."""

from __future__ import annotations

from pathlib import Path

import bpy

from livescape_shared.errors import LivescapeError

from ..cache.cache_folder import played_folder
from ..cache.contents import in_blend, load_cache
from ..cache.generations import newest_generation
from ..splats.build import build_object
from ..splats.object import SplatObject, find_object
from .worker import Arrived


def place_object(scene: bpy.types.Scene, folder: Path, name: str) -> bpy.types.Object:
    """Build the object that plays a generation, or let the one of this name play it.

    Args:
        scene: Gets the object.
        folder: The cache of the generation.
        name: Of the object.

    Raises:
        LivescapeError: ``cache_missing`` or ``cache_damaged``; then the scene is as it was.
    """
    return build_object(scene, load_cache(folder, name), find_object(scene, name))


def place_arrived(scene: bpy.types.Scene, arrived: Arrived) -> bpy.types.Object:
    """As :func:`place_object`, of what a worker has prepared; may be done in slices."""
    content = in_blend(arrived.content)
    renewed = find_object(scene, content.name)
    return build_object(scene, content, renewed, arrived.arrays)


def rebuild_object(scene: bpy.types.Scene, played: SplatObject) -> bpy.types.Object:
    """Build an object again from the cache that it plays.

    Raises:
        LivescapeError: ``object_linked``, or as :func:`place_object`; the scene is as it was.
    """
    if played.is_linked:
        raise LivescapeError(
            "object_linked",
            f"{played.item.name} is linked from another file.",
            hint="Open that file and rebuild it there.",
        )
    return build_object(scene, load_cache(played_folder(played), played.name), played)


def restore_object(scene: bpy.types.Scene, name: str) -> bpy.types.Object:
    """Build an object of this name from the cache that it plays, or played before it was lost.

    Raises:
        LivescapeError: ``blend_unsaved``, or as :func:`place_object`; the scene is as it was.
    """
    played = find_object(scene, name)
    if played is not None:
        return rebuild_object(scene, played)
    return place_object(scene, newest_generation(name), name)
