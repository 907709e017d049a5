"""Strokes, paint and the moving photo, drawn over the view of the camera."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from gpu_extras.batch import batch_for_shader
from mathutils import Vector
from mathutils.geometry import tessellate_polygon
from numpy.typing import NDArray

import gpu

from ..compat import image_shader
from ..properties import settings_of
from . import preview, shapes
from .asking import Shown
from .canvas import canvases, fits
from .known import known_strokes
from .placing import from_pixels
from .properties import FLOW, MOVES, STANDS, said_by
from .reference import Stage, stage_now
from .strokes import Stroke

Float64Array = NDArray[np.float64]

COLORS = {
    FLOW: (0.35, 0.85, 1.0, 1.0),
    MOVES: (0.2, 0.9, 0.65, 1.0),
    STANDS: (1.0, 0.55, 0.15, 1.0),
}
_SHADE = (0.0, 0.0, 0.0, 0.6)
_FILL = 0.22
_PAINT, _PAINT_BESIDE_PREVIEW = 0.5, 0.2
"""How much of the photo paint hides."""

_ARROW_SPACING = 60.0
_ARROW_SIZE = 9.0

_handle: Any = None
pending: tuple[str, list[tuple[float, float]]] | None = None
"""Kind and region pixels of the stroke that is being drawn."""


def register() -> None:
    """Draw from now on; there is nothing to draw on in background."""
    global _handle
    if not bpy.app.background and _handle is None:
        _handle = bpy.types.SpaceView3D.draw_handler_add(_draw, (), "WINDOW", "POST_PIXEL")


def unregister() -> None:
    """Undo :func:`register`."""
    global _handle
    if _handle is not None:
        bpy.types.SpaceView3D.draw_handler_remove(_handle, "WINDOW")
        _handle = None


def _draw() -> None:
    context = bpy.context
    view: Any = context.region_data
    scene = context.scene
    if scene is None or view is None or view.view_perspective != "CAMERA":
        return
    stage = stage_now(scene)
    if stage is None or context.space_data.camera != stage.camera:  # type: ignore[union-attr]
        return
    place = _Place(context.region, view, stage)
    gpu.state.blend_set("ALPHA")
    try:
        shown = preview.shown_in(scene)
        if shown is not None:
            _draw_photo(shown, place)
        if settings_of(scene).drawn.is_shown:
            for item in canvases(scene):
                if fits(item, stage.photo):
                    _draw_paint(said_by(item).mask, place, has_preview=shown is not None)
            for stroke in sorted(known_strokes(scene, stage), key=lambda each: each.kind == FLOW):
                _draw_stroke(stroke, place, is_filled=shown is None)
        if pending is not None and len(pending[1]) > 1:
            _lines([np.array(pending[1])], COLORS[pending[0]], 3.0, is_closed=pending[0] != FLOW)
    finally:
        gpu.state.blend_set("NONE")


class _Place:
    """Where the photo is in a region.

    Args:
        region: The region of a view through the camera.
        view: Its view.
        stage: Where the photo is in the world.
    """

    def __init__(self, region: Any, view: Any, stage: Stage) -> None:
        self.photo = stage.photo
        self._matrix = np.array(view.perspective_matrix @ stage.world, dtype=np.float64)
        self._half = np.array([region.width, region.height]) / 2.0

    def on_region(self, places: Float64Array) -> Float64Array:
        """Return the pixels [n, 2] of the region at which places [n, 2] in the photo are."""
        ends = self._matrix[:, :2] @ places.T + self._matrix[:, 3:]
        return np.asarray(((ends[:2] / ends[3]).T + 1.0) * self._half)


def to_photo(region: Any, view: Any, stage: Stage, pixels: Float64Array) -> Float64Array:
    """Return the places [n, 2] in the photo's frame at pixels [n, 2] of a region."""
    whole = np.array(view.perspective_matrix @ stage.world, dtype=np.float64)
    matrix = whole[np.ix_((0, 1, 3), (0, 1, 3))]
    half = np.array([region.width, region.height]) / 2.0
    ends = np.column_stack([pixels / half - 1.0, np.ones(len(pixels))])
    found = np.linalg.solve(matrix, ends.T).T
    return np.asarray(found[:, :2] / found[:, 2:])


def _draw_photo(shown: Shown, place: _Place) -> None:
    index = shown.index()
    texture = shown.textures.get(index)
    if texture is None:
        texture = shown.textures[index] = _texture(shown, index)
    _draw_texture(texture, shown.photo.edges, place)


def _draw_paint(image: bpy.types.Image, place: _Place, *, has_preview: bool) -> None:
    opacity = _PAINT_BESIDE_PREVIEW if has_preview else _PAINT
    _draw_texture(gpu.texture.from_image(image), (0.0, 0.0, 1.0, 1.0), place, opacity)


