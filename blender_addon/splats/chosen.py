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


def show_ours(space: Any) -> None:
    """Shade a 3D viewport so that it shows our objects, and what stands among them, as renders do.

    Blender's own lighting of Material Preview has a sun, whose shadows EEVEE would keep for all the
    space within the Gaussians' bounds: beside any mesh it says "Shadow buffer full", and is slow.
    """
    space.shading.type = SHOWN_BY
    space.shading.use_scene_lights = space.shading.use_scene_world = True


def hides_ours(context: Any) -> bool:
    """Whether the viewport of ``context`` is shaded so that our objects have no colours."""
    space = context.space_data
    if not isinstance(space, bpy.types.SpaceView3D) or space.shading.type not in _HIDDEN_BY:
        return False
    return any(map(is_ours, context.scene.objects))
