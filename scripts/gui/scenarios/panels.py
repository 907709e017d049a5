"""Every state of the panels, one picture each: what the sidebar shows, and what led to it.

The variable ``LIVESCAPE_GUI_LANGUAGE`` chooses a language.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import bpy as blender
from backend_states import setting_up, standing, standings
from languages import speak
from rig import MODULE, Rig, Steps

bpy: Any = blender  # its stubs know no add-ons
QUICK = {"working_size": 256, "gaussian_budget": 12_000, "fit_iterations": 30, "views": 3,
         "deform_iterations": 2, "loop_frames": 12}  # fmt: skip
LITTLE = (200_000_000, 10_000_000)
"""Free bytes of memory and disk that do not do."""

DRAWN_S, DRAWS, LINE_PX = 0.6, 6, 150
MAIN, PHOTO, CAMERA, MOVE = "main", "photo", "camera", "move"
REGION = ((0.05, 0.7), (0.95, 0.7), (0.95, 0.97), (0.05, 0.97))
ARROW = ((0.15, 0.85), (0.45, 0.83), (0.85, 0.88))
"""Strokes, in parts of the photo's sides."""


def run(rig: Rig) -> Steps:
    """Play."""
    _choose_language(rig)
    panels = Panels(rig)
    yield from panels.begin()
    yield from _backend(rig, panels)
    yield from _before_the_work(rig, panels)
    yield from _camera_and_motion(rig, panels)
    yield from _generating(rig, panels)
    yield from _finished(rig, panels)
    rig.facts["panels"] = panels.taken


class Panels:
    """The panels that are wanted, open, and pictures of them.

    Args:
        rig: What a scenario sees with.
    """

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.taken: list[tuple[str, str]] = []
        self._classes = [cls for cls in rig.addon("ui").CLASSES if issubclass(cls, bpy.types.Panel)]

    def begin(self) -> Steps:
        """Let all of them be open when they are drawn for the first time."""
        for cls in reversed(self._classes):
            bpy.utils.unregister_class(cls)
            cls.bl_options = set(getattr(cls, "bl_options", ())) - {"DEFAULT_CLOSED"}
        bpy.utils.register_class(self._classes[0])
        yield from self.rig.sidebar()
        self.show(MAIN)

    def show(self, *names: str) -> None:
        """Let the sidebar have these panels alone."""
        wanted = [f"LIVESCAPE_PT_{name}" for name in names]
        for cls in reversed(self._classes):
            if cls.is_registered:
                bpy.utils.unregister_class(cls)
        for cls in self._classes:
            if cls.__name__ in wanted:
                bpy.utils.register_class(cls)
        self._redraw()

    def shot(self, name: str, label: str, draws: int = DRAWS, height: int = 0) -> Steps:
        """Take a picture of the sidebar, or its top, once panels that move have come to rest."""
        for _ in range(draws):
            self._redraw()
            yield DRAWN_S
        window = bpy.context.window_manager.windows[0]
        area = next(area for area in window.screen.areas if area.type == "VIEW_3D")
        region = next(region for region in area.regions if region.type == "UI")
        top = window.height - region.y - region.height
        place = f"{region.width}x{height or region.height}+{region.x}+{top}"
        path = self.rig.out / f"panel_{name}.png"
        words = ["import", "-silent", "-window", "root", "-crop", place, "+repage", str(path)]
        subprocess.run(words, check=True)
        self.taken.append((label, path.name))

    def _redraw(self) -> None:
        for area in bpy.context.window_manager.windows[0].screen.areas:
            area.tag_redraw()


def _backend(rig: Rig, panels: Panels) -> Steps:
    """Its line alone; the route shows it at work."""
    watch = rig.addon("setting_up.watch")
    yield from rig.until(watch.is_known)
    with setting_up(rig):
        yield from panels.shot("setting_up", "Setting up", height=LINE_PX)
    for name, label, found in standings(rig):
        with standing(rig, found):
            yield from panels.shot(name, label, draws=2, height=LINE_PX)


