"""A thin way to write node trees as arithmetic.

A :class:`Wire` is one output socket; adding, multiplying or comparing wires adds the node that
does so and returns its output, so a tree reads like the formula that it computes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bpy

from ..slices import breathe


class Wire:
    """An output socket that can be calculated with.

    Args:
        graph: The tree in which results are built.
        socket: The output.
    """

    def __init__(self, graph: Graph, socket: bpy.types.NodeSocket) -> None:
        self.graph = graph
        self.socket = socket

    @property
    def is_vector(self) -> bool:
        """Whether this carries three numbers."""
        return bool(self.socket.type == "VECTOR")

    @property
    def xyz(self) -> tuple[Wire, Wire, Wire]:
        """The three components of a vector."""
        node = self.graph.node("ShaderNodeSeparateXYZ", {0: self})
        x, y, z = (Wire(self.graph, output) for output in node.outputs)
        return x, y, z

    def __add__(self, other: Wire | float) -> Wire:
        return self.graph.calculate("ADD", self, other)

    def __sub__(self, other: Wire | float) -> Wire:
        return self.graph.calculate("SUBTRACT", self, other)

    def __rsub__(self, other: float) -> Wire:
        return self.graph.calculate("SUBTRACT", other, self)

    def __rtruediv__(self, other: float) -> Wire:
        return self.graph.calculate("DIVIDE", other, self)

    def __mul__(self, other: Wire | float) -> Wire:
        if self.is_vector and not (isinstance(other, Wire) and other.is_vector):
            node = self.graph.node(
                "ShaderNodeVectorMath", {0: self, "Scale": other}, operation="SCALE"
            )
            return Wire(self.graph, node.outputs["Vector"])
        return self.graph.calculate("MULTIPLY", self, other)

    def __truediv__(self, other: Wire | float) -> Wire:
        return self.graph.calculate("DIVIDE", self, other)

    def __neg__(self) -> Wire:
        return self * -1.0

    def dot(self, other: Wire) -> Wire:
        """Return the scalar product of two vectors."""
        node = self.graph.node("ShaderNodeVectorMath", {0: self, 1: other}, operation="DOT_PRODUCT")
        return Wire(self.graph, node.outputs["Value"])


class Graph:
    """A node tree under construction.

    Args:
        tree: An empty geometry or shader node tree.
    """

    def __init__(self, tree: Any) -> None:  # a material's or scene's may be None to stubs
        self.tree = tree

    def node(
        self, kind: str, inputs: Mapping[int | str, Wire | Any] | None = None, **settings: Any
    ) -> Any:
        """Add a node; its own sockets and properties are known to Blender alone.

        Args:
            kind: Type name, such as ``ShaderNodeMath``.
            inputs: What to link (a :class:`Wire`) or set (a plain value), by index or name.
            **settings: Properties of the node, set before its sockets are looked up.
        """
        breathe()
        node = self.tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(node, name, value)
        for key, value in (inputs or {}).items():
            self.feed(node.inputs[key], value)
        return node

    def wire(
        self, kind: str, inputs: Mapping[int | str, Wire | Any] | None = None, **settings: Any
    ) -> Wire:
        """Add a node and return its first visible output."""
        node = self.node(kind, inputs, **settings)
        return Wire(self, next(output for output in node.outputs if output.enabled))

    def feed(self, socket: Any, value: Wire | Any) -> None:
        """Link ``value`` into an input, or set the input's own value."""
        breathe()
        if isinstance(value, Wire):
            self.tree.links.new(value.socket, socket)
        else:
            socket.default_value = value

    def calculate(self, operation: str, *operands: Wire | float) -> Wire:
        """Apply an operation of the Math or, if an operand is a vector, Vector Math node."""
        vector = any(isinstance(operand, Wire) and operand.is_vector for operand in operands)
        if not vector:
            return self.wire("ShaderNodeMath", dict(enumerate(operands)), operation=operation)
        inputs: dict[int | str, Any] = {
            index: operand if isinstance(operand, Wire) else (operand,) * 3
            for index, operand in enumerate(operands)
        }
        return self.wire("ShaderNodeVectorMath", inputs, operation=operation)

    def integer(self, operation: str, *operands: Wire | int) -> Wire:
        """Apply an operation of the Integer Math node."""
        return self.wire("FunctionNodeIntegerMath", dict(enumerate(operands)), operation=operation)

    def at_index(self, value: Wire, index: Wire, domain: str = "POINT") -> Wire:
        """Return the field ``value`` of element ``index`` of ``domain``, wherever it is asked."""
        data_type = "FLOAT_VECTOR" if value.is_vector else "FLOAT"
        node = self.node("GeometryNodeFieldAtIndex", domain=domain, data_type=data_type)
        self.feed(node.inputs["Value"], value)
        self.feed(node.inputs["Index"], index)
        return Wire(self, next(output for output in node.outputs if output.enabled))

    def sample(self, geometry: Wire, value: Wire, index: Wire) -> Wire:
        """Return the vector ``value`` of point ``index`` of another ``geometry``."""
        node = self.node("GeometryNodeSampleIndex", domain="POINT", data_type="FLOAT_VECTOR")
        for name, wire in (("Geometry", geometry), ("Value", value), ("Index", index)):
            self.feed(node.inputs[name], wire)
        return Wire(self, next(output for output in node.outputs if output.enabled))

    def store(self, geometry: Wire, name: str, value: Wire, domain: str, data_type: str) -> Wire:
        """Write a field to a named attribute."""
        return self.wire(
            "GeometryNodeStoreNamedAttribute",
            {"Geometry": geometry, "Name": name, "Value": value},
            domain=domain,
            data_type=data_type,
        )

    def attribute(self, name: str, data_type: str) -> Wire:
        """Read a named attribute as a field."""
        return self.wire("GeometryNodeInputNamedAttribute", {"Name": name}, data_type=data_type)

    def vector(self, x: Wire | float, y: Wire | float, z: Wire | float) -> Wire:
        """Combine three numbers."""
        return self.wire("ShaderNodeCombineXYZ", {0: x, 1: y, 2: z})

    def arrange(self) -> None:
        """Lay nodes out by their depth in the tree, so that a curious artist can follow it."""
        links = [(link.from_node.name, link.to_node.name) for link in self.tree.links]
        depth: dict[str, int] = {}
        for _ in range(len(self.tree.nodes)):
            changed = False
            for source, target in links:
                least = depth.get(source, 0) + 1
                if depth.get(target, 0) < least:
                    depth[target] = least
                    changed = True
            if not changed:
                break
        rows: dict[int, int] = {}
        places: list[float] = []
        for node in self.tree.nodes:
            column = depth.get(node.name, 0)
            places += (column * 180.0, -rows.get(column, 0) * 170.0)
            rows[column] = rows.get(column, 0) + 1
        self.tree.nodes.foreach_set("location", places)  # one by one, each would update the tree
