"""The compositing set-ups of a scene: which there are, setting one up, restoring it."""

from __future__ import annotations

from types import ModuleType

import bpy

from livescape_shared.errors import LivescapeError

from ..splats.layer_switch import EXACT
from ..splats.object import splat_objects
from . import depth_pass, exact_srgb, stage, view_layers

SETUPS: dict[str, ModuleType] = {module.PURPOSE: module for module in (exact_srgb, depth_pass)}
"""The set-ups by purpose, in the order in which they are set up."""


def is_active(scene: bpy.types.Scene, purpose: str) -> bool:
    """Whether the set-up is there."""
    return bool(view_layers.of_role(scene, purpose))


def set_up(scene: bpy.types.Scene, layer: bpy.types.ViewLayer, purpose: str) -> list[str]:
    """Set up, or renew, one purpose in the place of ``layer``, or of that of the other set-up.

    Returns:
        Everything that was changed, a phrase each.

    Raises:
        LivescapeError: ``object_missing``, ``object_outdated``, ``layer_is_ours``.
    """
    _check(scene, layer)
    phrases = restore(scene, purpose)
    layer = stage.main_layer(scene) or layer
    phrases += SETUPS[purpose].set_up(scene, layer)
    return phrases + stage.spare_main_layer(scene)


def restore(scene: bpy.types.Scene, purpose: str) -> list[str]:
    """Undo one set-up, if it is there; with the last one everything is as it was before."""
    if not is_active(scene, purpose):
        return []
    phrases: list[str] = SETUPS[purpose].restore(scene)
    if any(is_active(scene, other) for other in SETUPS):
        return phrases + stage.spare_main_layer(scene)
    return phrases + stage.leave(scene)


def _check(scene: bpy.types.Scene, layer: bpy.types.ViewLayer) -> None:
    ours = splat_objects(scene)
    if not ours:
        raise LivescapeError(
            "object_missing",
            "The scene has no Livescape object.",
            hint="Press Generate, or Rebuild from Cache.",
        )
    for each in ours:
        worn = [slot.material for slot in each.item.material_slots]
        if each.material not in worn or not _has_switch(each.material):
            raise LivescapeError(
                "object_outdated",
                f"{each.item.name} was built by an earlier version, or its material was replaced.",
                hint="Press Rebuild from Cache.",
            )
    if layer.get(view_layers.ROLE) is not None:
        raise LivescapeError(
            "layer_is_ours",
            f"The view layer {layer.name} belongs to a compositing set-up of Livescape.",
            hint="Choose your own view layer at the top right of the window.",
        )


def _has_switch(material: bpy.types.Material | None) -> bool:
    nodes = material.node_tree.nodes if material and material.node_tree else ()
    return any(getattr(node, "attribute_name", "") == EXACT for node in nodes)
