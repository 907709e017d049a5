"""A living scene as the splat files of other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from livescape.deform.living_scene import LivingScene
from livescape_shared.formats.export import export_frames
from livescape_shared.splats import Splats


def export_scene(path: Path, scene: LivingScene, frames: Sequence[int], axes: str) -> list[Path]:
    """Write what ``scene`` shows at ``frames`` of Blender; opacities fade as they do there.

    Args:
        path: Its suffix gives the format, see :mod:`livescape_shared.formats.export`.
        scene: The scene; its axes are Blender's.
        frames: Frame numbers; a file of one frame takes the first.
        axes: Axes of a PLY, a key of :data:`livescape_shared.splats.AXES`.

    Returns:
        The files that were written.

    Raises:
        LivescapeError: As :func:`livescape_shared.formats.export.export_frames`.
    """
    shown = ((frame, Splats(scene.at_frame(frame))) for frame in frames)
    return export_frames(path, shown, scene.meta.fps, axes)
