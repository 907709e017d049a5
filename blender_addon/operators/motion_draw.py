"""Draw arrows and regions on the photo: by hand through the camera, or by points from a script."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError

from ..motion import overlay, shapes
from ..motion.placing import from_pixels
from ..motion.preview import prepare
from ..motion.properties import DEFAULT_SPEED, FLOW, KINDS
from ..motion.reference import Stage
from ..motion.strokes import add_stroke, remove_stroke
from ..redraw import redraw_viewports
from ..translations.words import iface, tip
from .motion_base import OnMotion, choose, stage_in
from .result import Result, broken

STEP_PX = 3.0
"""How far the pointer moves from one point to the next."""

TOLERANCE_PX = 1.0
"""How far what is kept of a stroke may be off."""

SHORTEST_PX = 8.0
"""Length of a drag below which it is a click."""

_HELP = "Drag: draw   |   Backspace: remove the last   |   Enter, Esc or right mouse: done"
_ENDS = ("RET", "NUMPAD_ENTER", "ESC", "RIGHTMOUSE", "SPACE")
_newest = 0


class LIVESCAPE_OT_draw_motion(OnMotion):
    """Draw strokes on the photo."""

    bl_idname = "livescape.draw_motion"
    bl_label = "Draw Motion"
    bl_description = "Draw on the photo, seen through the camera"
    bl_options = {"REGISTER", "UNDO"}

    kind: bpy.props.EnumProperty(
        name="Kind", description="What is drawn", items=KINDS, options={"SKIP_SAVE"}
    )
    points: bpy.props.StringProperty(
        name="Points",
        description="The stroke, for scripts: pixels of the photo, as in '30,40 50,45'",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    speed: bpy.props.FloatProperty(
        name="Speed",
        description="Percent of the photo's long side in a second",
        default=DEFAULT_SPEED,
        min=0.0,
        options={"SKIP_SAVE", "HIDDEN"},
    )

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        """Say what the kind says."""
        said = next(text for kind, _, text, *_ in KINDS if kind == properties.kind)
        return tip(f"Draw on the photo, seen through the camera. {said}")

    def execute(self, context: bpy.types.Context) -> Result:
        """Add the stroke of the given points."""
        try:
            stage = stage_in(context)
            places = from_pixels(_pixels(self.points), stage.photo)
            item = add_stroke(context.scene, stage, self.kind, [places], speed=self.speed)
        except LivescapeError as error:
            return self.refuse(error)
        choose(context, [item])
        return {"FINISHED"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Look through the camera and draw until told to stop."""
        global _newest
        area = context.area
        if area is None or area.type != "VIEW_3D":
            return self.refuse(
                LivescapeError(
                    "view_missing",
                    "There is no 3D viewport to draw in.",
                    hint="Press the button in the sidebar of a 3D viewport.",
                )
            )
        try:
            self._stage: Stage = stage_in(context)
        except LivescapeError as error:
            return self.refuse(error)
        if context.mode != "OBJECT":
            bpy.ops.object.mode_set(mode="OBJECT")
        self._area = area
        self._region = next(each for each in area.regions if each.type == "WINDOW")
        space: Any = area.spaces.active
        self._view: Any = space.region_3d
        self._view.view_perspective = "CAMERA"
        self._drawn: list[str] = []
        self._way: list[tuple[float, float]] = []
        _newest += 1
        self._number = _newest
        context.window.cursor_modal_set("PAINT_CROSS")
        context.workspace.status_text_set(iface(_HELP))
        context.window_manager.modal_handler_add(self)
        prepare(context)
        redraw_viewports()
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Follow the pointer."""
        try:
            return self._on(context, event)
        except LivescapeError as error:
            self._end(context)
            return self.refuse(error)
        except Exception as error:
            self._end(context)
            return broken(self, context, error)

    def cancel(self, context: bpy.types.Context) -> None:
        """Blender ends it, as when a file is opened."""
        self._end(context)

    def _on(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        if self._number != _newest and not self._way:
            return self._done(context)  # the button of another kind was pressed
        if event.type == "LEFTMOUSE" and event.value == "PRESS":
            if not self._is_over_photo(event):
                return {"PASS_THROUGH"}
            self._way = [self._pixel(event)]
        elif self._way and event.type in ("MOUSEMOVE", "INBETWEEN_MOUSEMOVE"):
            self._extend(event)
        elif self._way and event.type == "LEFTMOUSE" and event.value == "RELEASE":
            self._extend(event)
            self._finish(context)
        elif event.type in _ENDS and event.value == "PRESS":
            if self._way:
                self._forget_way()
            else:
                return self._done(context)
        elif event.value == "PRESS" and self._takes_back(event):
            self._take_back()
        else:
            return {"PASS_THROUGH"}
        return {"RUNNING_MODAL"}

    def _takes_back(self, event: bpy.types.Event) -> bool:
        return event.type == "BACK_SPACE" or (event.type == "Z" and (event.ctrl or event.oskey))

    def _pixel(self, event: bpy.types.Event) -> tuple[float, float]:
        return float(event.mouse_x - self._region.x), float(event.mouse_y - self._region.y)

    def _is_over_photo(self, event: bpy.types.Event) -> bool:
        """Whether the pointer is in the view, on none of the regions that lie over it."""
        x, y = event.mouse_x, event.mouse_y
        hit = [
            each.type
            for each in self._area.regions
            if each.x <= x < each.x + each.width and each.y <= y < each.y + each.height
            if min(each.width, each.height) > 1
        ]
        return hit == ["WINDOW"]

    def _extend(self, event: bpy.types.Event) -> None:
        x, y = self._pixel(event)
        last = self._way[-1]
        if (x - last[0]) ** 2 + (y - last[1]) ** 2 >= STEP_PX**2:
            self._way.append((x, y))
            overlay.pending = (self.kind, self._way)
            self._area.tag_redraw()

    def _finish(self, context: bpy.types.Context) -> None:
        """Add what was drawn; a click alone is no stroke."""
        way = np.array(self._way, dtype=np.float64)
        self._forget_way()
        simple = shapes.simplified(way, TOLERANCE_PX)
        if shapes.length(way) < SHORTEST_PX or (self.kind != FLOW and len(simple) < 3):
            return
        kept = simple if len(simple) > 2 else np.insert(simple, 1, simple.mean(axis=0), axis=0)
        places = overlay.to_photo(self._region, self._view, self._stage, kept)
        item = add_stroke(context.scene, self._stage, self.kind, [places])
        self._drawn.append(item.name)
        choose(context, [item])

    def _forget_way(self) -> None:
        self._way = []
        overlay.pending = None
        self._area.tag_redraw()

    def _take_back(self) -> None:
        while self._drawn:
            item: Any = bpy.data.objects.get(self._drawn.pop())
            if item is not None:
                remove_stroke(item)
                redraw_viewports()
                return

    def _done(self, context: bpy.types.Context) -> Result:
        self._end(context)
        return {"FINISHED"} if self._drawn else {"CANCELLED"}

    def _end(self, context: bpy.types.Context) -> None:
        overlay.pending = None
        self._way = []
        if context.window is not None:
            context.window.cursor_modal_restore()
        if context.workspace is not None:
            context.workspace.status_text_set(None)
        redraw_viewports()


def _pixels(text: str) -> NDArray[np.float64]:
    """Return the points [n, 2] that a script has written as ``x,y x,y``.

    Raises:
        LivescapeError: ``stroke_invalid``.
    """
    try:
        points = [[float(number) for number in pair.split(",")] for pair in text.split()]
        pixels = np.array(points, dtype=np.float64)
    except ValueError:
        pixels = np.zeros(0)
    if (
        pixels.ndim != 2
        or pixels.shape[0] < 2
        or pixels.shape[1] != 2
        or not np.isfinite(pixels).all()
    ):
        raise LivescapeError(
            "stroke_invalid",
            "A stroke needs at least two points.",
            hint="Give pixels of the photo as in '30,40 50,45'.",
        )
    return pixels


CLASSES: tuple[type[bpy.types.Operator], ...] = (LIVESCAPE_OT_draw_motion,)
