"""The node group that turns control points into the exact EWA billboards of the active camera.

Per face, in camera space: the mean p = P0, the columns of the covariance's square root
A_k = P_k - P0, depth z = -p.z and the rows of z J A, where J is the derivative of perspective
division. Their dot products and the dilation give the 2D covariance; its Cholesky factor, at
depth z, spans the quad (EWA splatting: Zwicker et al. 2001; 3DGS: Kerbl et al. 2023).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import bpy

from . import constants, interface
from .continuity import exchange_copies
from .graph import Graph, Wire
from .held import held
from .object import BILLBOARDS
from .opacity import current_extent, current_opacity
from .view_color import color_for_camera
from .viewport import shown_where_drawn, surfels_from_elsewhere

NAME = "Livescape Billboards"


@dataclass(frozen=True)
class _Placement:
    """What each quad needs at its vertices; fields on the face domain, camera space."""

    center: Wire
    shape: Wire
    extent: Wire
    opacity: Wire


def billboard_group(degree: int = 0, *, means_alone: bool = False) -> bpy.types.NodeTree:
    """Return a new geometry node group; its inputs are those of :mod:`.interface`.

    Args:
        degree: Of the spherical harmonics that the static mesh carries.
        means_alone: Whether the cache moves means, and quads lie in the object *Moving*.
    """
    tree = cast(bpy.types.GeometryNodeTree, bpy.data.node_groups.new(NAME, "GeometryNodeTree"))
    held(tree, BILLBOARDS).is_modifier = True
    interface.add_interface(tree)
    graph = Graph(tree)
    inputs = graph.node("NodeGroupInput")
    given = {socket.name: Wire(graph, socket) for socket in inputs.outputs if socket.name}
    moving = exchange_copies(
        graph,
        moving_quads(graph, given, means_alone=means_alone),
        given[interface.PAIRED],
        given[interface.ODD_LOOP],
    )
    joined = join_static(graph, moving, given[interface.STATIC])
    shown = shown_where_drawn(graph, joined, given)
    camera = graph.wire("GeometryNodeInputActiveCamera")
    to_camera = _object_to_camera(graph, camera)
    placement = _place(graph, given, camera, to_camera, shown.growth)
    geometry, captured = _capture(graph, shown.quads, placement)
    if degree:
        geometry = color_for_camera(graph, geometry, degree, to_camera)
    geometry = _set_corners(graph, geometry, captured, to_camera)
    geometry = _sort_if(graph, geometry, given[interface.SORT], captured)
    geometry = graph.wire(
        "GeometryNodeSetMaterial", {"Geometry": geometry, "Material": given[interface.MATERIAL]}
    )
    geometry = surfels_from_elsewhere(graph, geometry, shown, given)
    graph.node("NodeGroupOutput", {"Geometry": geometry})
    graph.arrange()
    return tree


def moving_quads(graph: Graph, given: dict[str, Wire], *, means_alone: bool) -> Wire:
    """Return the quads of what moves, at their control points of the current frame."""
    played = given[interface.GEOMETRY]
    if not means_alone:
        return played
    quads = _geometry_of(graph, given[interface.MOVING])
    row = graph.integer("DIVIDE", graph.wire("GeometryNodeInputIndex"), 4)
    mean = graph.sample(played, graph.wire("GeometryNodeInputPosition"), row)
    return graph.wire("GeometryNodeSetPosition", {"Geometry": quads, "Offset": mean})


def _geometry_of(graph: Graph, item: Wire) -> Wire:
    """Return the mesh of a hidden part."""
    # Not its place: a duplicate plays the part of the object that it was made from.
    node = graph.node("GeometryNodeObjectInfo", {"Object": item}, transform_space="ORIGINAL")
    return Wire(graph, node.outputs["Geometry"])


def join_static(graph: Graph, moving: Wire, static: Wire) -> Wire:
    """Return the moving quads followed by those of the object ``static``."""
    join = graph.node("GeometryNodeJoinGeometry")
    # The last link comes first in the result: moving quads, then static ones.
    graph.feed(join.inputs[0], _geometry_of(graph, static))
    graph.feed(join.inputs[0], moving)
    return Wire(graph, join.outputs[0])


def _object_to_camera(graph: Graph, camera: Wire) -> Wire:
    """Return the 4x4 from object space to a camera without scale (x right, y up, -z forward)."""
    world = _transform(graph, graph.wire("GeometryNodeSelfObject"))
    parts = graph.node("FunctionNodeSeparateTransform", {0: _transform(graph, camera)})
    rigid = graph.wire(
        "FunctionNodeCombineTransform",
        {index: Wire(graph, parts.outputs[index]) for index in (0, 1)},
    )
    inverse = graph.wire("FunctionNodeInvertMatrix", {0: rigid})
    return graph.wire("FunctionNodeMatrixMultiply", {0: inverse, 1: world})


def _transform(graph: Graph, item: Wire) -> Wire:
    node = graph.node("GeometryNodeObjectInfo", {"Object": item}, transform_space="ORIGINAL")
    return Wire(graph, node.outputs["Transform"])


def _camera_points(graph: Graph, to_camera: Wire) -> list[Wire]:
    """Return the four control points of each face in camera space."""
    position = graph.wire("GeometryNodeInputPosition")
    face = graph.wire("GeometryNodeInputIndex")
    points = []
    for corner in range(4):
        index = graph.integer("ADD", graph.integer("MULTIPLY", face, 4), corner)
        point = graph.at_index(position, index)
        points.append(graph.wire("FunctionNodeTransformPoint", {0: point, 1: to_camera}))
    return points


@dataclass(frozen=True)
class _Axis:
    """One image axis of the camera's projection: ndc = scale * x/z - shift, in -1..1.

    Attributes:
        focal: Focal length in pixels.
        low: Smallest x/z at which the derivative is taken.
        high: Largest.
    """

    focal: Wire
    low: Wire
    high: Wire


def _axes(graph: Graph, given: dict[str, Wire], camera: Wire) -> tuple[_Axis, _Axis]:
    """Return both axes from the camera's projection matrix, which knows lens, fit and shift."""
    info = graph.node("GeometryNodeCameraInfo", {"Camera": camera})
    matrix = graph.node("FunctionNodeSeparateMatrix", {0: Wire(graph, info.outputs[0])})
    x, y = (
        _axis(
            Wire(graph, matrix.outputs[f"Column {row} Row {row}"]),
            Wire(graph, matrix.outputs[f"Column 3 Row {row}"]),
            given[pixels],
        )
        for row, pixels in ((1, interface.IMAGE_WIDTH), (2, interface.IMAGE_HEIGHT))
    )
    return x, y