def _draw_texture(
    texture: Any, edges: tuple[float, float, float, float], place: _Place, opacity: float = 1.0
) -> None:
    """Draw a picture over a part of the photo, whose edges are shares of its sides."""
    left, top, right, bottom = edges
    shares = np.array([[left, bottom], [right, bottom], [right, top], [left, top]])
    corners = shares * place.photo
    # Half a pixel within the edges: beyond, what is at the opposite edge would shine through.
    x, y = 0.5 / texture.width, 0.5 / texture.height
    shader = image_shader()
    batch = batch_for_shader(
        shader,
        "TRI_FAN",
        {
            "pos": _flat(place.on_region(from_pixels(corners, place.photo))),
            "texCoord": [(x, y), (1 - x, y), (1 - x, 1 - y), (x, 1 - y)],
        },
    )
    shader.bind()
    shader.uniform_sampler("image", texture)
    shader.uniform_float("color", (1.0, 1.0, 1.0, opacity))
    batch.draw(shader)


def _texture(shown: Shown, index: int) -> Any:
    height, width = shown.photo.images.shape[1:3]
    types: Any = gpu.types  # stubs know nothing of how these are made
    flat = types.Buffer("FLOAT", width * height * 4, shown.pixels[index])
    return types.GPUTexture((width, height), format="SRGB8_A8", data=flat)


def _draw_stroke(stroke: Stroke, place: _Place, *, is_filled: bool) -> None:
    color = COLORS[stroke.kind]
    parts = [place.on_region(part) for part in stroke.parts if len(part) > 1]
    if stroke.is_region:
        for part in parts if is_filled else ():
            _fill(part, (*color[:3], _FILL))
        _lines(parts, _SHADE, 4.0, is_closed=True)
        _lines(parts, color, 2.0, is_closed=True)
        if stroke.direction is not None:
            headings = [_heading(part, stroke.direction) for part in parts]
            _lines(headings, color, 3.0)
            _arrowheads(headings, color)
        return
    _lines(parts, _SHADE, 5.0)
    _lines(parts, color, 3.0)
    _arrowheads(parts, color)


def _heading(outline: Float64Array, direction: float) -> Float64Array:
    """Return a short way in the middle of a region, in its direction."""
    middle = shapes.places_in(outline, 9).mean(axis=0)
    way = np.array([np.cos(direction), np.sin(direction)]) * _ARROW_SPACING / 2
    return np.stack([middle - way, middle + way])


def _lines(
    parts: list[Float64Array], color: tuple[float, ...], width: float, *, is_closed: bool = False
) -> None:
    region: Any = bpy.context.region
    shader = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
    shader.bind()
    shader.uniform_float("viewportSize", (region.width, region.height))
    shader.uniform_float("lineWidth", width * _pixel_size())
    shader.uniform_float("color", color)
    for part in parts:
        points = np.concatenate([part, part[:1]]) if is_closed else part
        batch_for_shader(shader, "LINE_STRIP", {"pos": _flat(points)}).draw(shader)


def _arrowheads(parts: list[Float64Array], color: tuple[float, ...]) -> None:
    size = _ARROW_SIZE * _pixel_size()
    corners = []
    for part in parts:
        if shapes.length(part) < 1.0:
            continue
        places, leads = shapes.along(part, _ARROW_SPACING, 50)
        ends = np.concatenate([places, part[-1:]])
        leads = np.concatenate([leads, leads[-1:]])
        across = leads[:, ::-1] * (-1.0, 1.0)
        heads = np.stack(
            [ends + size * leads, ends + 0.6 * size * across, ends - 0.6 * size * across], axis=1
        )
        corners.append(heads.reshape(-1, 2))
    if corners:
        _triangles(np.concatenate(corners), color)


def _pixel_size() -> float:
    preferences: Any = bpy.context.preferences
    return float(preferences.system.pixel_size)


def _fill(outline: Float64Array, color: tuple[float, ...]) -> None:
    if len(outline) < 3:
        return
    triangles = tessellate_polygon([[Vector((x, y, 0.0)) for x, y in outline]])
    if triangles:
        _triangles(outline[np.array(triangles).ravel()], color)


def _triangles(corners: Float64Array, color: tuple[float, ...]) -> None:
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    shader.bind()
    shader.uniform_float("color", color)
    batch_for_shader(shader, "TRIS", {"pos": _flat(corners)}).draw(shader)


def _flat(points: Float64Array) -> list[tuple[float, float, float]]:
    return [(x, y, 0.0) for x, y in points.tolist()]
