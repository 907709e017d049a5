"""View-dependent colour: real spherical harmonics, evaluated for the active camera per face.

Basis, constants and order are those of 3D Gaussian Splatting (Kerbl et al. 2023) and of the
backend's rasterizer: display colour = max(0, base + sum_k c_k Y_k(d)),
with d the direction from the camera to the mean in the axes of the object, base the colour of
degree 0 and c_k the remaining coefficients.
"""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from livescape_shared.rendering import SH_C1 as _C1
from livescape_shared.rendering import SH_C2 as _C2
from livescape_shared.rendering import SH_C3 as _C3
from livescape_shared.rendering import SH_COEFFICIENTS

from . import constants
from .attributes import add_attribute
from .graph import Graph, Wire
from .opacity import stored_opacity
from .transfer_nodes import to_display, to_linear

ATTRIBUTE = "gs_sh_"
"""With a number from 1, the name of a FACE FLOAT_VECTOR attribute: one coefficient (rgb)."""


def check_harmonics(harmonics: NDArray[np.float32] | None, count: int) -> int:
    """Return the degree of coefficients ``harmonics`` [count, K, 3]; 0 if there are none.

    Raises:
        ValueError: If the shape is another, or K not one of 3, 8 and 15.
    """
    if harmonics is None:
        return 0
    shape = harmonics.shape
    if len(shape) != 3 or shape[0] != count or shape[2] != 3 or shape[1] not in SH_COEFFICIENTS[1:]:
        message = f"harmonics has shape {shape}, expected ({count}, 3 or 8 or 15, 3)"
        raise ValueError(message)
    return SH_COEFFICIENTS.index(shape[1])


def add_harmonics(mesh: bpy.types.Mesh, harmonics: NDArray[np.float32]) -> None:
    """Store coefficients [N, K, 3] on a mesh of N quads, one attribute for each of the K."""
    for index in range(harmonics.shape[1]):
        name = _attribute_name(index + 1)
        values = harmonics[:, index].astype(np.float32)
        add_attribute(mesh, name, "FLOAT_VECTOR", "FACE", "vector", values)


def color_for_camera(graph: Graph, geometry: Wire, degree: int, to_camera: Wire) -> Wire:
    """Return control-point ``geometry`` with ``gs_rgba`` as the camera sees it.

    Args:
        graph: Where nodes are added.
        geometry: Quads whose vertices are still control points; those without coefficients (the
            attributes are 0 there) keep their colour.
        degree: 1 to 3.
        to_camera: 4x4 from object to camera space.
    """
    mean = graph.at_index(
        graph.wire("GeometryNodeInputPosition"),
        graph.integer("MULTIPLY", graph.wire("GeometryNodeInputIndex"), 4),
    )
    from_camera = graph.wire("FunctionNodeInvertMatrix", {0: to_camera})
    origin = graph.wire("FunctionNodeTransformPoint", {0: (0.0, 0.0, 0.0), 1: from_camera})
    direction = graph.calculate("NORMALIZE", mean - origin)
    color = to_display(graph, _stored_color(graph))
    for index, value in enumerate(_basis(direction, degree), start=1):
        color = color + graph.attribute(_attribute_name(index), "FLOAT_VECTOR") * value
    red, green, blue = to_linear(graph, graph.calculate("MAXIMUM", color, 0.0)).xyz
    rgba = graph.wire(
        "FunctionNodeCombineColor", {0: red, 1: green, 2: blue, 3: stored_opacity(graph)}
    )
    return graph.store(geometry, constants.RGBA, rgba, "FACE", "FLOAT_COLOR")


def _attribute_name(index: int) -> str:
    return f"{ATTRIBUTE}{index}"


def _stored_color(graph: Graph) -> Wire:
    rgba = graph.attribute(constants.RGBA, "FLOAT_COLOR")
    node = graph.node("FunctionNodeSeparateColor", {0: rgba})
    return graph.vector(*(Wire(graph, node.outputs[index]) for index in range(3)))


def _basis(direction: Wire, degree: int) -> list[Wire]:
    """Return the basis functions 1, 2, ... of ``degree`` at a unit direction."""
    x, y, z = direction.xyz
    values = [y * -_C1, z * _C1, x * -_C1]
    if degree >= 2:
        xx, yy, zz = x * x, y * y, z * z
        values += [
            x * y * _C2[0],
            y * z * -_C2[0],
            (zz * 3.0 - 1.0) * _C2[1],
            x * z * -_C2[0],
            (xx - yy) * _C2[2],
        ]
    if degree >= 3:
        values += [
            y * (xx * 3.0 - yy) * -_C3[0],
            x * y * z * _C3[1],
            y * (zz * 5.0 - 1.0) * -_C3[2],
            z * (zz * 5.0 - 3.0) * _C3[3],
            x * (zz * 5.0 - 1.0) * -_C3[2],
            z * (xx - yy) * _C3[4],
            x * (xx - yy * 3.0) * -_C3[0],
        ]
    return values
