"""Meshes whose quads are Gaussians: the four vertices of a quad are its control points.

Where only places change, a mesh of the means is played instead, and the quads are relative to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from livescape_shared import rendering
from livescape_shared.conventions import srgb_to_linear
from livescape_shared.gaussians import Gaussians, control_points

from ..slices import breathe
from . import constants
from .attributes import add_attribute
from .held import held
from .object import QUADS
from .view_color import add_harmonics

_CORNERS = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], dtype=np.float32)


def extents(opacities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return [N] distances in standard deviations at which alpha falls to ``ALPHA_MIN``."""
    ratio = np.maximum(opacities / rendering.ALPHA_MIN, 1.0)
    return np.asarray(np.sqrt(2.0 * np.log(ratio)), dtype=np.float32)


@dataclass(frozen=True)
class QuadArrays:
    """What a mesh of N Gaussians is made of; computed anywhere, stored by :func:`quad_mesh`.

    Attributes:
        points: [N, 4, 3] control points, or how far they are from the first.
        uv: [N, 4, 2] corners in standard deviations.
        rgba: [N, 4] scene-linear colour and opacity.
        windows: [N, 2] loop times at which each appears and vanishes.
        harmonics: [N, K, 3] spherical harmonics beyond degree 0, or None.
    """

    points: NDArray[np.float32]
    uv: NDArray[np.float32]
    rgba: NDArray[np.float32]
    windows: NDArray[np.float32]
    harmonics: NDArray[np.float32] | None = None


def quad_arrays(
    gaussians: Gaussians,
    windows: NDArray[np.float32] | tuple[float, float] = constants.ALWAYS,
    harmonics: NDArray[np.float32] | None = None,
    *,
    relative: bool = False,
) -> QuadArrays:
    """Return what the mesh of a set [N] is made of; touches nothing of Blender's.

    Args:
        gaussians: The set; zero is allowed.
        windows: [N, 2] loop times at which each appears and vanishes, or one pair for all.
        harmonics: [N, K, 3] spherical harmonics beyond degree 0, if colour depends on the view.
        relative: Whether vertices are relative to the mean of their quad.
    """
    shape = (len(gaussians), 2)
    means = np.zeros_like(gaussians.means) if relative else gaussians.means
    return QuadArrays(
        control_points(means, gaussians.quats, gaussians.scales),
        _CORNERS[None] * extents(gaussians.opacities)[:, None, None],
        _rgba(gaussians.colors, gaussians.opacities),
        np.broadcast_to(np.asarray(windows, dtype=np.float32), shape),
        harmonics,
    )


def quad_mesh(name: str, arrays: QuadArrays) -> bpy.types.Mesh:
    """Return a new mesh of one quad per Gaussian."""
    mesh = held(bpy.data.meshes.new(name), QUADS)
    _add_quads(mesh, len(arrays.points))
    _store(mesh, "position", "vector", arrays.points)
    mesh.update()
    add_attribute(mesh, constants.UV, "FLOAT2", "POINT", "vector", arrays.uv)
    add_attribute(mesh, constants.RGBA, "FLOAT_COLOR", "FACE", "color", arrays.rgba)
    add_attribute(mesh, constants.WINDOW, "FLOAT2", "FACE", "vector", arrays.windows)
    if arrays.harmonics is not None:
        add_harmonics(mesh, arrays.harmonics)
    return mesh


def mean_mesh(name: str, means: NDArray[np.float32]) -> bpy.types.Mesh:
    """Return a new mesh of a vertex at each of the ``means`` [N, 3], and nothing else."""
    mesh = held(bpy.data.meshes.new(name), QUADS)
    breathe()
    mesh.vertices.add(len(means))
    _store(mesh, "position", "vector", means)
    mesh.update()
    return mesh


def _add_quads(mesh: bpy.types.Mesh, count: int) -> None:
    """Add quads that share nothing; as arrays, for one by one Blender takes a hundred times longer.

    Their edges are given as well, which Blender would otherwise have to find.
    """
    breathe()
    mesh.vertices.add(4 * count)
    breathe()
    mesh.edges.add(4 * count)
    breathe()
    mesh.loops.add(4 * count)
    mesh.polygons.add(count)
    vertices = np.arange(4 * count, dtype=np.int32)
    following = np.where(vertices % 4 == 3, vertices - 3, vertices + 1)
    if count:
        _store(mesh, ".edge_verts", "value", np.stack([vertices, following], axis=1))
        _store(mesh, ".corner_vert", "value", vertices)
        _store(mesh, ".corner_edge", "value", vertices)
    breathe()
    mesh.polygons.foreach_set("loop_start", vertices[::4])


def _store(mesh: bpy.types.Mesh, name: str, key: str, values: NDArray[np.generic]) -> None:
    """Fill an attribute that meshes have by themselves."""
    if len(values):
        breathe()
        attribute: Any = mesh.attributes[name]
        attribute.data.foreach_set(key, np.ascontiguousarray(values).ravel())


def _rgba(colors: NDArray[np.float32], opacities: NDArray[np.float32]) -> NDArray[np.float32]:
    # Colour attributes of float type hold scene-linear values, and renderers read them as such:
    # this is the one place where display sRGB is decoded.
    return np.concatenate([srgb_to_linear(colors), opacities[:, None]], axis=1)
