"""Gaussians in one collection and all else in others, which view layers can tell apart.

A view layer holds out and excludes collections, not objects, and never the scene's own.
"""

from __future__ import annotations

import json

import bpy

from livescape_shared.counted import counted

from ..render_setup.sample_count import is_seen, is_splat

SPLATS = "Livescape Gaussians"
OTHERS = "Livescape Others"

ROLE = "livescape_role"
"""Custom property of the two collections; its value is one of the names above."""

_HOMES = "livescape_homes"
"""Custom property of the two: JSON of object name to collection names, "" for the scene's own."""


def find(scene: bpy.types.Scene, role: str) -> bpy.types.Collection | None:
    """Return our collection of ``scene`` with this role."""
    return next((item for item in scene.collection.children if item.get(ROLE) == role), None)


def separate(scene: bpy.types.Scene) -> list[str]:
    """Move Gaussians into a collection, and what lies in the scene's own into another.

    Run twice, it moves what has come since. Collections of the artist stay as they are.

    Returns:
        What was moved, a phrase for each collection.
    """
    ours = {item for item in scene.objects if is_splat(item)}
    loose = {item for item in scene.collection.objects if item not in ours and is_seen(item)}
    phrases = []
    for role, items in ((SPLATS, ours), (OTHERS, loose)):
        moved = _move(scene, role, items)
        if moved:
            phrases.append(
                counted(
                    moved,
                    f"{moved} object moved to collection {role}",
                    f"{moved} objects moved to collection {role}",
                )
            )
    return phrases


def rejoin(scene: bpy.types.Scene) -> list[str]:
    """Undo :func:`separate`: objects return to where they were, new ones to the scene's own."""
    phrases = []
    for role in (SPLATS, OTHERS):
        collection = find(scene, role)
        if collection is None:
            continue
        homes = json.loads(collection.get(_HOMES, "{}"))
        for item in list(collection.objects):
            for home in _existing(scene, homes.get(item.name, [""])):
                if item.name not in home.objects:
                    home.objects.link(item)
        for child in list(collection.children):
            scene.collection.children.link(child)
        bpy.data.collections.remove(collection)
        phrases.append(f"collection {role} dissolved")
    return phrases


def _move(scene: bpy.types.Scene, role: str, items: set[bpy.types.Object]) -> int:
    collection = find(scene, role)
    items = {item for item in items if collection not in item.users_collection}
    if not items:
        return 0
    if collection is None:
        collection = bpy.data.collections.new(role)
        collection[ROLE] = role
        scene.collection.children.link(collection)
    homes = json.loads(collection.get(_HOMES, "{}"))
    for item in sorted(items, key=lambda item: item.name):
        before = [home for home in item.users_collection if _is_in(scene, home)]
        homes[item.name] = ["" if home == scene.collection else home.name for home in before]
        collection.objects.link(item)
        for home in before:
            home.objects.unlink(item)
    collection[_HOMES] = json.dumps(homes)
    return len(items)


def _is_in(scene: bpy.types.Scene, collection: bpy.types.Collection) -> bool:
    return collection == scene.collection or collection in scene.collection.children_recursive


def _existing(scene: bpy.types.Scene, names: list[str]) -> list[bpy.types.Collection]:
    """Return the collections of these names, or the scene's own where none is left."""
    found = [bpy.data.collections.get(name) if name else scene.collection for name in names]
    return [item for item in found if item is not None] or [scene.collection]
