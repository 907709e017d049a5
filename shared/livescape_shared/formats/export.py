"""Writes the splats of frames in the format that the file name asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file
from livescape_shared.formats import gltf, spz
from livescape_shared.formats.four_dgs_write import write_four_dgs
from livescape_shared.formats.usd import write_usd
from livescape_shared.ply import write_ply
from livescape_shared.ply_compressed import write_compressed_ply
from livescape_shared.splats import Splats
from livescape_shared.strays import without_strays

Frame = tuple[int, Splats]
"""Number of a frame and what it shows, in Blender's axes."""

USD_SUFFIXES = (".usd", ".usda", ".usdc")
FOUR_DGS = ".4dgs"
STILL_SUFFIXES = (".ply", ".spz", ".glb")
COMPRESSED_PLY = ".compressed.ply"
ENDINGS = (COMPRESSED_PLY, *STILL_SUFFIXES, *USD_SUFFIXES, FOUR_DGS)

DEFAULT_AXES = "y_down"
"""Default axes of a PLY: those that 3DGS tools expect."""

_DIGITS = re.compile(r"#+")


def is_sequence(path: Path) -> bool:
    """Return whether ``path`` stands for one file per frame: ``splats_####.ply``."""
    return path.suffix.lower() in STILL_SUFFIXES and bool(_DIGITS.search(path.stem))


def holds_all_frames(path: Path) -> bool:
    """Return whether every frame goes to ``path``; otherwise only the first is wanted.

    Raises:
        LivescapeError: ``export_format_unknown``.
    """
    if not path.name.lower().endswith(ENDINGS):
        raise LivescapeError(
            "export_format_unknown",
            f"{path.name} has no suffix of a splat file.",
            hint=f"End the name in one of {', '.join(ENDINGS)}.",
        )
    return is_sequence(path) or path.suffix.lower() in (*USD_SUFFIXES, FOUR_DGS)


def with_ending(path: Path, ending: str) -> Path:
    """Return ``path`` with another one of ``ENDINGS``."""
    stem = path.name[: len(path.name) - len(ending_of(path))]
    return path.with_name((stem or path.name) + ending)


def ending_of(path: Path) -> str:
    """Return the known ending of a name as it is spelled there, else its suffix."""
    lower = path.name.lower()
    known = next((known for known in ENDINGS if lower.endswith(known)), path.suffix)
    return path.name[len(path.name) - len(known) :]


def numbered(path: Path) -> Path:
    """Return ``path`` with room for a frame number before its ending."""
    ending = ending_of(path)
    return path.with_name(path.name[: len(path.name) - len(ending)] + "_####" + ending)


def frame_path(path: Path, number: int) -> Path:
    """Return ``path`` with its ``#`` replaced by the frame number, as Blender names frames."""
    stem = _DIGITS.sub(lambda found: f"{number:0{len(found[0])}d}", path.stem)
    return path.with_name(stem + path.suffix)


def export_frames(
    path: Path, frames: Iterable[Frame], fps: float, axes: str = DEFAULT_AXES
) -> list[Path]:
    """Write frames one by one, each as soon as it is ready; every file is complete or absent.

    Args:
        path: The ending gives the format: ``.ply``, ``.compressed.ply``, ``.spz`` and ``.glb``
            hold one frame, or with ``#`` in the name one file per frame; ``.usd``, ``.usda``,
            ``.usdc`` and ``.4dgs`` hold all frames.
        frames: In ascending order; a file of one frame takes the first.
        fps: Frames per second.
        axes: Axes of a PLY, a key of :data:`livescape_shared.splats.AXES`; the others have
            theirs.

    Returns:
        The files that were written.

    Raises:
        LivescapeError: ``export_format_unknown``, ``usd_missing``, ``fourdgs_missing``,
            ``disk_full`` or ``output_not_writable``.
    """
    if not holds_all_frames(path):
        _, splats = next(iter(frames))
        return [_write_still(path, splats, axes)]
    if is_sequence(path):
        return [_write_still(frame_path(path, number), item, axes) for number, item in frames]
    write = write_four_dgs if path.suffix.lower() == FOUR_DGS else write_usd
    with whole_file(path) as partial:
        write(partial, frames, fps)
    return [path]


def _write_still(path: Path, splats: Splats, axes: str) -> Path:
    with whole_file(path) as partial:
        if path.suffix.lower() == ".spz":
            spz.write_spz(partial, without_strays(splats).in_axes(spz.AXES))
        elif path.suffix.lower() == ".glb":
            gltf.write_gltf(partial, splats.in_axes(gltf.AXES))
        elif path.name.lower().endswith(COMPRESSED_PLY):
            write_compressed_ply(partial, without_strays(splats).in_axes(axes))
        else:
            turned = splats.in_axes(axes)
            write_ply(partial, turned.gaussians, turned.harmonics)
    return path
