"""The inputs of the billboard group, and how a modifier's inputs are found by name."""

from __future__ import annotations

from typing import Any

import bpy

from livescape_shared import rendering

GEOMETRY = "Geometry"
STATIC = "Static"
MOVING = "Moving"
MATERIAL = "Material"
VIEWPORT_MATERIAL = "Viewport Material"
VIEWPORT_SPLATS = "Viewport Splats"
EXACT_VIEWPORT = "Exact in Viewport"
THROUGH_CAMERA = "Viewport through Camera"
LOOP_FRAME = "Loop Frame"
LOOP_LENGTH = "Loop Length"
FADE = "Fade"
ODD_LOOP = "Odd Loop"
PAIRED = "Paired Copies"
IMAGE_WIDTH = "Image Width"
IMAGE_HEIGHT = "Image Height"
DILATION = "Dilation"
NEAR = "Near"
SORT = "Sort Back to Front"

_FLOATS = {
    LOOP_FRAME: (0.0, "Frame within the loop, driven by the scene's time"),
    LOOP_LENGTH: (1.0, "Frames after which the motion repeats or ends"),
    FADE: (1.0, "Part of the loop in which a copy of a moving Gaussian comes or goes"),
    ODD_LOOP: (0.0, "1 in every second loop, driven likewise"),
    IMAGE_WIDTH: (1920.0, "Width of the rendered image in pixels, driven by the render settings"),
    IMAGE_HEIGHT: (1080.0, "Height of the rendered image in pixels, driven likewise"),
    DILATION: (rendering.DILATION, "Low-pass filter of the rasterizer: variance in square pixels"),
    NEAR: (rendering.NEAR, "Gaussians nearer to the camera than this are hidden"),
    VIEWPORT_SPLATS: (60_000.0, "Gaussians in the viewport, about; driven by the object"),
    EXACT_VIEWPORT: (0.0, "1 to see in the viewport what renders show, driven by the object"),
}

_SWITCHES = {
    PAIRED: "The second half of the mesh lists the incoming copies of the first half",
    SORT: "EEVEE draws faces in mesh order, so it needs them sorted; Cycles does not",
}


def add_interface(tree: bpy.types.NodeTree) -> None:
    """Give an empty group its sockets."""
    interface: Any = tree.interface
    interface.new_socket(GEOMETRY, in_out="INPUT", socket_type="NodeSocketGeometry")
    interface.new_socket(STATIC, in_out="INPUT", socket_type="NodeSocketObject")
    for name in (MATERIAL, VIEWPORT_MATERIAL):
        interface.new_socket(name, in_out="INPUT", socket_type="NodeSocketMaterial")
    for name, (default, description) in _FLOATS.items():
        socket = interface.new_socket(name, in_out="INPUT", socket_type="NodeSocketFloat")
        socket.default_value = default
        socket.description = description
    for name, description in _SWITCHES.items():
        socket = interface.new_socket(name, in_out="INPUT", socket_type="NodeSocketBool")
        socket.default_value = False
        socket.description = description
    # last, for modifiers know inputs by their number
    interface.new_socket(MOVING, in_out="INPUT", socket_type="NodeSocketObject")
    through = interface.new_socket(THROUGH_CAMERA, in_out="INPUT", socket_type="NodeSocketFloat")
    through.description = "1 while viewports look through the active camera, driven by the object"
    interface.new_socket(GEOMETRY, in_out="OUTPUT", socket_type="NodeSocketGeometry")


def find_input(tree: bpy.types.NodeTree, name: str) -> str | None:
    """Return the identifier, such as ``Socket_3``, of the input called ``name``, if there is one.

    An object that an earlier version of the add-on built may have fewer inputs than we know.
    """
    return next((str(each.identifier) for each in _inputs(tree) if each.name == name), None)


def input_identifier(tree: bpy.types.NodeTree, name: str) -> str:
    """Return the identifier of an input that a group of ours has.

    Raises:
        ValueError: If it has not.
    """
    identifier = find_input(tree, name)
    if identifier is None:
        message = f"group {tree.name} has no input {name}"
        raise ValueError(message)
    return identifier


def pointer_inputs(tree: bpy.types.NodeTree) -> list[str]:
    """Return the identifiers of the inputs that hold objects and materials."""
    kinds = ("NodeSocketObject", "NodeSocketMaterial")
    return [str(each.identifier) for each in _inputs(tree) if each.socket_type in kinds]


def value_inputs(tree: bpy.types.NodeTree) -> list[str]:
    """Return the identifiers of all inputs but the geometry."""
    inputs = _inputs(tree)
    return [str(each.identifier) for each in inputs if each.socket_type != "NodeSocketGeometry"]


def _inputs(tree: bpy.types.NodeTree) -> list[bpy.types.NodeTreeInterfaceSocket]:
    items = tree.interface.items_tree if tree.interface is not None else ()
    sockets = [item for item in items if isinstance(item, bpy.types.NodeTreeInterfaceSocket)]
    return [socket for socket in sockets if socket.in_out == "INPUT"]
