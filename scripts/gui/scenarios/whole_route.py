"""From an empty file to frames that a farm renders, by clicks and keys, the backend set up first.

What no hand does here, and why: the frame range is set, the render engine chosen and the ball
scaled by a line of Python (they are Blender's own fields), settings smaller than Draft's are filled
in, the photo is dropped by the operator that Blender calls for it, and a folder is put into
Blender's file browser, which is then confirmed by a key.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import bpy as blender
import numpy as np
from hands import Hands
from rig import Rig, Steps
from stages import Stages

bpy: Any = blender  # its stubs know no add-ons

QUICK = {"working_size": 320, "gaussian_budget": 20_000, "fit_iterations": 40, "views": 3,
         "loop_frames": 24}  # fmt: skip
SELECT_TOOL, CURSOR_TOOL, ADD_MENU = (30, 107), (30, 143), (285, 40)
"""Where Blender's own tools are on this screen, from 4.5 to 5.2."""

BALL = 0.06
"""Radius of the ball, as a part of its distance."""

FRAME, SAMPLES = 9, 8
MINUTES = 60.0
LEAST_PAINTED = 300
"""Pixels of the photo that the brush has reached."""

ABOVE_PX = (20, 14, 26)
ALIKE_DB, SAME_DB = 35.0, 50.0
"""Least PSNR of the two engines, and of two renders of one file by two Blenders."""

_RENDER = """
import bpy, os, sys
assert not any("livescape" in name for name in bpy.context.preferences.addons.keys())
assert not hasattr(bpy.types.Scene, "livescape")
bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
scene = bpy.context.scene
scene.frame_set(int(sys.argv[3]))
scene.render.filepath = sys.argv[2]
bpy.ops.render.render(write_still=True)
os._exit(0)
"""


def run(rig: Rig) -> Steps:
    """Play."""
    route = Route(rig)
    steps = [route.empty, route.set_up, route.photo, route.camera, route.motion, route.preview,
             route.generate, route.ball, route.render, route.collect, route.elsewhere]  # fmt: skip
    names = [step.__name__ for step in steps]
    stages = Stages(rig, Path(rig.arguments["stages"]))
    first = names.index(rig.arguments["begin"]) if rig.arguments["begin"] else 0
    if first:
        yield from stages.restore(names[first - 1])
        if first > names.index("set_up"):
            yield from route.update()
    rig.facts["blender"] = bpy.app.version_string
    for number, step in enumerate(steps[first:], start=first):
        route.number = number
        began = time.monotonic()
        yield from step()
        seconds = rig.facts[f"seconds_{step.__name__}"] = round(time.monotonic() - began, 1)
        sys.stdout.write(f"{step.__name__}: {seconds} s\n")
        sys.stdout.flush()
        stages.keep(step.__name__)


