"""Objects of earlier versions, brought to the form that the add-on makes now."""

from __future__ import annotations

import bpy

from . import unit_scale
from .object import HIDDEN, PART, SplatObject


def adopt(scene: bpy.types.Scene, played: SplatObject) -> None:
    """Bring an object of an earlier version to the present form, unless it is another file's.

    Its Gaussians that never move were a hidden child, which stayed behind when it was deleted.
    """
    if played.is_linked:
        return
    unit_scale.adopt_unit(played.item, scene)
    static = played.static
    if static is None or static.library is not None or static.get(PART) is not None:
        return
    static[PART] = HIDDEN
    static.parent = None
    for collection in list(static.users_collection):
        collection.objects.unlink(static)