def _axis(scale: Wire, shift: Wire, pixels: Wire) -> _Axis:
    margin = constants.CLAMP
    return _Axis(scale * pixels * 0.5, (shift - margin) / scale, (shift + margin) / scale)


def _place(
    graph: Graph, given: dict[str, Wire], camera: Wire, to_camera: Wire, growth: Wire
) -> _Placement:
    mean, *ends = _camera_points(graph, to_camera)
    x, y, negative_z = mean.xyz
    z = -negative_z
    axes = _axes(graph, given, camera)
    tx, ty = (
        graph.wire("ShaderNodeClamp", {0: offset / z, 1: axis.low, 2: axis.high})
        for offset, axis in zip((x, y), axes, strict=True)
    )
    edges = [((end - mean) * growth).xyz for end in ends]
    row_x = graph.vector(*(ex + tx * ez for ex, _, ez in edges))
    row_y = graph.vector(*(ey + ty * ez for _, ey, ez in edges))
    pixel_x, pixel_y = (z / axis.focal for axis in axes)
    a = row_x.dot(row_x) + pixel_x * pixel_x * given[interface.DILATION]
    b = row_x.dot(row_y)
    c = row_y.dot(row_y) + pixel_y * pixel_y * given[interface.DILATION]
    root = graph.calculate("SQRT", a)
    rest = graph.calculate("SQRT", graph.calculate("MAXIMUM", c - b * b / a, 0.0))
    offset = _depth_factor(graph)
    opacity = current_opacity(graph, given)
    visible = graph.calculate("GREATER_THAN", z, given[interface.NEAR])
    return _Placement(
        center=mean * offset,
        shape=graph.vector(root, b / root, rest) * offset,
        extent=current_extent(graph, opacity) * visible,
        opacity=opacity,
    )


