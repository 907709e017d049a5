"""Collects a shot for a farm: what is read here, in Blender, and what a second Blender does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from livescape_shared.cache.folder import ROOT, file_errors
from livescape_shared.errors import LivescapeError

from ..cache.cache_folder import played_folder
from ..properties import frame_rate
from ..splats.object import SplatObject, every_splat_object, is_ours
from .bundle import write_bundle

CHILD = Path(__file__).with_name("child.py")
MARK = ".livescape-shot"
"""A file that says that a folder was collected, and may be collected into again."""

_WAIT_S = 1800.0
_NEAR = 1e-4
"""Difference, in Blender units, of what two Blenders see in the same file."""


@dataclass(frozen=True)
class Shot:
    """What is to be collected.

    Attributes:
        name: Of the .blend, without its suffix.
        folder: Where to.
        source: A copy of the scene as it is now, in ``folder``.
        caches: The cache folder that each object plays, by the object's name.
        frames: First, middle and last frame.
        fps: Frames per second.
    """

    name: str
    folder: Path
    source: Path
    caches: dict[str, str]
    frames: tuple[int, int, int]
    fps: float


def prepare(scene: bpy.types.Scene, folder: Path) -> Shot:
    """Check what is to be collected and save a copy of the scene as it is now.

    Raises:
        LivescapeError: ``blend_unsaved``, ``splats_missing``, ``object_linked``,
            ``folder_not_empty``, ``cache_missing``, ``disk_full`` or ``cache_not_writable``.
    """
    if not bpy.data.filepath:
        raise LivescapeError(
            "blend_unsaved", "The .blend file has not been saved yet.", hint="Save it first."
        )
    played = [each for each in every_splat_object() if scene.objects.get(each.item.name)]
    if not played:
        raise LivescapeError(
            "splats_missing",
            "There is no Livescape object in this scene.",
            hint="Generate one first.",
        )
    caches = {each.item.name: str(_cache(each)) for each in played}
    name = Path(bpy.data.filepath).stem
    with file_errors(folder):
        _check_folder(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).write_text(f"{name}\n", encoding="utf-8")
        source = folder / f".{name}.source.blend"
    bpy.ops.wm.save_as_mainfile(
        filepath=str(source), copy=True, relative_remap=True, check_existing=False
    )
    middle = (scene.frame_start + scene.frame_end) // 2
    frames = scene.frame_start, middle, scene.frame_end
    return Shot(name, folder, source, caches, frames, frame_rate(scene))


def collect(shot: Shot) -> Path:
    """Copy, repack and check the shot in Blenders of their own, and write the job.

    Touches nothing of this Blender's.

    Raises:
        LivescapeError: ``collect_failed``, ``disk_full`` or ``cache_not_writable``.
    """
    blend = shot.folder / f"{shot.name}.blend"
    try:
        with file_errors(shot.folder):
            here = {}
            for item, cache in shot.caches.items():
                target = shot.folder / ROOT / Path(cache).name
                if target.exists():
                    shutil.rmtree(target)
                shutil.copytree(cache, target)
                here[item] = target.name
        seen = _child("pack", source=str(shot.source), target=str(blend), root=ROOT, caches=here,
                      frames=shot.frames)  # fmt: skip
        alone = _child("look", source=str(blend), items=list(here), frames=shot.frames)
        _compare(seen, alone)
        with file_errors(shot.folder):
            write_bundle(shot.folder, shot.name, shot.frames[0], shot.frames[2], shot.fps)
    finally:
        shot.source.unlink(missing_ok=True)
    return blend


def _cache(played: SplatObject) -> Path:
    if played.is_linked:
        raise LivescapeError(
            "object_linked",
            f"{played.item.name} is linked from another file.",
            hint="Make it local, or collect the shot from that file.",
        )
    folder = played_folder(played)
    if not folder.is_dir():
        raise LivescapeError(
            "cache_missing",
            f"The cache of {played.item.name}, {folder.name}, is not there.",
            hint="Put it back, or generate the scene again.",
        )
    return folder


def _check_folder(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise LivescapeError(
            "folder_not_empty",
            f"The folder {folder.name} holds other files.",
            hint="Choose a new or an empty folder for the shot.",
        )


def _child(task: str, **arguments: Any) -> dict[str, Any]:
    """Run a task of :data:`CHILD` in a Blender without add-ons; return what it reports.

    It has user folders of its own: one that starts without our extension removes the wheels that
    the extension has brought, of this Blender too.
    """
    with tempfile.TemporaryDirectory() as place:
        asked, answer = Path(place) / "asked.json", Path(place) / "answer.json"
        asked.write_text(json.dumps({"task": task, "answer": str(answer), **arguments}))
        words = ["--", str(asked)]
        if bpy.app.binary_path:
            plain = ["--background", "--factory-startup", "--python-exit-code", "1"]
            command = [bpy.app.binary_path, *plain, "--python", str(CHILD), *words]
        else:  # Blender as a Python module
            command = [sys.executable, str(CHILD), *words]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=_WAIT_S,
                check=False, env={**os.environ, "BLENDER_USER_RESOURCES": str(place)},
            )  # fmt: skip
            said = (done.stdout + done.stderr).strip().splitlines()
        except (OSError, subprocess.TimeoutExpired) as error:
            said = [str(error)]
        if not answer.exists():
            raise _failed(f"a second Blender ended without a result: {said[-1:]}")
        found: dict[str, Any] = json.loads(answer.read_text())
    if "error" in found:
        raise _failed(str(found["error"]))
    return found


def _compare(seen: dict[str, Any], alone: dict[str, Any]) -> None:
    for item, frames in seen["items"].items():
        for frame, here, there in zip(seen["frames"], frames, alone["items"][item], strict=True):
            same = here[0] == there[0] and all(
                abs(one - other) <= _NEAR * max(1.0, abs(one))
                for one, other in zip(here[1], there[1], strict=True)
            )
            if not same or not here[0]:
                raise _failed(
                    f"without the add-on, {item} is not the same at frame {frame}: "
                    f"{there[0]} of {here[0]} corners"
                )


def _failed(reason: str) -> LivescapeError:
    return LivescapeError(
        "collect_failed",
        f"The shot could not be collected: {reason}.",
        hint="The folder is not complete; collect again when this is mended.",
    )


def can_collect(scene: bpy.types.Scene) -> bool:
    """Whether there is anything to collect."""
    return bool(bpy.data.filepath) and any(map(is_ours, scene.objects))
