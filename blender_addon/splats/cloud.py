"""Where the Gaussians of a mesh are and how much of a picture each could cover."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import NDArray

from . import constants
from .attributes import read_attribute
from .object import SplatObject


@dataclass(frozen=True)
class Cloud:
    """Gaussians in the axes of their object.

    Attributes:
        means: [N, 3].
        areas: [N] areas of their ellipses at one standard deviation, times their opacity.
    """

    means: NDArray[np.float32]
    areas: NDArray[np.float32]


_NOTHING = Cloud(np.zeros((0, 3), np.float32), np.zeros(0, np.float32))

_known: dict[int, Cloud] = {}
"""By the mesh's id in this session; reading a large mesh takes long enough to be noticed."""

_MOST_KNOWN = 16


def cloud_of(points: NDArray[np.float32], opacities: NDArray[np.float32]) -> Cloud:
    """Return the cloud of control points [N, 4, 3] and opacities [N]."""
    lengths = np.sort(np.linalg.norm(points[:, 1:] - points[:, :1], axis=2), axis=1)
    areas = np.pi * lengths[:, 1] * lengths[:, 2] * opacities
    return Cloud(points[:, 0].astype(np.float32), areas.astype(np.float32))


def mesh_cloud(mesh: bpy.types.Mesh) -> Cloud:
    """Return the cloud of a mesh of quads; empty for any other mesh."""
    count = len(mesh.polygons)
    known = _known.get(mesh.session_uid)
    if known is None or len(known.means) != count:
        known = _read(mesh, count)
        remember(mesh, known)
    return known


def played_cloud(played: SplatObject, mesh: bpy.types.Mesh) -> Cloud:
    """Return the cloud of one of an object's meshes, at rest."""
    cloud, hidden = mesh_cloud(mesh), played.moving
    if hidden is None or hidden.data != mesh or played.mesh is None:
        return cloud
    # its quads are relative to the means, which are vertices of their own
    means = read_attribute(played.mesh, "position", "vector", 3)
    return Cloud(means, cloud.areas) if len(means) == len(cloud.areas) else _NOTHING


def remember(mesh: bpy.types.Mesh, cloud: Cloud) -> None:
    """Keep the cloud of a mesh that was made of it."""
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    _known[mesh.session_uid] = cloud


def _read(mesh: bpy.types.Mesh, count: int) -> Cloud:
    if not count or constants.RGBA not in mesh.attributes:
        return _NOTHING
    points = read_attribute(mesh, "position", "vector", 3).reshape(count, 4, 3)
    return cloud_of(points, read_attribute(mesh, constants.RGBA, "color", 4)[:, 3])