def _depth_factor(graph: Graph) -> Wire:
    """Return 1 + a tiny offset per face, so that no two quads lie at exactly the same depth."""
    index = graph.wire("GeometryNodeInputIndex")
    # keeps the product small enough for its fraction to be exact in single precision
    short = graph.integer("MODULO", index, 8192)
    fraction = graph.calculate("FRACT", short * constants.GOLDEN_FRACTION)
    return fraction * constants.DEPTH_JITTER + 1.0


def _capture(graph: Graph, geometry: Wire, placement: _Placement) -> tuple[Wire, _Placement]:
    """Evaluate the placement once per face; vertices then read the values of their face."""
    node = graph.node("GeometryNodeCaptureAttribute", domain="FACE")
    kinds = {"center": "VECTOR", "shape": "VECTOR", "extent": "FLOAT", "opacity": "FLOAT"}
    for name, kind in kinds.items():
        node.capture_items.new(kind, name)
    graph.feed(node.inputs["Geometry"], geometry)
    for name in kinds:
        graph.feed(node.inputs[name], getattr(placement, name))
    captured = _Placement(**{name: Wire(graph, node.outputs[name]) for name in kinds})
    return Wire(graph, node.outputs["Geometry"]), captured


def _set_corners(graph: Graph, geometry: Wire, placement: _Placement, to_camera: Wire) -> Wire:
    vertex = graph.wire("GeometryNodeInputIndex")
    face = graph.integer("DIVIDE", vertex, 4)
    # Blender's own way from faces to vertices averages over neighbours, which costs more
    extent, shape, center = (
        graph.at_index(value, face, "FACE")
        for value in (placement.extent, placement.shape, placement.center)
    )
    uv = graph.attribute(constants.UV, "FLOAT_VECTOR") * extent
    geometry = graph.store(geometry, constants.UV, uv, "POINT", "FLOAT2")
    geometry = graph.store(geometry, constants.OPACITY, placement.opacity, "FACE", "FLOAT")
    u, v, _ = graph.attribute(constants.UV, "FLOAT_VECTOR").xyz
    e1x, e1y, e2y = shape.xyz
    corner = center + graph.vector(u * e1x, u * e1y + v * e2y, 0.0)
    to_object = graph.wire("FunctionNodeInvertMatrix", {0: to_camera})
    position = graph.wire("FunctionNodeTransformPoint", {0: corner, 1: to_object})
    return graph.wire("GeometryNodeSetPosition", {"Geometry": geometry, "Position": position})


def _sort_if(graph: Graph, geometry: Wire, wanted: Wire, placement: _Placement) -> Wire:
    """Order faces from far to near where asked and in the viewport, which EEVEE draws.

    Camera z is negative in front of the camera, so ascending order starts with the farthest.
    """
    viewport = graph.wire("GeometryNodeIsViewport")
    wanted = graph.wire("FunctionNodeBooleanMath", {0: wanted, 1: viewport}, operation="OR")
    ordered = graph.wire(
        "GeometryNodeSortElements",
        {"Geometry": geometry, "Sort Weight": placement.center.xyz[2]},
        domain="FACE",
    )
    return graph.wire(
        "GeometryNodeSwitch",
        {"Switch": wanted, "False": geometry, "True": ordered},
        input_type="GEOMETRY",
    )
