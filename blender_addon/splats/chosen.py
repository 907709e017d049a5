"""Our objects in front of the artist: selected, and in a shading that shows them."""

from __future__ import annotations

from typing import Any, Final

import bpy

from .object import is_ours

SHOWN_BY: Final = "MATERIAL"
_HIDDEN_BY = ("SOLID", "WIREFRAME")


def select(scene: bpy.types.Scene, item: bpy.types.Object | None) -> None:
    """Select an object alone and make it active, in every view layer of a scene that has it."""
    for layer in scene.view_layers:
        _ = layer.objects.active  # asking lets Blender list objects that are new in it
        if item is None or layer.objects.get(item.name) != item:
            continue
        for other in layer.objects:
            if other.select_get(view_layer=layer):
                other.select_set(False, view_layer=layer)
        item.select_set(True, view_layer=layer)
        layer.objects.active = item


def hides_ours(context: Any) -> bool:
    """Whether the viewport of ``context`` is shaded so that our objects have no colours."""
    space = context.space_data
    if not isinstance(space, bpy.types.SpaceView3D) or space.shading.type not in _HIDDEN_BY:
        return False
    return any(map(is_ours, context.scene.objects))
