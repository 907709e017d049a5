"""What every compositing set-up stands on: separate collections and a compositor tree in use.

The first set-up enters the stage, the last one to be restored leaves it.
"""

from __future__ import annotations

import bpy

from .. import compat
from ..render_setup.ledger import Ledger
from . import collections, own_tree, wiring

LAYER = "livescape_compositing_layer"
"""Custom property of the scene, and of the artist's view layer that the set-ups stand in for."""

_LEDGER = "livescape_compositing_before"


def enter(scene: bpy.types.Scene, layer: bpy.types.ViewLayer) -> list[str]:
    """Prepare ``scene`` for a set-up in the place of ``layer``; return what was changed."""
    phrases = collections.separate(scene)
    if scene.get(LAYER) is not None:
        return phrases
    scene[LAYER], layer[LAYER] = True, True
    was_on = compat.is_compositor_on(scene)
    ledger = Ledger(scene, _LEDGER)
    changes = ledger.change("render.use_single_layer", False)
    changes += ledger.change("render.use_compositing", True)
    phrases += map(str, changes)
    tree = compat.compositor_tree(scene)
    if not was_on or not tree.nodes:
        phrases += own_tree.open_tree(scene, layer.name)
    return phrases


def spare_main_layer(scene: bpy.types.Scene) -> list[str]:
    """Render the artist's view layer only where something still uses it; return the changes."""
    layer = main_layer(scene)
    if layer is None:
        return []
    used = wiring.used_outputs(compat.compositor_tree(scene), main_sources(scene))
    matte = layer.use_pass_cryptomatte_object or layer.use_pass_cryptomatte_material
    needed = bool(used) or matte or layer.use_pass_cryptomatte_asset
    changes = Ledger(scene, _LEDGER).change("use", needed, layer)
    return [str(change) for change in changes]


def leave(scene: bpy.types.Scene) -> list[str]:
    """Undo :func:`enter`; return what was changed."""
    phrases = own_tree.close_tree(scene)
    phrases += map(str, Ledger(scene, _LEDGER).restore())
    for marked in (scene, *scene.view_layers):
        marked.pop(LAYER, None)
    return phrases + collections.rejoin(scene)


def main_layer(scene: bpy.types.Scene) -> bpy.types.ViewLayer | None:
    """Return the artist's view layer that the set-ups stand in for, if there is one."""
    if isinstance(scene.get(LAYER), str):  # an early version kept its name
        return scene.view_layers.get(scene[LAYER])
    return next((layer for layer in scene.view_layers if layer.get(LAYER) is not None), None)


def main_sources(scene: bpy.types.Scene) -> list[bpy.types.Node]:
    """Return the Render Layers nodes of the artist's view layer."""
    layer, tree = main_layer(scene), compat.compositor_tree(scene)
    return wiring.artist_layers(scene, tree, layer.name) if layer and tree else []