def _before_the_work(rig: Rig, panels: Panels) -> Steps:
    own = bpy.context.preferences.addons[MODULE].preferences
    python, own.backend_python = own.backend_python, ""
    watch = rig.addon("setting_up.watch")
    yield from rig.until(lambda: watch.is_known() and not watch.facts(bpy.context).has_python)
    yield from panels.shot("not_set_up", "Not set up")
    own.backend_python = python
    yield from rig.until(lambda: watch.facts(bpy.context).has_python)
    scene = bpy.context.scene
    for item in list(scene.objects):
        bpy.data.objects.remove(item)
    panels.show(MAIN, PHOTO, CAMERA)
    yield from panels.shot("all_missing", "Everything is missing")
    path = Path(rig.arguments["folder"]) / "shot.blend"
    scene.frame_start, scene.frame_end = 1, 24
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    shutil.copy(rig.arguments["photo"], path.with_name("river.jpg"))
    rig.settings.photo = "//river.jpg"
    yield from rig.until(lambda: tuple(rig.settings.photo_size) != (0, 0), seconds=20.0)
    with rig.override():
        bpy.ops.livescape.match_camera()
        bpy.ops.livescape.add_move(kind="SIDE", amount=0.5)
        bpy.ops.view3d.view_camera()
    rig.settings.photo = "//away.jpg"
    yield from panels.shot("photo_missing", "The photo is missing")
    rig.settings.photo = "//river.jpg"
    yield from rig.until(lambda: tuple(rig.settings.photo_size) != (0, 0), seconds=20.0)
    yield from panels.shot("to_generate", "Ready to generate")
    render, wide = scene.render, scene.render.resolution_x
    render.resolution_x = render.resolution_y // 2
    yield from panels.shot("frame", "Photo and frame differ")
    render.resolution_x = wide
    _generate(rig)
    yield from panels.shot("starting", "The server starts", draws=1)
    bpy.ops.livescape.cancel()
    yield from rig.until(lambda: not rig.state.is_running)
    rig.addon("generate.status").clear(rig.state)


def _camera_and_motion(rig: Rig, panels: Panels) -> Steps:
    panels.show(MAIN, CAMERA, MOVE)
    with rig.override():
        bpy.ops.livescape.check_move("INVOKE_DEFAULT")
    checking = rig.addon("camera.checking")
    yield from rig.until(lambda: not checking.is_running(), seconds=180.0)
    yield from panels.shot("camera_strip", "The move is checked")
    panels.show(MAIN, "motion")
    with rig.override():
        bpy.ops.livescape.draw_motion(kind="MOVES", points=_points(rig, REGION))
        bpy.ops.livescape.draw_motion(kind="FLOW", points=_points(rig, ARROW))
    yield from panels.shot("motion", "Motion is drawn")
    with rig.override():
        bpy.ops.livescape.paint_mask("INVOKE_DEFAULT", meaning="STANDS")
    yield from panels.shot("painting", "A mask is painted")
    bpy.ops.livescape.end_painting()
    yield from panels.shot("painted", "A mask is there")
    bpy.ops.livescape.remove_stroke(name="Livescape Mask")
    preview = rig.addon("motion.preview")
    with rig.override():
        bpy.ops.livescape.preview_motion("INVOKE_DEFAULT")
    yield from rig.until(lambda: preview.shown_in(bpy.context.scene), seconds=180.0)
    yield from panels.shot("preview", "Motion is previewed")
    bpy.ops.livescape.stop_preview()
    panels.show(MAIN, "generate", "settings")
    yield from panels.shot("settings", "Preset and settings")
    for item in [item for item in bpy.context.scene.objects if item.type == "CURVE"]:
        bpy.data.objects.remove(item)


def _generating(rig: Rig, panels: Panels) -> Steps:
    panels.show(MAIN, PHOTO, CAMERA)
    for name, value in QUICK.items():
        setattr(rig.settings, name, value)
    server = rig.addon("generate.local_server")
    watch = rig.addon("setting_up.watch")
    watch.look_again()
    yield from rig.until(lambda: watch.facts(bpy.context).answer is not None, seconds=60.0)
    yield from panels.shot("ready", "The server is ready")
    needs = rig.addon("generate.needs")
    free, needs.free = needs.free, lambda context: needs.Free(*LITTLE)
    yield from panels.shot("little_room", "Too little memory and disk")
    needs.free = free
    rig.facts["log"] = str(server.log_file())
    _generate(rig)
    yield from rig.until(lambda: rig.state.fraction > 0.3, seconds=400.0)
    yield from panels.shot("generating", "Generating")
    yield from rig.until(lambda: not rig.state.is_running, seconds=600.0)
    assert not rig.state.error_code, rig.state.error_message
    yield from panels.shot("finished", "Finished")