class Route:
    """One step after the other."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.hands = Hands(rig)
        self.folder = Path(rig.arguments["folder"])
        self.number = 0
        view = bpy.context.preferences.view
        view.filebrowser_display_type = view.render_display_type = "SCREEN"

    def shot(self, name: str) -> Steps:
        """Keep the screen, once it is drawn."""
        yield 1.0
        self.rig.shot(f"route_{self.number:02}_{name}")

    def empty(self) -> Steps:
        """A file with nothing in it, saved by Ctrl+S."""
        context = bpy.context
        for item in list(bpy.data.objects):
            bpy.data.objects.remove(item)
        context.scene.frame_start, context.scene.frame_end = 1, 24
        yield from self.rig.sidebar()
        yield from self.shot("empty")
        self.rig.move(*self.rig.middle())
        yield 0.3
        self.rig.key("ctrl+s")
        yield from self.hands.browse(str(self.folder), "shot.blend")
        yield from self.rig.until(lambda: bpy.data.filepath)

    def set_up(self) -> Steps:
        """The backend, from a folder of wheels, else from the package index."""
        yield from self.rig.until(lambda: self._backend().text == "Not set up")
        yield from self._install(are_shots_taken=True)
        self.rig.facts["backend"] = self._backend().text
        yield from self.shot("set_up")

    def update(self) -> Steps:
        """The backend anew, if it was set up by an earlier build of the add-on."""
        watch = self.rig.addon("setting_up.watch")
        yield from self.rig.until(watch.is_known)
        if self._backend().operator == "set_up":
            yield from self._install(are_shots_taken=False)

    def _install(self, *, are_shots_taken: bool) -> Steps:
        running = self.rig.addon("setting_up.running")
        yield from self.hands.press("livescape.set_up")
        yield 0.5
        wheels = self.rig.arguments["wheels"]
        if not wheels:
            bpy.context.preferences.system.use_online_access = True
        else:
            own = running.preferences(bpy.context)
            own.wheel_folder = ""
            yield from self.hands.paste_into_dialog(wheels, lambda: bool(own.wheel_folder))
        if are_shots_taken:
            yield from self.shot("set_up_dialog")
        self.rig.key("Return")
        yield from self.rig.until(running.current)
        yield 8.0
        if are_shots_taken:
            yield from self.shot("setting_up")
        yield from self.rig.until(lambda: running.current() is None, seconds=20 * MINUTES)
        outcome = running.outcome()
        assert outcome is None or outcome.error is None, outcome.error
        yield from self.rig.until(lambda: self._backend().level == "ready")

    def _backend(self) -> Any:
        return self.rig.addon("ui.backend_line").current_line(bpy.context)

    def photo(self) -> Steps:
        """The photo is dropped: Blender calls the drop handler's operator with the file."""
        with self.rig.override():
            bpy.ops.livescape.choose_photo("INVOKE_DEFAULT", filepath=self.rig.arguments["small"])
        yield from self.rig.until(lambda: tuple(self.rig.settings.photo_size) != (0, 0))
        yield from self.shot("photo")

    def camera(self) -> Steps:
        """Match Camera, and a ready-made move."""
        yield from self.hands.press("livescape.match_camera")
        yield from self.rig.until(lambda: bpy.context.scene.camera)
        yield from self.shot("matched")
        yield from self.hands.open("LIVESCAPE_PT_move", below="livescape.match_camera")
        x, y = yield from self.hands.find("camera.limit")
        for above in ABOVE_PX:  # a button that opens a menu does not say of what
            self.rig.click(x, y - above)
            yield 1.5
            self.rig.shot(f"route_{self.number:02}_moves")
            self.rig.key("d")
            with suppress(TimeoutError):
                yield from self.rig.until(self._is_keyed, seconds=4.0)
                break
        assert self._is_keyed()
        yield from self.shot("move")

    def motion(self) -> Steps:
        """Two arrows and a region drawn with the pointer, and a mask painted with the brush."""
        yield from self.hands.open("LIVESCAPE_PT_motion", below="livescape.fit_path")
        x, y = self.rig.middle()
        yield from self.hands.press("kind='FLOW'")
        self.rig.drag((x - 90, y + 75), (x - 10, y + 80))
        yield 0.5
        self.rig.drag((x + 10, y + 95), (x + 110, y + 90))
        yield 0.5
        self.rig.key("Return")
        yield 0.5
        yield from self.hands.press("kind='MOVES'")
        circle = [math.tau * step / 24 for step in range(25)]
        self.rig.draw([(x + 150 * math.cos(a), y + 88 + 34 * math.sin(a)) for a in circle])
        yield 0.5
        self.rig.key("Return")
        yield 0.5
        strokes = sorted(item.name for item in bpy.data.objects if item.type == "CURVE")
        self.rig.facts["strokes"] = strokes
        assert len(strokes) == 3, strokes
        yield from self.shot("drawn")
        yield from self.hands.press("livescape.paint_mask")
        yield from self.rig.until(lambda: bpy.context.mode == "PAINT_TEXTURE")
        yield 1.0
        self.rig.draw([(x - 160, y + 150), (x - 100, y + 158), (x - 40, y + 150)])
        yield 1.5
        canvas = self.rig.addon("motion.canvas")
        (item,) = canvas.canvases(bpy.context.scene)
        moving = canvas.paint_of(item).moving
        painted = self.rig.facts["painted"] = int(moving.sum())
        assert painted > LEAST_PAINTED, painted
        assert not moving[: len(moving) // 2].any(), "it is painted below alone"
        yield from self.shot("painted")
        yield from self.hands.press("livescape.end_painting")
        yield from self.rig.until(lambda: bpy.context.mode == "OBJECT")

    def preview(self) -> Steps:
        """The photo moves in 2D, and follows another arrow."""
        preview = self.rig.addon("motion.preview")
        place = yield from self.hands.find("livescape.preview_motion")
        clock = self.rig.clock()
        self.rig.click(*place)
        yield from self.rig.until(preview.is_asking)
        yield from self.rig.until(lambda: preview.shown_in(bpy.context.scene))
        self.rig.facts["preview_first"] = clock.read()
        yield from self.shot("preview")
        first = preview.shown_in(bpy.context.scene)
        bpy.data.objects[self.rig.facts["strokes"][0]].livescape_motion.speed *= 2
        clock = self.rig.clock()
        yield from self.rig.until(lambda: preview.shown_in(bpy.context.scene) is not first)
        self.rig.facts["preview_after_an_edit"] = clock.read()
        yield from self.hands.press("livescape.stop_preview")

    def generate(self) -> Steps:
        """A draft, watched from the first sight to the end."""
        yield from self.hands.open("LIVESCAPE_PT_generate", below="livescape.preview_motion")
        yield from self.hands.press("livescape.preset")
        yield 0.5
        self.rig.key("d")
        yield from self.rig.until(lambda: self.rig.settings.preset == "draft")
        for name, value in QUICK.items():
            setattr(self.rig.settings, name, value)
        place = yield from self.hands.find("livescape.generate")
        clock = self.rig.clock()
        self.rig.click(*place)
        yield from self.rig.until(lambda: self.rig.state.is_running)
        yield from self.rig.until(lambda: self._moving() is not None, seconds=10 * MINUTES)
        self.rig.facts["first_sight"] = clock.read()
        yield from self.shot("first_sight")
        yield from self.rig.until(self._moving, seconds=20 * MINUTES)
        self.rig.facts["first_moving_sight"] = clock.read()
        yield from self.rig.until(lambda: not self.rig.state.is_running, seconds=30 * MINUTES)
        assert not self.rig.state.error_code, self.rig.state.error_message
        self.rig.facts["generated"] = clock.read()
        yield from self.shot("generated")
        yield from self.hands.press("livescape.show_in_viewport")
        yield 20.0  # it compiles shaders
        yield from self.shot("shown")

    def ball(self) -> Steps:
        """A ball where the pointer meets the water: the cursor put there, then Add > Mesh."""
        x, y = self.rig.middle()
        self.rig.click(*CURSOR_TOOL)
        yield 1.0
        self.rig.click(x + 20, y + 90)
        yield 2.0
        self.rig.click(*SELECT_TOOL)
        yield 1.0
        self.rig.click(*ADD_MENU)
        yield 1.5
        self.rig.key("m")
        yield 1.5
        self.rig.key("u")  # the menu looks for Mesh, UV Sphere
        yield 1.5
        self.rig.key("Return")
        yield from self.rig.until(
            lambda: bpy.context.object is not None and bpy.context.object.name == "Sphere"
        )
        sphere = bpy.context.object
        away = (sphere.location - bpy.context.scene.camera.matrix_world.translation).length
        sphere.scale = 3 * (away * BALL,)
        self.rig.facts["ball"] = [round(value, 2) for value in bpy.context.object.location]
        yield from self.shot("ball")

    def render(self) -> Steps:
        """Prepare Render, then F12 in both engines."""
        # Software draws many splats slowly, and anew whenever the pointer is over the sidebar.
        self.rig.view()[1].spaces.active.shading.type = "SOLID"
        yield from self.hands.open("LIVESCAPE_PT_render", below="livescape.show_early")
        for engine in ("BLENDER_EEVEE", "CYCLES"):
            scene = bpy.context.scene
            try:
                scene.render.engine = engine
            except TypeError:  # its name until 4.5
                scene.render.engine = f"{engine}_NEXT"
            scene.cycles.samples = scene.eevee.taa_render_samples = SAMPLES
            yield 1.0
            yield from self.hands.press("livescape.prepare_render")
            yield from self.shot(f"prepared_{engine.lower()}")
            scene.frame_set(FRAME)
            self.rig.move(*self.rig.middle())
            yield 0.3
            began = time.monotonic()
            self.rig.key("F12")
            yield from self.rig.until(lambda: bpy.app.is_job_running("RENDER"))
            yield from self.rig.until(
                lambda: not bpy.app.is_job_running("RENDER"), seconds=15 * MINUTES
            )
            self.rig.facts[f"f12_{engine.lower()}"] = round(time.monotonic() - began, 1)
            yield from self.shot(f"f12_{engine.lower()}")
            picture = self.folder / f"{engine.lower()}.png"
            bpy.data.images["Render Result"].save_render(str(picture))
            self.rig.keep(picture, f"route_frame_{engine.lower()}")
            self.rig.key("Escape")
            yield 1.0
        self._compare("engines_psnr", "blender_eevee", "cycles", ALIKE_DB)

    def collect(self) -> Steps:
        """Save, then Collect for Farm into a folder of its own."""
        self.rig.move(*self.rig.middle())
        yield 0.3
        self.rig.key("ctrl+s")
        yield from self.rig.until(lambda: not bpy.data.is_dirty, seconds=20.0)
        farm = self.folder / "farm"
        farm.mkdir()
        yield from self.hands.press("livescape.collect_for_farm")
        yield from self.hands.browse(str(farm))
        tasks = self.rig.addon("servers.tasks")
        name = self.rig.addon("operators.collect_for_farm").COLLECTING
        yield from self.rig.until(lambda: tasks.is_busy(name))
        yield from self.rig.until(lambda: not tasks.is_busy(name), seconds=10 * MINUTES)
        outcome = tasks.outcome(name)
        assert outcome.error is None, outcome.error
        self.rig.facts["collected"] = sorted(path.name for path in farm.iterdir())
        yield from self.shot("collected")

    def elsewhere(self) -> Steps:
        """Another Blender, without the add-on, renders the same frame."""
        bare = self.folder / "bare"
        bare.mkdir()
        picture = self.folder / "farm.png"
        environment = {**os.environ, "BLENDER_USER_RESOURCES": str(bare)}
        shot = self.folder / "farm" / "shot.blend"
        command = [self.rig.arguments["blender"], "-c", _RENDER, shot, picture, FRAME]
        process = subprocess.Popen(
            [str(word) for word in command], env=environment, stdout=subprocess.DEVNULL
        )
        yield from self.rig.until(lambda: process.poll() is not None, seconds=10 * MINUTES)
        assert process.returncode == 0
        self.rig.keep(picture, "route_frame_farm")
        self._compare("farm_psnr", "cycles", "farm", SAME_DB)

    def _compare(self, fact: str, one: str, other: str, least_db: float) -> None:
        here, there = (_pixels(self.folder / f"{name}.png") for name in (one, other))
        error = float(np.mean((here - there) ** 2))
        psnr = 99.0 if error == 0.0 else -10.0 * math.log10(error)
        self.rig.facts[fact] = round(psnr, 1)
        assert psnr >= least_db, psnr

    @staticmethod
    def _is_keyed() -> bool:
        return bpy.context.scene.camera.animation_data is not None

    def _moving(self) -> int | None:
        """Return how many Gaussians of the object move, None without one."""
        seen = self.rig.addon("splats.object")
        item = next(filter(seen.is_ours, bpy.context.scene.objects), None)
        return None if item is None else len(item.data.vertices)


def _pixels(path: Path) -> Any:
    image = bpy.data.images.load(str(path))
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    return pixels
