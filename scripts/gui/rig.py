"""Inside Blender: a scenario is a generator that acts, yields seconds, and looks again."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy as blender
import numpy as np
from numpy.typing import NDArray

bpy: Any = blender  # its stubs know neither add-ons nor that a window is open

Steps = Generator[float, None, None]
TICKS = os.sysconf("SC_CLK_TCK")
MODULE = "bl_ext.user_default.livescape"


@dataclass(frozen=True)
class Clock:
    """When something began, and what Blender and what it has started had computed until then."""

    began: float
    blender: float
    server: float

    def read(self) -> dict[str, float]:
        """Return the seconds that have passed, and those of computing."""
        return {
            "seconds": round(time.monotonic() - self.began, 2),
            "blender_cpu": round(_own_seconds() - self.blender, 2),
            "server_cpu": round(_seconds_of_others() - self.server, 2),
        }


class Rig:
    """What a scenario sees with, and its hands: a real pointer and a real keyboard."""

    def __init__(self, out: Path, arguments: dict[str, Any]) -> None:
        self.out, self.arguments = out, arguments
        self.taken: list[str] = []
        self.facts: dict[str, Any] = {}

    def shot(self, name: str) -> None:
        """Keep the screen as it was last drawn."""
        path = self.out / f"{name}.png"
        self._do("import", "-silent", "-window", "root", path)
        self._note(path.name)

    @property
    def pointer(self) -> tuple[int, int]:
        """Where the pointer is on the screen."""
        words = ["xdotool", "getmouselocation", "--shell"]
        said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        values = dict(line.split("=") for line in said.split())
        return int(values["X"]), int(values["Y"])

    def lightness(self, x: int, y: int, width: int, height: int) -> NDArray[np.uint8]:
        """Return a part of the screen in shades of grey [height, width], 0 to 255."""
        words = ["import", "-silent", "-window", "root", "-depth", "8", "gray:-"]
        data = subprocess.run(words, check=True, capture_output=True).stdout
        window = bpy.context.window_manager.windows[0]
        screen = np.frombuffer(data, np.uint8).reshape(-1, window.width)
        return screen[y : y + height, x : x + width]

    def keep(self, picture: Path, name: str) -> None:
        """Keep a picture beside the screenshots."""
        shutil.copyfile(picture, self.out / f"{name}.png")
        self._note(f"{name}.png")

    def _note(self, name: str) -> None:
        if name not in self.taken:  # else it is another try
            self.taken.append(name)

    def click(self, x: float, y: float) -> None:
        """Click at a place of the screen, counted from its upper left corner."""
        self._do("xdotool", "mousemove", int(x), int(y), "sleep", "0.2", "click", 1)

    def move(self, x: float, y: float) -> None:
        """Move the pointer to a place of the screen."""
        self._do("xdotool", "mousemove", int(x), int(y))

    def wheel(self, x: float, y: float, clicks: int) -> None:
        """Turn the wheel at a place of the screen, down for positive numbers."""
        button = 5 if clicks > 0 else 4
        self._do("xdotool", "mousemove", int(x), int(y), "sleep", "0.1")
        self._do("xdotool", "click", "--repeat", abs(clicks), "--delay", 15, button)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press at a place, move to another in steps, and release there."""
        (x0, y0), (x1, y1) = start, end
        steps = [(x0 + (x1 - x0) * step / 8, y0 + (y1 - y0) * step / 8) for step in range(9)]
        self.draw(steps)

    def draw(self, points: Sequence[tuple[float, float]]) -> None:
        """Press at the first of these places, move over the others, release at the last."""
        (x, y), *others = points
        words: list[object] = ["mousemove", int(x), int(y), "sleep", "0.2", "mousedown", 1]
        for x, y in others:
            words += ["sleep", "0.05", "mousemove", int(x), int(y)]
        self._do("xdotool", *words, "sleep", "0.1", "mouseup", 1)

    def middle(self) -> tuple[float, float]:
        """Return the middle of the 3D viewport on the screen, from its upper left corner."""
        window, area, region = self.view()
        sidebar = next(region for region in area.regions if region.type == "UI")
        width = region.width - sidebar.width
        return region.x + width / 2, window.height - region.y - region.height / 2

    def key(self, keys: str) -> None:
        """Press keys, such as ``ctrl+z``."""
        self._do("xdotool", "key", keys)

    @property
    def state(self) -> Any:
        """What the add-on says is going on."""
        return bpy.context.window_manager.livescape

    @property
    def settings(self) -> Any:
        """What the artist has set."""
        return bpy.context.scene.livescape

    def addon(self, name: str) -> Any:
        """Return a module of the add-on."""
        return importlib.import_module(f"{MODULE}.{name}")

    def override(self) -> Any:
        """Return the context of the 3D viewport."""
        window, area, region = self.view()
        return bpy.context.temp_override(
            window=window, screen=window.screen, area=area, region=region
        )

    def sidebar(self) -> Steps:
        """Open the sidebar at the Livescape tab."""
        _, area, _ = self.view()
        area.spaces.active.show_region_ui = True
        area.tag_redraw()
        for _ in range(40):
            yield 0.2
            region = next(region for region in area.regions if region.type == "UI")
            try:
                region.active_panel_category = "Livescape"
            except (TypeError, AttributeError):
                area.tag_redraw()
                continue
            break
        area.tag_redraw()
        yield 0.5

    def empty_shot(self, *, frames: int) -> Steps:
        """Save a scene with nothing but its camera, and open the Livescape tab."""
        yield from self.sidebar()
        scene = bpy.context.scene
        for item in list(scene.objects):
            if item.type != "CAMERA":
                bpy.data.objects.remove(item)
        scene.frame_start, scene.frame_end = 1, frames
        path = Path(self.arguments["folder"]) / "shot.blend"
        bpy.ops.wm.save_as_mainfile(filepath=str(path))

    def clock(self) -> Clock:
        """Start a clock that also knows what a busy machine cannot stretch."""
        return Clock(time.monotonic(), _own_seconds(), _seconds_of_others())

    def until(self, what: Callable[[], Any], *, seconds: float = 120.0) -> Steps:
        """Wait until something is true.

        Raises:
            TimeoutError: If it does not become so.
        """
        ends = time.monotonic() + seconds
        while not what():
            if time.monotonic() > ends:
                raise TimeoutError(f"nothing came of {what}")
            yield 0.1

    def view(self) -> tuple[Any, Any, Any]:
        """Return window, area and region of the 3D viewport."""
        window = bpy.context.window_manager.windows[0]
        area = next(area for area in window.screen.areas if area.type == "VIEW_3D")
        return window, area, next(region for region in area.regions if region.type == "WINDOW")

    @staticmethod
    def _do(*words: object) -> None:
        subprocess.run([str(word) for word in words], check=True)


