"""Finds buttons as a hand does: by moving the pointer over them and asking what lies there.

Blender has no call that says where a button is. Under the pointer, however, every button can tell
its operator or its property (*Copy Python Command*, *Copy Full Data Path* of its context menu).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import Any

import bpy as blender
import numpy as np
from rig import Rig, Steps

bpy: Any = blender  # its stubs know no add-ons

ROW_PX = 13
"""Less than the height of a button: no row is missed."""

ACROSS = (0.62, 0.3)
"""Where to try in a row, as parts of the sidebar's width."""

PAGE, STEP = 8, 3
MOST_PAGES = 4
MOST_ROWS = 40
SETTLE_S, TURNS, SURE_TURNS = 0.04, 2, 5
"""How long Blender has to hear of the pointer in each of so many turns of its main loop, mostly and
to be sure: where it draws slowly, time tells little."""

ANIMATION_S = 0.6
LIGHT = 150
ARROW, BEFORE_ARROW = slice(29, 42), slice(14, 28)
"""Where the header of a sub-panel has its arrow, in pixels from the sidebar's left edge."""

ARROW_PX = 4


class Hands:
    """Presses what is shown in the sidebar, in dialogs and in file browsers."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.seen: dict[str, int] = {}
        """How often each panel of ours has been drawn."""
        self.known: dict[str, tuple[int, int]] = {}
        """Where buttons were when they were found last, by their operator or property."""
        self._watch_panels()

    def press(self, what: str) -> Steps:
        """Click on the button whose operator or property contains this text.

        Raises:
            LookupError: If the sidebar has none.
        """
        place = yield from self.find(what)
        self.rig.click(*place)
        yield 0.4

    def find(self, what: str) -> Generator[float, None, tuple[int, int]]:
        """Return where such a button is; the sidebar is scrolled to it.

        Raises:
            LookupError: If the sidebar has none.
        """
        for text in [text for text in self.known if what in text]:
            place = self.known.pop(text)
            if what in (yield from self._under(place, SURE_TURNS)):
                self.known[text] = place
                return place
        for turn in range(2 * MOST_PAGES):
            found = yield from self._scan(what)
            if found is not None:
                return found
            is_turned = turn % MOST_PAGES == MOST_PAGES - 1  # nothing below: from the top again
            yield from self._scroll(-PAGE * MOST_PAGES if is_turned else PAGE)
            self.known.clear()
        raise LookupError(f"there is no {what} in the sidebar")

    def open(self, panel: str, *, below: str) -> Steps:
        """Open a panel by a click on its header, which is below a button.

        Raises:
            LookupError: If no click opens it.
        """
        before = yield from self._open_panels()
        if panel in before:
            return
        for _ in range(MOST_PAGES):
            _, top = yield from self.find(below)
            for place in self._headers():
                if place[1] <= top or (yield from self._under(place, SURE_TURNS)):
                    continue  # a header is no button: what was drawn there has moved since
                self.rig.click(*place)
                after = yield from self._open_panels()
                if panel in after:
                    return
                # The header of another panel, if it is still there: what closes lets the rest move.
                if after != before and not (yield from self._under(place, SURE_TURNS)):
                    self.rig.click(*place)
                    yield from self._open_panels()
            yield from self._scroll(STEP)  # more of what is below it
        raise LookupError(f"no click opens {panel}")

    def browse(self, directory: str, filename: str = "") -> Steps:
        """Confirm the file browser that has opened, with a folder and a name put into it."""
        yield from self.rig.until(self._browsers, seconds=20.0)
        window, area = self._browsers()[0]
        yield 0.5
        parameters = area.spaces.active.params
        parameters.directory = directory.encode()
        if filename:
            parameters.filename = filename
        area.tag_redraw()
        yield 1.0
        self.rig.move(area.x + area.width / 2, window.height - area.y - area.height / 2)
        yield 0.3
        self.rig.key("Return")
        yield 1.0

    def _browsers(self) -> list[tuple[Any, Any]]:
        return [
            (window, area)
            for window in bpy.context.window_manager.windows
            for area in window.screen.areas
            if area.type == "FILE_BROWSER" and area.spaces.active.params is not None
        ]

    def _scan(self, what: str) -> Generator[float, None, tuple[int, int] | None]:
        for part in ACROSS:
            before = None
            for place in self._rows(part):
                text = yield from self._under(place)
                if text:
                    self.known[text] = place
                if what in text:
                    # The pointer may be ahead of what Blender has heard of it.
                    for sure in (place, before or place):
                        if what in (yield from self._under(sure, SURE_TURNS)):
                            self.known[text] = sure
                            return sure
                before = place
        return None

    def _rows(self, part: float) -> Iterator[tuple[int, int]]:
        window, area, _ = self.rig.view()
        region = next(each for each in area.regions if each.type == "UI")
        x = int(region.x + part * region.width)
        top = window.height - region.y - region.height
        for y in range(top + 6, top + region.height - 4, ROW_PX):
            yield x, y

    def _under(self, place: tuple[int, int], turns: int = TURNS) -> Generator[float, None, str]:
        """Return what lies there: a call, the path of a property, or nothing."""
        window, area, _ = self.rig.view()
        window.cursor_warp(place[0], window.height - place[1])
        for _ in range(turns):
            yield SETTLE_S
        region = next(each for each in area.regions if each.type == "UI")
        bpy.context.window_manager.clipboard = ""
        with bpy.context.temp_override(
            window=window, screen=window.screen, area=area, region=region
        ):
            for ask in (_command, _path):
                try:
                    ask()
                except RuntimeError:
                    continue
                if text := bpy.context.window_manager.clipboard:
                    return str(text)
        return ""

    def _scroll(self, clicks: int) -> Steps:
        window, area, _ = self.rig.view()
        region = next(each for each in area.regions if each.type == "UI")
        middle = window.height - region.y - region.height / 2
        self.rig.wheel(region.x + region.width / 2, middle, clicks)
        yield 0.4

    def _watch_panels(self) -> None:
        """Count how often each panel of ours draws: one that does not is closed."""
        for cls in self.rig.addon("ui").CLASSES:
            if issubclass(cls, bpy.types.Panel):
                cls.draw = self._counted(cls.__name__, cls.draw)

    def _counted(self, name: str, draw: Callable[..., None]) -> Callable[..., None]:
        def counted(panel: Any, context: Any) -> None:
            self.seen[name] = self.seen.get(name, 0) + 1
            draw(panel, context)

        return counted

    def _open_panels(self) -> Generator[float, None, set[str]]:
        """Return which panels of ours are drawn, once what a click has moved lies still."""
        _, area, _ = self.rig.view()
        yield ANIMATION_S
        before = dict(self.seen)
        area.tag_redraw()
        with suppress(TimeoutError):  # all are closed
            yield from self.rig.until(lambda: self.seen != before, seconds=2.0)
        return {name for name, times in self.seen.items() if times > before.get(name, 0)}

    def _headers(self) -> list[tuple[int, int]]:
        """Return where sub-panels have their headers, by the arrows on the screen."""
        window, area, _ = self.rig.view()
        region = next(each for each in area.regions if each.type == "UI")
        top = window.height - region.y - region.height
        light = self.rig.lightness(region.x, top, region.width, region.height) > LIGHT
        is_arrow = light[:, ARROW].any(axis=1) & ~light[:, BEFORE_ARROW].any(axis=1)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], is_arrow, [0]]).astype(int)))
        return [
            (int(region.x + 0.3 * region.width), int(top + (first + last) // 2))
            for first, last in edges.reshape(-1, 2)
            if last - first >= ARROW_PX
        ]

    def paste_into_dialog(self, text: str, has_taken_it: Callable[[], bool]) -> Steps:
        """Paste a text into the field of the dialog around the pointer that takes it.

        Raises:
            LookupError: If none does.
        """
        x, y = self.rig.pointer
        bpy.context.window_manager.clipboard = text
        rows = sorted((y + row * ROW_PX for row in range(-MOST_ROWS, MOST_ROWS)), reverse=True)
        for place in ((x + aside, row) for aside in (-60, 60) for row in rows):
            self.rig.move(*place)
            yield SETTLE_S
            self.rig.key("ctrl+v")
            yield 2 * SETTLE_S
            if has_taken_it():
                return
        raise LookupError("no field of the dialog takes the text")


def _command() -> None:
    bpy.ops.ui.copy_python_command_button()


def _path() -> None:
    bpy.ops.ui.copy_data_path_button(full_path=True)