def _finished(rig: Rig, panels: Panels) -> Steps:
    panels.show(MAIN, "render")
    yield from panels.shot("checklist", "What a render needs")
    with rig.override():
        bpy.ops.livescape.prepare_render()
        bpy.ops.livescape.show_in_viewport()
    panels.show(MAIN, "render", "object")
    yield from panels.shot("prepared", "Prepared, and the object")
    yield from _seldom(rig, panels)
    panels.show(MAIN, "generate", "jobs")
    yield from panels.shot("jobs", "Earlier generations")
    lens = bpy.context.scene.camera.data
    lens.type = "ORTHO"
    _generate(rig)
    lens.type = "PERSP"
    panels.show(MAIN, PHOTO, CAMERA)
    yield from panels.shot("error", "An error and what to do")
    bpy.ops.livescape.match_camera()
    yield from _importing(rig, panels)
    bpy.ops.livescape.find_unused_caches()
    panels.show(MAIN, CAMERA, "camera_files", "compositing", "exchange", "unused_caches")
    yield from panels.shot("files", "Files and caches")


def _importing(rig: Rig, panels: Panels) -> Steps:
    """A file that was read while something is edited."""
    panels.show(MAIN, "exchange")
    path = Path(rig.arguments["folder"]) / "river.ply"
    mesh = bpy.data.objects.new("Mesh", bpy.data.meshes.new("Mesh"))
    bpy.context.scene.collection.objects.link(mesh)
    bpy.context.view_layer.objects.active = mesh
    importing = rig.addon("exchange.importing")
    with rig.override():
        bpy.ops.livescape.export_splats(filepath=str(path))
        bpy.ops.object.mode_set(mode="EDIT")
        bpy.ops.livescape.import_splats(filepath=str(path), by_timer=True)
    yield from rig.until(lambda: "Object" in importing.current().stage)
    yield from panels.shot("importing", "A file is imported")
    bpy.ops.livescape.cancel_import()
    with rig.override():
        bpy.ops.object.mode_set(mode="OBJECT")
    yield from rig.until(lambda: not importing.is_running())
    bpy.data.objects.remove(mesh)
    rig.addon("generate.status").clear(rig.state)


def _seldom(rig: Rig, panels: Panels) -> Steps:
    """What an artist may come back to: an interrupted job, a longer scene, a cache that is away."""
    panels.show(MAIN)
    scene, offers = bpy.context.scene, rig.addon("generate.offers")
    record = rig.addon("generate.records").Record("shot.blend", scene.name, "Livescape")
    offers._found[bpy.data.filepath] = [record]
    yield from panels.shot("interrupted_job", "A job was interrupted")
    offers.look_again()
    last, scene.frame_end = scene.frame_end, 96
    yield from panels.shot("ends", "The motion ends before the scene")
    scene.frame_end = last
    caches = Path(bpy.data.filepath).with_name("livescape")
    away = caches.rename(caches.with_name("away"))
    yield from panels.shot("cache_away", "The cache is away")
    away.rename(caches)


def _points(rig: Rig, parts: Sequence[tuple[float, float]]) -> str:
    width, height = rig.settings.photo_size
    return " ".join(f"{x * width:.0f},{y * height:.0f}" for x, y in parts)


def _generate(rig: Rig) -> None:
    # An error report reaches a script as an exception; the panel shows it to the artist.
    with rig.override(), suppress(RuntimeError):
        bpy.ops.livescape.generate("INVOKE_DEFAULT")


def _choose_language(rig: Rig) -> None:
    language = os.environ.get("LIVESCAPE_GUI_LANGUAGE", "")
    if not language:
        return
    if not bpy.app.build_options.international:
        speak(rig, language)
        return
    view = bpy.context.preferences.view
    view.language = language
    switches: Sequence[str] = ("interface", "tooltips", "reports")
    for name in switches:
        setattr(view, f"use_translate_{name}", True)
