"""What was found about a move, drawn: a strip over the timeline, a safe volume in the viewport."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import blf
import bpy
import numpy as np
from gpu_extras.batch import batch_for_shader
from numpy.typing import NDArray

import gpu

from ..properties import settings_of
from ..translations.words import iface
from .measured import Measured, measured

HEIGHT = 14.0
"""Of the strip, in pixels at a scale of 1."""

BASE = 8.0
"""Its height above the lower edge, where the scroll bar is, likewise."""

LEAST_HEIGHT = 80.0
"""Of a timeline that has room for words, likewise."""

STEP = 3.0
"""Width of its columns, likewise."""

FULL = 2.0
"""How much is missing where a column is full, in limits."""

GOOD, WARN, BAD = (0.35, 0.75, 0.4), (0.95, 0.75, 0.25), (0.95, 0.35, 0.3)
_RINGS = 24
_handles: list[tuple[Any, Any]] = []


def colour(total: float, limit: float) -> tuple[float, float, float, float]:
    """Return green, amber from half the limit on, red beyond it."""
    red, green, blue = BAD if total > limit else WARN if total > limit / 2 else GOOD
    return red, green, blue, 0.9


def register() -> None:
    """Draw from now on."""
    if bpy.app.background:
        return
    for space, region, when, draw in (
        (bpy.types.SpaceDopeSheetEditor, "WINDOW", "POST_PIXEL", _draw_strip),
        (bpy.types.SpaceView3D, "WINDOW", "POST_VIEW", _draw_volume),
    ):
        _handles.append((space, space.draw_handler_add(draw, (), region, when)))


def unregister() -> None:
    """Undo :func:`register`."""
    while _handles:
        space, handle = _handles.pop()
        space.draw_handler_remove(handle, "WINDOW")


def _draw_strip() -> None:
    context = bpy.context
    scene, region = context.scene, context.region
    found = measured(scene)
    if found is None or not settings_of(scene).camera.show_strip or context.area is None:
        return
    scale = context.preferences.system.ui_scale
    columns = strip_columns(found, scene.frame_start, scene.frame_end, region, scale)
    positions, colours = _rectangles(columns)
    shader = gpu.shader.from_builtin("FLAT_COLOR")
    gpu.state.blend_set("ALPHA")
    batch_for_shader(shader, "TRIS", {"pos": positions, "color": colours}).draw(shader)
    gpu.state.blend_set("NONE")
    if region.height > LEAST_HEIGHT * scale:
        _draw_text(found, scene.frame_current, scale)


def strip_columns(
    found: Measured, first: int, last: int, region: Any, scale: float
) -> list[tuple[float, float, float, float, Any]]:
    """Return the rectangles of the strip: left, lower, right, upper and colour.

    Args:
        found: What is drawn.
        first: First frame of the scene.
        last: Its last.
        region: Of the timeline, which knows where a frame is.
        scale: Of the interface.
    """
    left = region.view2d.view_to_region(first - 0.5, 0.0, clip=False)[0]
    right = region.view2d.view_to_region(last + 0.5, 0.0, clip=False)[0]
    edges = np.arange(max(left, 0.0), min(right, region.width), STEP * scale)
    base, height = BASE * scale, HEIGHT * scale
    dark = (0.1, 0.1, 0.1, 0.6)
    rectangles: list[tuple[float, float, float, float, Any]] = []
    if len(edges):
        rectangles.append((float(edges[0]), base, min(right, region.width), base + height, dark))
    for edge in edges.tolist():
        frame = region.view2d.region_to_view(edge + STEP * scale / 2, 0.0)[0]
        share = found.at(frame)
        tall = max(min(share.total / (FULL * found.limit), 1.0), 0.12) * height
        until = min(edge + STEP * scale, right)
        whole = colour(share.total, found.limit)
        rectangles.append((edge, base, until, base + tall, whole))
        if share.total > 0.5:  # what lies beyond the edge stands, darker, on what was hidden
            foot = base + tall * share.hidden / share.total
            darker = (*(0.6 * each for each in whole[:3]), whole[3])
            rectangles.append((edge, foot, until, base + tall, darker))
    return rectangles


def _rectangles(
    columns: Sequence[tuple[float, float, float, float, Any]],
) -> tuple[list[tuple[float, float]], list[Any]]:
    positions: list[tuple[float, float]] = []
    colours = []
    for left, lower, right, upper, shade in columns:
        positions += [(left, lower), (right, lower), (right, upper)]
        positions += [(left, lower), (right, upper), (left, upper)]
        colours += [shade] * 6
    return positions, colours


def _draw_text(found: Measured, frame: int, scale: float) -> None:
    share = found.at(frame)
    template = "Not in the photo at {0}: {1} % hidden, {2} % beyond the edge"
    if found.is_of_run:
        template = "Not in the photo at {0}: {1} % invented, {2} % empty"
    text = iface(template, frame, f"{share.hidden:.0f}", f"{share.beyond:.0f}")
    blf.size(0, 11.0 * scale)
    blf.position(0, 8.0 * scale, (BASE + HEIGHT + 6.0) * scale, 0.0)
    blf.color(0, *colour(share.total, found.limit)[:3], 1.0)
    blf.enable(0, blf.SHADOW)
    blf.shadow(0, 3, 0.0, 0.0, 0.0, 0.8)
    blf.draw(0, text)
    blf.disable(0, blf.SHADOW)


def _draw_volume() -> None:
    context = bpy.context
    scene, space = context.scene, context.space_data
    found = measured(scene)
    if found is None or found.reference is None or not settings_of(scene).camera.show_volume:
        return
    if not (isinstance(space, bpy.types.SpaceView3D) and space.overlay.show_overlays):
        return
    if space.region_3d is not None and space.region_3d.view_perspective == "CAMERA":
        return  # from inside, it hides the picture
    unit = scene.unit_settings.scale_length or 1.0
    shader = gpu.shader.from_builtin("POLYLINE_FLAT_COLOR")
    shader.uniform_float("viewportSize", (context.region.width, context.region.height))
    gpu.state.blend_set("ALPHA")
    for width, lines, colours in (
        (1.2, *volume_lines(found, unit)),
        (3.0, *path_lines(found, unit)),
    ):
        if len(lines):
            shader.uniform_float("lineWidth", width)
            batch_for_shader(shader, "LINES", {"pos": lines, "color": colours}).draw(shader)
    gpu.state.blend_set("NONE")


def volume_lines(found: Measured, unit: float) -> tuple[list[Any], list[Any]]:
    """Return the three rings of the safe volume: ends of lines in Blender units, and colours.

    Straight moves are known in six directions; between them the volume is taken to be round.
    """
    if found.reference is None:
        return [], []
    right, left, down, up, forward, back = found.safe
    to_world = found.reference.camera_to_world
    lines: list[Any] = []
    for first, second in ((0, 1), (0, 2), (1, 2)):
        ends = ((right, left), (down, up), (forward, back))
        ring = _ring(first, second, ends)
        world = (ring @ to_world[:3, :3].T + to_world[:3, 3]) / unit
        lines += [
            each for pair in zip(world, np.roll(world, -1, axis=0), strict=True) for each in pair
        ]
    return [tuple(each) for each in lines], [(*GOOD, 0.8)] * len(lines)


def path_lines(found: Measured, unit: float) -> tuple[list[Any], list[Any]]:
    """Return the camera's path, each piece in the colour of its end."""
    places = found.places / unit
    lines: list[Any] = []
    colours: list[Any] = []
    for index in range(len(places) - 1):
        lines += [tuple(places[index]), tuple(places[index + 1])]
        colours += [colour(found.shares[index + 1].total, found.limit)] * 2
    return lines, colours


def _ring(first: int, second: int, ends: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    angles = np.linspace(0.0, 2.0 * np.pi, _RINGS, endpoint=False)
    ring = np.zeros((_RINGS, 3))
    for axis, values in ((first, np.cos(angles)), (second, np.sin(angles))):
        ahead, behind = ends[axis]
        ring[:, axis] = np.where(values >= 0.0, values * ahead, values * behind)
    return ring
