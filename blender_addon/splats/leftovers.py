"""What is left of objects of ours that were deleted."""

from __future__ import annotations

from typing import Any

import bpy

from .object import HIDDEN, PART, every_splat_object


def remove_leftovers() -> None:
    """Remove what nothing uses any more, so that it is not saved and new ones have its names."""
    bpy.data.batch_remove(_unplayed())
    kinds: tuple[Any, ...] = (bpy.data.meshes, bpy.data.node_groups, bpy.data.materials)
    for kind in kinds:
        bpy.data.batch_remove(
            [
                block
                for block in kind
                if block.users == 0 and block.library is None and block.get(PART) is not None
            ]
        )


def _unplayed() -> list[bpy.types.ID]:
    """Return the hidden parts that no object shows and nothing of the artist's uses.

    From 5.2 a part still counts one user when the object that showed it has been deleted.
    """
    played = {part for each in every_splat_object() for part in each.hidden_parts}
    return [
        item
        for item in bpy.data.objects
        if item.get(PART) == HIDDEN
        and item.library is None
        and item not in played
        and item.users <= 1
        and not item.users_collection
    ]
