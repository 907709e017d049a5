"""What the viewport shows: surfels that look the same from wherever it orbits.

Billboards face the active camera, so a viewport that does not look through it would see them from
the side and in the wrong order. Nodes cannot know where the viewport looks from. There each
Gaussian is therefore drawn as an ellipse spanned by its two largest axes, with a material that
needs no order; about as many of them as the object's property allows, each larger by as much as
others are left out. Renders never take this branch.
"""

from __future__ import annotations

import bpy

from . import constants, interface
from .drivers import describe_property, drive_by_property
from .graph import Graph, Wire
from .material import gaussian_material
from .object import PART, VIEWPORT
from .opacity import current_extent, current_opacity

NAME = "Livescape Viewport"

SPLATS = "livescape_viewport_splats"
EXACT = "livescape_exact_viewport"

_PROPERTIES = {
    SPLATS: (
        60_000,
        "Roughly how many Gaussians the viewport shows at most. Renders always show all of them",
    ),
    EXACT: (
        False,
        "Draw in the viewport what renders draw. Looks right only through the active camera",
    ),
}


def viewport_material() -> bpy.types.Material:
    """Return a new material like that of renders, but right in any order of faces."""
    material = gaussian_material()
    material.name = NAME
    material[PART] = VIEWPORT
    material.surface_render_method = "DITHERED"
    return material


def set_viewport_properties(item: bpy.types.Object) -> None:
    """Give the object the custom properties that its viewport obeys; present values stay."""
    for name, (default, description) in _PROPERTIES.items():
        item[name] = type(default)(item.get(name, default))
        describe_property(item, name, description=description)
    describe_property(item, SPLATS, min=1)


def drive_viewport(item: bpy.types.Object, splats_path: str, exact_path: str) -> None:
    """Drive the two inputs of the nodes at these data paths by the object's properties."""
    drive_by_property(item, splats_path, SPLATS)
    drive_by_property(item, exact_path, EXACT)


def surfels_in_viewport(graph: Graph, rendered: Wire, quads: Wire, given: dict[str, Wire]) -> Wire:
    """Return ``rendered`` in renders, and surfels in a viewport that may look from anywhere.

    Args:
        graph: Where nodes are added.
        rendered: Billboards with their material.
        quads: The same Gaussians as quads whose vertices are control points.
        given: Inputs of the group by name.
    """
    is_free = 1.0 - graph.calculate("GREATER_THAN", given[interface.EXACT_VIEWPORT], 0.5)
    viewport = graph.wire("GeometryNodeIsViewport")
    wanted = graph.wire("FunctionNodeBooleanMath", {0: viewport, 1: is_free}, operation="AND")
    return graph.wire(
        "GeometryNodeSwitch",
        {"Switch": wanted, "False": rendered, "True": _surfels(graph, quads, given)},
        input_type="GEOMETRY",
    )


def _surfels(graph: Graph, quads: Wire, given: dict[str, Wire]) -> Wire:
    share = _shown_share(graph, quads, given[interface.VIEWPORT_SPLATS])
    geometry = _thin(graph, quads, share)
    opacity = current_opacity(graph, given)
    uv = graph.attribute(constants.UV, "FLOAT_VECTOR") * current_extent(graph, opacity)
    geometry = graph.store(geometry, constants.UV, uv, "POINT", "FLOAT2")
    geometry = graph.store(geometry, constants.OPACITY, opacity, "FACE", "FLOAT")
    mean, first, second = _largest_axes(graph)
    u, v, _ = graph.attribute(constants.UV, "FLOAT_VECTOR").xyz
    growth = graph.calculate("POWER", share, -0.5)  # those kept cover the area of all
    corner = mean + (first * u + second * v) * growth
    geometry = graph.wire("GeometryNodeSetPosition", {"Geometry": geometry, "Position": corner})
    material = given[interface.VIEWPORT_MATERIAL]
    return graph.wire("GeometryNodeSetMaterial", {"Geometry": geometry, "Material": material})


def _shown_share(graph: Graph, quads: Wire, most: Wire) -> Wire:
    """Return the share of all Gaussians that are shown, at most 1."""
    size = graph.node("GeometryNodeAttributeDomainSize", {"Geometry": quads}, component="MESH")
    count = graph.calculate("MAXIMUM", Wire(graph, size.outputs["Face Count"]), 1.0)
    return graph.calculate("MINIMUM", graph.calculate("MAXIMUM", most, 1.0) / count, 1.0)


def _thin(graph: Graph, quads: Wire, share: Wire) -> Wire:
    """Keep this share of the quads, spread evenly over their order."""
    index = graph.wire("GeometryNodeInputIndex")
    # keeps the product small enough for its fraction to be exact in single precision
    short = graph.integer("MODULO", index, 8192)
    place = graph.calculate("FRACT", short * constants.GOLDEN_FRACTION)
    is_left_out = graph.calculate("GREATER_THAN", place, share)
    return graph.wire(
        "GeometryNodeDeleteGeometry",
        {"Geometry": quads, "Selection": is_left_out},
        domain="FACE",
        mode="ALL",
    )


def _largest_axes(graph: Graph) -> tuple[Wire, Wire, Wire]:
    """Return mean and the two largest axes of each vertex's quad in object space, as fields."""
    position = graph.wire("GeometryNodeInputPosition")
    quad = graph.integer("DIVIDE", graph.wire("GeometryNodeInputIndex"), 4)
    first_vertex = graph.integer("MULTIPLY", quad, 4)
    mean, *ends = (
        graph.at_index(position, graph.integer("ADD", first_vertex, corner)) for corner in range(4)
    )
    axes = [end - mean for end in ends]
    lengths = [axis.dot(axis) for axis in axes]
    drop_first = _is_least(graph, lengths[0], lengths[1], lengths[2])
    drop_last = _is_least(graph, lengths[2], lengths[0], lengths[1]) * (1.0 - drop_first)
    first = axes[0] + (axes[1] - axes[0]) * drop_first
    second = axes[2] + (axes[1] - axes[2]) * drop_last
    return mean, first, second


def _is_least(graph: Graph, value: Wire, *others: Wire) -> Wire:
    return 1.0 - graph.calculate("GREATER_THAN", value, graph.calculate("MINIMUM", *others))
