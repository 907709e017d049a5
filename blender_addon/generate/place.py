"""From a whole cache to the object in the scene."""

from __future__ import annotations

import bpy

from ..cache.contents import load_cache
from ..cache.folder import cache_folder, relative_folder
from ..splats.build import build_object


def place_object(scene: bpy.types.Scene, name: str) -> bpy.types.Object:
    """Build or renew the object that plays the cache called ``name``.

    Raises:
        LivescapeError: ``blend_unsaved``, ``cache_missing`` or ``cache_damaged``; then the scene
            is as it was.
    """
    content = load_cache(cache_folder(name), relative_folder(name))
    return build_object(scene, content)
