"""What the next generation takes of memory and disk, and whether there is so much."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from livescape_shared.estimate import LIGHT_FILES, Estimate, estimate
from livescape_shared.sizes import size_text

from .. import properties
from ..setting_up import watch

KEPT_SECONDS = 2.0
"""A panel is drawn often, a disk may be slow to ask: an answer stays good for so long."""

CPU = "CPU"

_disk: tuple[float, Path, int | None] = (0.0, Path(), None)


@dataclass(frozen=True)
class Free:
    """What there is, as far as it is known.

    Attributes:
        memory: Bytes where the scene is made.
        disk: Bytes where the .blend lies.
    """

    memory: int | None = None
    disk: int | None = None


def needed(scene: bpy.types.Scene) -> Estimate | None:
    """Return what Generate takes; None while the photo is not known."""
    group = properties.settings_of(scene)
    width, height = group.photo_size
    if not width or not height:
        return None
    settings = properties.chosen_settings(group)
    passed = scene.frame_end - scene.frame_start
    light = group.photo.lower().endswith(LIGHT_FILES)
    size = width, height
    return estimate(settings, size, passed, previews=group.show_early, light=light)


def free(context: Any) -> Free:
    """Return what there is; never waits for a server."""
    answer = watch.facts(context).answer
    # With a graphics card it is the card's memory that a server tells of.
    memory = answer.free if answer is not None and answer.device == CPU else 0
    return Free(memory or None, _free_on_disk())


def sentence(wanted: Estimate) -> str:
    """Say what it takes."""
    return (
        f"Takes about {size_text(wanted.memory)} of memory, up to {size_text(wanted.disk)} of disk"
    )


def problems(wanted: Estimate, there: Free) -> list[str]:
    """Say what there is too little of, and what to do; empty if there is enough."""
    found = []
    if there.memory is not None and there.memory < wanted.memory:
        found.append(
            f"Memory may run out: this takes about {size_text(wanted.memory)}, and "
            f"{size_text(there.memory)} are free. Choose a smaller Photo Size or fewer "
            "Training Views."
        )
    if there.disk is not None and there.disk < wanted.disk:
        found.append(
            f"The disk may fill up: this takes up to {size_text(wanted.disk)}, and "
            f"{size_text(there.disk)} are free. Choose fewer Gaussians or frames, or remove "
            "unused caches."
        )
    return found


def _free_on_disk() -> int | None:
    global _disk
    if not bpy.data.filepath:
        return None
    until, folder, found = _disk
    now = Path(bpy.data.filepath).parent
    if folder != now or time.monotonic() > until:
        found = None
        with suppress(OSError):
            found = shutil.disk_usage(now).free
        _disk = (time.monotonic() + KEPT_SECONDS, now, found)
    return found