def _own_seconds() -> float:
    return _seconds(Path("/proc/self/stat"))


def _seconds_of_others() -> float:
    """Return what the processes that stem from this one have computed, as long as they live."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[path] = path.read_text().rsplit(")", 1)[1].split()[1]
    ours, found = {str(os.getpid())}, set[Path]()
    while more := {path for path, parent in parents.items() if parent in ours} - found:
        found |= more
        ours |= {path.parent.name for path in more}
    return sum(map(_seconds, found))


def _seconds(path: Path) -> float:
    """Return what a process has computed, and those of its children that have ended."""
    try:
        values = path.read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(map(int, values[11:15])) / TICKS


def begin() -> None:
    """Run the scenario that the environment names, as soon as the window is there."""
    asked = json.loads(os.environ["LIVESCAPE_GUI"])
    bpy.context.preferences.view.show_splash = False
    bpy.context.preferences.use_preferences_save = False
    # Software would draw the picture within a .blend for a minute.
    bpy.context.preferences.filepaths.file_preview_type = "NONE"
    rig = Rig(Path(asked["out"]), asked["arguments"])
    answer = Path(asked["answer"])

    def finish(problem: str) -> None:
        if problem:
            rig.shot(f"{asked['scenario']}_failed")
        answer.write_text(json.dumps({"problem": problem, "shots": rig.taken, **rig.facts}))
        sys.stdout.flush()
        os._exit(0)

    def start() -> None:
        try:
            scenario = importlib.import_module(f"scenarios.{asked['scenario']}")
            steps = scenario.run(rig)
        except Exception:
            finish(traceback.format_exc())

        def step() -> float | None:
            try:
                return max(0.01, float(next(steps) or 0.0))
            except StopIteration:
                finish("")
            except Exception:
                finish(traceback.format_exc())
            return None

        bpy.app.timers.register(step, first_interval=0.1, persistent=True)

    bpy.app.timers.register(start, first_interval=1.0, persistent=True)
