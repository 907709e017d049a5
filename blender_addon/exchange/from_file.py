"""A splat file of another program becomes an object of ours, with a cache of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from livescape_shared.cache.writer import CacheWriter
from livescape_shared.counted import counted
from livescape_shared.errors import LivescapeError
from livescape_shared.formats.load import load_splats, to_blender
from livescape_shared.formats.sequence import SequenceScene, file_sequence, sequence_scene
from livescape_shared.gaussians import Gaussians
from livescape_shared.recentring import NO_OFFSET, Offset
from livescape_shared.scene import MovingGaussians, SceneMeta
from livescape_shared.settings import Blend

from ..cache.cache_folder import caches_folder
from ..generate.place import place_object
from ..properties import frame_rate
from ..splats.object import find_object
from .by_backend import readable
from .pictures import decode_by_blender
from .undone import undone_on_failure

OFFSET = "livescape_offset"
"""Custom property: what was taken from the positions of the file, in its axes; add it to get back
to map coordinates."""


@dataclass(frozen=True)
class Import:
    """What became of a file.

    Attributes:
        item: The new object, turned so that the file's axes stand upright.
        count: Gaussians that it shows.
        degree: Degree of their spherical harmonics.
        dropped: Rows of the file that were left out because their values are impossible.
        offset: What was taken from its positions, in its axes.
        frames: Frames in which they move.
    """

    item: bpy.types.Object
    count: int
    degree: int
    dropped: int
    offset: Offset = NO_OFFSET
    frames: int = 1

    def __str__(self) -> str:
        """Return one line for the artist."""
        name, count = self.item.name, self.count
        text = counted(count, f"{name}: {count} Gaussian", f"{name}: {count} Gaussians")
        if self.frames > 1:
            text += f" in {self.frames} frames"
        if self.degree:
            text += f", view-dependent colour of degree {self.degree}"
        if self.dropped:
            text += f"; {self.dropped} with impossible values were left out"
        if self.offset != NO_OFFSET:
            place = ", ".join(f"{value:.0f}" for value in self.offset)
            text += f"; moved by -({place}), which {OFFSET} keeps, for single precision"
        return text


def import_splats(
    scene: bpy.types.Scene, path: Path, axes: str, *, as_sequence: bool = True
) -> Import:
    """Read ``path``, store it as a cache beside the .blend and build its object.

    The object is turned rather than the Gaussians, so that view-dependent colour stays exact.

    Args:
        scene: Gets the object.
        path: A splat file of any kind that :func:`load_splats` reads.
        axes: As for :func:`livescape_shared.formats.load.to_blender`.
        as_sequence: Whether files beside it that differ by a number are further frames.

    Raises:
        LivescapeError: ``blend_unsaved``, ``splats_empty``, ``sequence_too_large``, ``disk_full``,
            ``cache_not_writable``, as :func:`load_splats` or :func:`.by_backend.readable`; then
            the file is as it was.
    """
    root = caches_folder()
    fps = frame_rate(scene)
    with readable(path, axes, fps) as (read, stated):
        sequence = file_sequence(read, decode_by_blender, fps) if as_sequence else None
        name = free_name(scene, sequence.name if sequence else path.stem)
        if sequence is not None:
            content = sequence_scene(sequence, scene.frame_start, fps)
        else:
            content = _one_frame(read, scene.frame_start, fps)
        found = content.first
        settings = {"imported": path.name, "axes": stated, "offset": list(found.offset)}

        def stand(item: bpy.types.Object) -> None:
            item.rotation_euler = Matrix(to_blender(found, stated)).to_euler()
            if found.offset != NO_OFFSET:
                item[OFFSET] = list(found.offset)

        item = placed(scene, root, name, content, settings, stand)
    return said(item, content, sequence.count if sequence else 1)


def said(item: bpy.types.Object, content: SequenceScene, frames: int) -> Import:
    """Return what became of ``content``, which ``item`` shows."""
    count = content.meta.static + content.meta.moving
    found = content.first
    return Import(item, count, content.still.degree, found.dropped, found.offset, frames)


def placed(
    scene: bpy.types.Scene,
    root: Path,
    name: str,
    content: SequenceScene,
    settings: dict[str, Any],
    stand: Callable[[bpy.types.Object], None],
) -> bpy.types.Object:
    """Store ``content`` as a cache in ``root`` and build its object, or leave nothing behind.

    Args:
        scene: Gets the object.
        root: Folder of caches.
        name: Of the object.
        content: What it shows.
        settings: Where it came from, for the cache.
        stand: Puts the new object in its place.

    Raises:
        LivescapeError: ``disk_full`` or ``cache_not_writable``.
    """
    writer = CacheWriter(root, name, settings)
    _store(writer, content)
    try:
        with undone_on_failure():
            item = place_object(scene, writer.folder, name)
            stand(item)
    except BaseException:
        shutil.rmtree(writer.folder, ignore_errors=True)
        with suppress(OSError):  # not empty: it holds other caches
            root.rmdir()
        raise
    return item


def _one_frame(path: Path, start_frame: int, fps: float) -> SequenceScene:
    found = load_splats(path, decode_by_blender)
    if not len(found.splats):
        raise LivescapeError(
            "splats_empty",
            f"{path.name} holds no Gaussian that can be shown.",
            hint="Export it again from the program that made it.",
        )
    blend: Blend = "linear" if found.blends_linearly else "srgb"
    meta = SceneMeta(len(found.splats), 0, 1, False, 1.0, start_frame, fps, blend)
    none = MovingGaussians(Gaussians.empty(), np.zeros((0, 2), np.float32))
    return SequenceScene(meta, found.splats, none, lambda: iter(()), found)


def free_name(scene: bpy.types.Scene, wanted: str) -> str:
    """Return a name that no object of ``scene`` was made under, close to ``wanted``."""
    base = bpy.path.clean_name(wanted) or "Splats"
    name, number = base, 1
    while find_object(scene, name):
        number += 1
        name = f"{base}_{number}"
    return name


def _store(writer: CacheWriter, content: SequenceScene) -> None:
    try:
        writer.begin(content.meta)
        writer.static(content.still.gaussians, content.still.harmonics)
        writer.moving(content.moving)
        for frame in content.frames():
            writer.frame(frame)
        writer.finish()
    except BaseException:
        writer.abort()
        raise
