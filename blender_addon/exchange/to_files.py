"""Objects of ours as the splat files of other programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import bpy

from livescape_shared.formats.export import Frame, export_frames, holds_all_frames, numbered
from livescape_shared.splats import Splats

from ..properties import frame_rate
from .played import PlayedObject


def export_splats(
    context: bpy.types.Context,
    items: Sequence[PlayedObject],
    path: Path,
    frames: Sequence[int],
    axes: str,
) -> list[Path]:
    """Write what ``items`` show together at ``frames``, in world space and metres.

    Args:
        context: Its scene is played and then stands where it stood.
        items: What is exported.
        path: Says by its suffix what is written; a still of several frames is numbered.
        frames: Frame numbers in ascending order.
        axes: Axes of a PLY, a key of :data:`livescape_shared.splats.AXES`.

    Returns:
        The files that were written.

    Raises:
        LivescapeError: As :func:`livescape_shared.formats.export.export_frames`.
    """
    if len(frames) > 1 and not holds_all_frames(path):
        path = numbered(path)
    scene = context.scene
    return export_frames(path, _played(context, items, frames), frame_rate(scene), axes)


def _played(
    context: bpy.types.Context, items: Sequence[PlayedObject], frames: Sequence[int]
) -> Iterator[Frame]:
    scene, manager = context.scene, context.window_manager
    stood, sub_frame = scene.frame_current, scene.frame_subframe
    manager.progress_begin(0, len(frames))
    try:
        for done, frame in enumerate(frames):
            manager.progress_update(done)
            scene.frame_set(frame)
            depsgraph = context.evaluated_depsgraph_get()
            yield frame, Splats.concatenate(*(item.at(frame, depsgraph) for item in items))
    finally:
        manager.progress_end()
        scene.frame_set(stood, subframe=sub_frame)
