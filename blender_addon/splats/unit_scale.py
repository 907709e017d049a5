"""How large an object of ours is: its Gaussians are in metres, whatever the scene counts in."""

from __future__ import annotations

import bpy

UNIT = "livescape_unit"
"""Custom property of an object of ours: metres in the Blender unit that it was scaled for."""


def scale_to_metres(item: bpy.types.Object, scene: bpy.types.Scene) -> None:
    """Scale an object so that its metres are those of ``scene``.

    What the artist has scaled it by stays. Where scale is animated, the delta scale, which is
    there beside it, makes the difference.
    """
    unit = float(scene.unit_settings.scale_length)
    factor = float(item.get(UNIT, unit)) / unit
    item[UNIT] = unit
    if abs(factor - 1.0) < 1e-6:
        return
    if _is_scale_animated(item):
        item.delta_scale = item.delta_scale * factor
    else:
        item.scale = item.scale * factor


def adopt_unit(item: bpy.types.Object, scene: bpy.types.Scene) -> None:
    """Note for an object of an earlier version in which unit it was made: that of its scene."""
    if item.get(UNIT) is None:
        item[UNIT] = float(scene.unit_settings.scale_length)


def _is_scale_animated(item: bpy.types.Object) -> bool:
    data = item.animation_data
    if data is None:
        return False
    driven = any(curve.data_path == "scale" for curve in data.drivers)
    return driven or data.action is not None or bool(data.nla_tracks)
