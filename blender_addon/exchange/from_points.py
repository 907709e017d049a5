"""Blender's own Gaussian splats, read as they are shown.

Blender 5.3 keeps splats as points with ``scale``, ``rotation`` and ``radiance:...``; from 5.2 on, a
point cloud can hold these attributes. Whatever makes them - an import, nodes, another add-on -
they are read as the depsgraph evaluates them.
"""

from __future__ import annotations

import itertools
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.gaussians import Gaussians
from livescape_shared.rendering import SH_C0

from ..splats.native import BASE, REST
from ..splats.object import is_ours

Float32Array = NDArray[np.float32]

POINTS = "POINTCLOUD"

_DEGREES = (15, 8, 3)
"""Coefficients beyond degree 0 that are kept, most first; those of degree 4 are left out."""


def may_hold_splats(item: bpy.types.Object | None) -> bool:
    """Return whether an object may show Blender's own splats; what it shows is not computed."""
    if item is None or is_ours(item):
        return False
    if item.type == POINTS:
        points: Any = item.data
        return bool(item.modifiers) or BASE in points.attributes
    return item.type in ("MESH", "CURVES") and any(each.type == "NODES" for each in item.modifiers)


def gaussians_of(source: bpy.types.Object, depsgraph: bpy.types.Depsgraph) -> tuple[Gaussians, int]:
    """Return the splats that an object shows, in its own axes, and how many coefficients they have.

    The coefficients are those of view-dependent colour that :func:`coefficients_of` reads: a
    hundred thousand splats take a tenth of a second with all of them.

    Raises:
        LivescapeError: ``points_not_splats``.
    """
    cloud, _owner = _shown(source, depsgraph)
    count = len(cloud.points)
    names = set(cloud.attributes.keys())
    missing = [name for name in (BASE, "scale", "rotation") if name not in names]
    if missing:
        raise _not_splats(source, f"its points have no {missing[0]}")
    base = _values(source, cloud, BASE, count, 4)
    quats = _values(source, cloud, "rotation", count, 4)
    length = np.linalg.norm(quats, axis=1, keepdims=True)
    gaussians = Gaussians(
        _values(source, cloud, "position", count, 3),
        np.where(length > 0.0, quats / np.maximum(length, 1e-12), (1.0, 0.0, 0.0, 0.0)).astype(
            "f4"
        ),
        _values(source, cloud, "scale", count, 3),
        np.clip(base[:, 3], 0.0, 1.0),
        0.5 + np.float32(SH_C0) * base[:, :3],
    )
    stored = next(k for k in itertools.count() if f"{REST}{k}" not in names)
    return gaussians, next((k for k in _DEGREES if k <= stored), 0)


def coefficients_of(
    source: bpy.types.Object, depsgraph: bpy.types.Depsgraph, which: range
) -> Float32Array:
    """Return some of the coefficients [n, k, 3] of view-dependent colour, beyond degree 0.

    Raises:
        LivescapeError: ``points_not_splats``.
    """
    cloud, _owner = _shown(source, depsgraph)
    count = len(cloud.points)
    rest = [_values(source, cloud, f"{REST}{k}", count, 3) for k in which]
    return np.nan_to_num(np.stack(rest, axis=1), posinf=0.0, neginf=0.0)


def _shown(source: bpy.types.Object, depsgraph: bpy.types.Depsgraph) -> tuple[Any, Any]:
    """Return the point cloud that an object shows, and what owns it.

    Raises:
        LivescapeError: ``points_not_splats``.
    """
    cloud, owner = _cloud(source, depsgraph)
    if cloud is None:
        raise _not_splats(source, "it shows no points")
    return cloud, owner


def _cloud(source: bpy.types.Object, depsgraph: bpy.types.Depsgraph) -> tuple[Any, Any]:
    """Return the point cloud that an object shows, None if it shows none, and what owns it."""
    evaluated = source.evaluated_get(depsgraph)
    geometry_of = getattr(evaluated, "evaluated_geometry", None)
    if geometry_of is None:  # before Blender 5.0
        return (evaluated.data if evaluated.type == POINTS else None), evaluated
    geometry = geometry_of()
    return geometry.pointcloud, geometry


def _values(
    source: bpy.types.Object, cloud: Any, name: str, count: int, width: int
) -> Float32Array:
    attribute = cloud.attributes[name]
    key = "value" if attribute.data_type == "QUATERNION" else "vector"
    values = np.empty(count * width, np.float32)
    try:
        attribute.data.foreach_get(key, values)
    except (AttributeError, RuntimeError, TypeError) as error:
        what = f"its {name} is {attribute.data_type} of the {attribute.domain}"
        raise _not_splats(source, what) from error
    return values.reshape(count, width)


def _not_splats(source: bpy.types.Object, what: str) -> LivescapeError:
    return LivescapeError(
        "points_not_splats",
        f"{source.name} does not show Blender's own Gaussian splats: {what}.",
        hint="Choose points with radiance:base, scale and rotation that the viewport shows.",
    )
