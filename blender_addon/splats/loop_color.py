"""Colour at the current time: moving Gaussians show their middle colour half-way through a loop.

The formula is that of :mod:`livescape_shared.conventions`: of the middle colour, the share
1 - (1 - 2 t)^4 is shown, mixed with the other in scene-linear light, which is what meshes store.
"""

from __future__ import annotations

from . import constants
from .graph import Graph, Wire


def show_current_color(graph: Graph, moving: Wire, loop_frame: Wire, loop_length: Wire) -> Wire:
    """Return the quads of ``moving`` with ``gs_rgba`` as it is at the loop frame."""
    from_middle = loop_frame / loop_length * -2.0 + 1.0
    squared = from_middle * from_middle
    share = 1.0 - squared * squared
    stored = graph.attribute(constants.RGBA, "FLOAT_COLOR")
    middle = graph.attribute(constants.MIDDLE, "FLOAT_COLOR")
    node = graph.node("ShaderNodeMix", data_type="RGBA")
    # Sockets of all data types share their names, so these are found by what they carry.
    colors = [socket for socket in node.inputs if socket.type == "RGBA"]
    factor = next(socket for socket in node.inputs if socket.type == "VALUE")
    for socket, value in zip((factor, *colors), (share, stored, middle), strict=True):
        graph.feed(socket, value)
    mixed = Wire(graph, next(socket for socket in node.outputs if socket.type == "RGBA"))
    return graph.store(moving, constants.RGBA, mixed, "FACE", "FLOAT_COLOR")
