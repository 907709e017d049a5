"""Meshes whose quads are Gaussians: the four vertices of a quad are its control points."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from livescape_shared import rendering
from livescape_shared.conventions import srgb_to_linear
from livescape_shared.gaussians import Gaussians, control_points

from . import constants
from .attributes import add_attribute
from .view_color import add_harmonics

_CORNERS = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], dtype=np.float32)


def extents(opacities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return [N] distances in standard deviations at which alpha falls to ``ALPHA_MIN``."""
    ratio = np.maximum(opacities / rendering.ALPHA_MIN, 1.0)
    return np.asarray(np.sqrt(2.0 * np.log(ratio)), dtype=np.float32)


def _add_quads(mesh: bpy.types.Mesh, count: int) -> None:
    mesh.vertices.add(4 * count)
    mesh.loops.add(4 * count)
    mesh.polygons.add(count)
    mesh.loops.foreach_set("vertex_index", np.arange(4 * count, dtype=np.int32))
    mesh.polygons.foreach_set("loop_start", np.arange(0, 4 * count, 4, dtype=np.int32))


def _rgba(colors: NDArray[np.float32], opacities: NDArray[np.float32]) -> NDArray[np.float32]:
    # Colour attributes of float type hold scene-linear values, and renderers read them as such:
    # this is the one place where display sRGB is decoded.
    return np.concatenate([srgb_to_linear(colors), opacities[:, None]], axis=1)


def control_point_mesh(
    name: str,
    gaussians: Gaussians,
    windows: NDArray[np.float32] | tuple[float, float] = constants.ALWAYS,
    harmonics: NDArray[np.float32] | None = None,
) -> bpy.types.Mesh:
    """Return a new mesh of one quad per Gaussian.

    Args:
        name: Name of the data-block.
        gaussians: [N] set; zero is allowed.
        windows: [N, 2] loop times at which each appears and vanishes, or one pair for all.
        harmonics: [N, K, 3] spherical harmonics beyond degree 0, if colour depends on the view.
    """
    count = len(gaussians)
    mesh = bpy.data.meshes.new(name)
    _add_quads(mesh, count)
    points = control_points(gaussians.means, gaussians.quats, gaussians.scales)
    mesh.vertices.foreach_set("co", points.ravel())
    mesh.update(calc_edges=True)
    uv = _CORNERS[None] * extents(gaussians.opacities)[:, None, None]
    rgba = _rgba(gaussians.colors, gaussians.opacities)
    shown = np.broadcast_to(np.asarray(windows, dtype=np.float32), (count, 2))
    add_attribute(mesh, constants.UV, "FLOAT2", "POINT", "vector", uv)
    add_attribute(mesh, constants.RGBA, "FLOAT_COLOR", "FACE", "color", rgba)
    add_attribute(mesh, constants.WINDOW, "FLOAT2", "FACE", "vector", shown)
    if harmonics is not None:
        add_harmonics(mesh, harmonics)
    return mesh
