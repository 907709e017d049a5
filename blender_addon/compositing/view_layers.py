"""View layers made after the artist's, for Gaussians alone and for all else alone."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from . import collections

ROLE = "livescape_role"
"""Custom property of a view layer of ours; its value names the set-up that made it."""

_NOT_COPIED = ("name", "use", "use_freestyle", "denoising_store_passes")
_NOT_COPIED_FROM = ("active_", "use_pass_")


def make(
    scene: bpy.types.Scene, source: bpy.types.ViewLayer, name: str, role: str
) -> bpy.types.ViewLayer:
    """Return a new view layer that renders what ``source`` does, with the combined pass alone."""
    layer = scene.view_layers.new(name)
    layer[ROLE] = role
    _copy_settings(source, layer)
    _copy_settings(source.cycles, layer.cycles)
    _copy_settings(source.eevee, layer.eevee)
    layer.use_pass_z = False  # the one pass besides the image that new layers have
    _copy_collections(source.layer_collection, layer.layer_collection)
    return layer


def keep_gaussians(layer: bpy.types.ViewLayer) -> None:
    """Hold out everything but the Gaussians: it hides them, and is itself a hole."""
    layer.material_override = None
    layer.use_freestyle = False
    layer.cycles.use_denoising = False  # they have no noise, and it would blur them
    for item in _descendants(layer.layer_collection):
        item.holdout = item.collection.get(collections.ROLE) != collections.SPLATS


def drop_gaussians(layer: bpy.types.ViewLayer) -> None:
    """Leave the Gaussians out."""
    for item in _descendants(layer.layer_collection):
        if item.collection.get(collections.ROLE) == collections.SPLATS:
            item.exclude = True


def of_role(scene: bpy.types.Scene, role: str) -> list[bpy.types.ViewLayer]:
    """Return our view layers that one set-up made."""
    return [layer for layer in scene.view_layers if layer.get(ROLE) == role]


def remove(scene: bpy.types.Scene, role: str) -> list[str]:
    """Remove the view layers that one set-up made; return a phrase for each."""
    phrases = []
    for layer in of_role(scene, role):
        phrases.append(f"view layer {layer.name} removed")
        scene.view_layers.remove(layer)
    return phrases


def _copy_settings(source: bpy.types.bpy_struct, target: bpy.types.bpy_struct) -> None:
    for setting in source.bl_rna.properties:
        name = setting.identifier
        if setting.is_readonly or name in _NOT_COPIED or name.startswith(_NOT_COPIED_FROM):
            continue
        setattr(target, name, getattr(source, name))


def _copy_collections(source: bpy.types.LayerCollection, target: bpy.types.LayerCollection) -> None:
    """Copy the switches of all collections, parents first: they pass theirs on when set."""
    for one, other in zip(source.children, target.children, strict=True):
        for name in ("exclude", "holdout", "indirect_only", "hide_viewport"):
            setattr(other, name, getattr(one, name))
        _copy_collections(one, other)


def _descendants(parent: bpy.types.LayerCollection) -> Iterator[bpy.types.LayerCollection]:
    for child in parent.children:
        yield child
        yield from _descendants(child)
