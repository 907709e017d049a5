"""Keeps each quad on a continuous path, so that motion blur does not streak at the loop's end.

When a loop ends, the incoming copy of a Gaussian stands where the outgoing one starts. Were the
two to stay the same quads, every moving Gaussian would jump by a whole loop's motion between two
sub-frames. Instead they exchange their parts in every second loop: a quad that came in goes out,
and only jumps where its opacity is zero. The picture at any instant is the same.
"""

from __future__ import annotations

import numpy as np

from livescape_shared.conventions import FOR_EVER, SINCE_EVER
from livescape_shared.scene import MovingGaussians

from . import constants
from .graph import Graph, Wire


def is_paired(moving: MovingGaussians) -> bool:
    """Return whether the second half lists the incoming copies of the first half's Gaussians."""
    half, rest = divmod(len(moving.windows), 2)
    if rest or not half:
        return False
    first, second = moving.gaussians[:half], moving.gaussians[half:]
    return bool(
        (moving.windows[:half, 0] == SINCE_EVER).all()
        and (moving.windows[half:, 1] == FOR_EVER).all()
        and (moving.windows[half:, 0] > 0.0).all()
        and np.array_equal(first.colors, second.colors)
        and np.array_equal(first.opacities, second.opacities)
    )


def exchange_copies(graph: Graph, moving: Wire, paired: Wire, odd_loop: Wire) -> Wire:
    """Return the moving mesh with the copies' places exchanged in odd loops."""
    size = graph.node("GeometryNodeAttributeDomainSize", {"Geometry": moving}, component="MESH")
    points = Wire(graph, size.outputs["Point Count"])
    half = graph.integer("DIVIDE", points, 2)
    index = graph.wire("GeometryNodeInputIndex")
    partner = graph.integer("MODULO", graph.integer("ADD", index, half), points)
    place = graph.at_index(graph.wire("GeometryNodeInputPosition"), partner)
    exchanged = graph.wire("GeometryNodeSetPosition", {"Geometry": moving, "Position": place})
    face, faces = index, graph.integer("DIVIDE", points, 4)
    other = graph.integer("MODULO", graph.integer("ADD", face, graph.integer("DIVIDE", faces, 2)),
                          faces)  # fmt: skip
    window = graph.at_index(graph.attribute(constants.WINDOW, "FLOAT_VECTOR"), other, "FACE")
    exchanged = graph.store(exchanged, constants.WINDOW, window, "FACE", "FLOAT2")
    is_odd = graph.calculate("GREATER_THAN", odd_loop, 0.5)
    wanted = graph.wire("FunctionNodeBooleanMath", {0: paired, 1: is_odd}, operation="AND")
    return graph.wire(
        "GeometryNodeSwitch",
        {"Switch": wanted, "False": moving, "True": exchanged},
        input_type="GEOMETRY",
    )
