"""What the backend is told of drawn motion, and the small requests that drawing makes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from livescape_shared.annotation import write_labelme
from livescape_shared.camera import Camera, CameraPath
from livescape_shared.errors import LivescapeError
from livescape_shared.request import MOTION, GenerateRequest
from livescape_shared.settings import GenerateSettings

from ..generate.framing import framed
from ..generate.inputs import read_named
from ..paths import file_stamp, named_path
from ..photo.converted import readable
from ..properties import chosen_settings, frame_rate, named_files, settings_of
from .annotate import annotation_of
from .canvas import read_paint
from .drawn import drawn_objects
from .reference import Stage, photo_size, stage_now, taking_camera
from .strokes import read_strokes

SKETCH_SIZE = 384
"""Long side in pixels of the photo that is moved in 2D."""

_KEPT = ("motion", "speed", "depth_values", "mask")
"""Settings that a sketch follows."""


def drawn_hints(
    scene: bpy.types.Scene, photo: tuple[int, int], stage: Stage | None = None
) -> tuple[bytes, bool]:
    """Return the drawn motion as a labelme file, and whether arrows are in it.

    Empty if nothing is drawn, or it is not to be used.

    Args:
        scene: Whose drawing.
        photo: Width and height of its photo in pixels.
        stage: Where the photo is seen, if that is known.
    """
    if not settings_of(scene).drawn.is_used:
        return b"", False
    paint = read_paint(scene, photo)
    annotation = annotation_of(read_strokes(scene, stage), photo, frame_rate(scene), paint)
    if annotation is None:
        return b"", False
    if paint is not None:
        annotation = annotation.resized(*paint.size)  # a mask of all pixels would say no more
    name = Path(settings_of(scene).photo).name
    return write_labelme(annotation, name), len(annotation.hints) > 0


def with_drawn(
    scene: bpy.types.Scene,
    photo: tuple[int, int],
    files: dict[str, bytes],
    settings: GenerateSettings,
) -> tuple[dict[str, bytes], GenerateSettings]:
    """Return files and settings with what is drawn: it takes the place of a file of hints.

    A flow or a clip tells more than arrows, and a network is told them; all else moves by them.
    """
    if not drawn_objects(scene):
        return files, settings
    hints, has_arrows = drawn_hints(scene, photo, stage_now(scene))
    if not hints:
        return files, settings
    return {**files, "hints": hints}, _moved_by_arrows(settings, has_arrows)


@dataclass(frozen=True)
class Plan:
    """What a sketch is to be made of; equal plans make equal sketches.

    Attributes:
        purpose: ``motion`` or ``regions``.
        camera: The camera that took the photo.
        fps: Frames per second.
        settings: Of the sketch.
        files: What each file is, and its stamp; see :func:`file_stamp`.
        hints: The drawing as a labelme file; empty if there is none.
    """

    purpose: str
    camera: str
    fps: float
    settings: GenerateSettings
    files: tuple[tuple[str, str, int, int], ...]
    hints: bytes

    @property
    def photo(self) -> tuple[Any, ...]:
        """What tells the photo from others."""
        return self.files[0]

    def request(self) -> GenerateRequest:
        """Read the files and return the request; needs nothing of Blender's.

        Raises:
            LivescapeError: ``input_unreadable``.
        """
        camera = Camera.from_dict(json.loads(self.camera))
        photo = Path(self.files[0][1])
        files = {name: read_named(name, Path(path), photo) for name, path, *_ in self.files}
        if self.hints:
            files["hints"] = self.hints
        path = CameraPath(camera, (camera,), (1,), self.fps)
        return GenerateRequest(path, self.settings, **files).asking_for(self.purpose)


def plan_of(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph, purpose: str) -> Plan:
    """Return what a sketch of a scene's photo is made of, without reading any file.

    Networks for depth would take too long, so what is built in stands for them.

    Raises:
        LivescapeError: What is missing or wrong.
    """
    group = settings_of(scene)
    if not group.photo:
        raise LivescapeError("photo_missing", "No photo is chosen.", hint="Choose a photo first.")
    photo = photo_size(scene)
    taking, fps = taking_camera(scene, depsgraph), frame_rate(scene)
    path = framed(CameraPath(taking, (taking,), (1,), fps), photo, group.frame)
    chosen = chosen_settings(group)
    size = min(SKETCH_SIZE, chosen.working_size)
    settings = GenerateSettings(working_size=size, exposure=chosen.exposure)
    files, hints = {"photo": readable(named_path(group.photo))}, b""
    if purpose == MOTION:
        files |= named_files(group)
        files |= {"mask": readable(files["mask"])} if "mask" in files else {}
        depth = "file" if "depth" in files else "popup"
        kept = {name: getattr(chosen, name) for name in _KEPT}
        settings = settings.changed(depth=depth, **kept)
        hints, has_arrows = drawn_hints(scene, photo, stage_now(scene))
        if hints:
            files.pop("hints", None)
            settings = _moved_by_arrows(settings, has_arrows)
    stamped = tuple((name, *file_stamp(path)) for name, path in files.items())
    lens = replace(path.reference, viewmat=np.eye(4))
    return Plan(purpose, json.dumps(lens.to_dict()), fps, settings, stamped, hints)


def _moved_by_arrows(settings: GenerateSettings, has_arrows: bool) -> GenerateSettings:
    """Return settings by which arrows decide, unless something else was chosen to."""
    if settings.motion not in ("auto", "hints"):
        return settings
    return settings.changed(motion="hints" if has_arrows else "auto")
