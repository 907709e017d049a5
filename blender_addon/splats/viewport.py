"""What the viewport shows: what renders show through the active camera, surfels from elsewhere.

Billboards face the active camera, so a viewport that does not look through it would see them from
the side and in the wrong order. Nodes cannot know where the viewport looks from; the add-on tells
them, see :mod:`.looking`. From elsewhere, and where nobody tells them, each Gaussian is drawn as
an opaque tile spanned by its two largest axes, which needs no order and leaves no grain: where
transparency is dithered, gaps show as black specks. Either way there are about as many as the
object's property allows, each larger by as much as others are left out, unless the object is to be
exact. Renders never take these branches.
"""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from . import constants, interface
from .drivers import describe_property, drive_by_property
from .graph import Graph, Wire
from .material import new_material
from .object import VIEWPORT
from .opacity import current_opacity

NAME = "Livescape Viewport"

SPLATS = "livescape_viewport_splats"
EXACT = "livescape_exact_viewport"
THROUGH = "livescape_through_camera"
"""Custom property: 1 while the viewports look through the active camera."""

_PROPERTIES = {
    SPLATS: (
        60_000,
        "Roughly how many Gaussians the viewport shows at most. Renders always show all of them",
    ),
    EXACT: (
        False,
        "Draw in the viewport all that renders draw, wherever it looks from. Looks right only "
        "through the active camera",
    ),
}


TILE = 1.2
"""Half the side of a tile in standard deviations: those of a flat surface just overlap."""

LEAST_OPACITY = 0.3
"""Gaussians that are more transparent than this are no tiles."""


def viewport_material() -> bpy.types.Material:
    """Return a new material of the same colours as that of renders, opaque from either side."""
    material, graph = new_material(NAME, VIEWPORT)
    material.surface_render_method = "DITHERED"
    material.use_backface_culling = False
    node = graph.node(
        "ShaderNodeAttribute", attribute_type="GEOMETRY", attribute_name=constants.RGBA
    )
    color = Wire(graph, node.outputs["Color"])
    emission = graph.wire("ShaderNodeEmission", {"Color": color, "Strength": 1.0})
    graph.node("ShaderNodeOutputMaterial", {"Surface": emission})
    graph.arrange()
    return material


def set_viewport_properties(item: bpy.types.Object) -> None:
    """Give the object the custom properties that its viewport obeys; present values stay."""
    for name, (default, description) in _PROPERTIES.items():
        item[name] = type(default)(item.get(name, default))
        describe_property(item, name, description=description)
    describe_property(item, SPLATS, min=1)
    item[THROUGH] = int(item.get(THROUGH, 0))
    told = "Set by Livescape: 1 while the viewports look through the active camera"
    describe_property(item, THROUGH, description=told)


def drive_viewport(item: bpy.types.Object, splats: str, exact: str, through: str) -> None:
    """Drive the inputs of the nodes at these data paths by the object's properties."""
    drive_by_property(item, splats, SPLATS)
    drive_by_property(item, exact, EXACT)
    drive_by_property(item, through, THROUGH)


@dataclass(frozen=True)
class Shown:
    """What is shown of all Gaussians where it is drawn.

    Attributes:
        quads: Their quads, whose vertices are control points.
        growth: Factor by which those grow that are left, 1 where all are.
        from_anywhere: Whether the viewport may look from anywhere.
    """

    quads: Wire
    growth: Wire
    from_anywhere: Wire


def shown_where_drawn(graph: Graph, quads: Wire, given: dict[str, Wire]) -> Shown:
    """Return all ``quads`` in renders, and as many in viewports as their object allows."""
    is_exact = graph.calculate("GREATER_THAN", given[interface.EXACT_VIEWPORT], 0.5)
    viewport = graph.wire("GeometryNodeIsViewport")
    is_free = graph.wire(
        "FunctionNodeBooleanMath", {0: viewport, 1: 1.0 - is_exact}, operation="AND"
    )
    share = _shown_share(graph, quads, given[interface.VIEWPORT_SPLATS])
    some = graph.wire(
        "GeometryNodeSwitch",
        {"Switch": is_free, "False": quads, "True": _thin(graph, quads, share)},
        input_type="GEOMETRY",
    )
    # those kept cover the area of all
    growth = graph.wire(
        "GeometryNodeSwitch",
        {"Switch": is_free, "False": 1.0, "True": graph.calculate("POWER", share, -0.5)},
        input_type="FLOAT",
    )
    elsewhere = 1.0 - graph.calculate("GREATER_THAN", given[interface.THROUGH_CAMERA], 0.5)
    from_anywhere = graph.wire(
        "FunctionNodeBooleanMath", {0: is_free, 1: elsewhere}, operation="AND"
    )
    return Shown(some, growth, from_anywhere)


def surfels_from_elsewhere(
    graph: Graph, rendered: Wire, shown: Shown, given: dict[str, Wire]
) -> Wire:
    """Return ``rendered`` where the camera looks, and surfels where anyone may.

    Args:
        graph: Where nodes are added.
        rendered: Billboards of what is shown, with their material.
        shown: The same Gaussians as quads whose vertices are control points.
        given: Inputs of the group by name.
    """
    return graph.wire(
        "GeometryNodeSwitch",
        {
            "Switch": shown.from_anywhere,
            "False": rendered,
            "True": _surfels(graph, shown, given),
        },
        input_type="GEOMETRY",
    )


def _surfels(graph: Graph, shown: Shown, given: dict[str, Wire]) -> Wire:
    there = graph.calculate("GREATER_THAN", current_opacity(graph, given), LEAST_OPACITY)
    mean, first, second = _largest_axes(graph)
    u, v, _ = graph.attribute(constants.UV, "FLOAT_VECTOR").xyz
    reach = shown.growth * there * TILE
    side, other = (graph.calculate("SIGN", each) for each in (u, v))
    corner = mean + (first * side + second * other) * reach
    geometry = graph.wire("GeometryNodeSetPosition", {"Geometry": shown.quads, "Position": corner})
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
