"""``livescape convert``: splats of any kind, still or moving, as files of another kind."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from livescape.commands.movie import DEFAULT_FPS, frames_a_second
from livescape.output.folder import check_writable_folder
from livescape_shared.formats.export import DEFAULT_AXES, Frame, export_frames, holds_all_frames
from livescape_shared.formats.load import AXES_OF_FILE, load_splats, to_blender
from livescape_shared.formats.sequence import file_sequence
from livescape_shared.recentring import NO_OFFSET
from livescape_shared.splats import AXES, ImportedSplats, Splats

DESCRIPTION = "Write splats, a sequence of numbered files too, as another kind of file."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``convert`` to ``parser``."""
    add = parser.add_argument
    add("source", type=Path, help="splats of any kind; of numbered files, any one of them")
    add("target", type=Path, help="x.ply, x.spz, x.glb, x_####.ply, x.usdc, x.4dgs and so on")
    add("--fps", type=frames_a_second, default=DEFAULT_FPS,
        help="frames a second, default: %(default)g")  # fmt: skip
    add("--axes", choices=AXES, help="axes of the source; default: those that it states")
    add("--export-axes", choices=AXES, default=DEFAULT_AXES,
        help="axes of a PLY that is written, default: %(default)s")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Convert; return the exit code.

    Raises:
        LivescapeError: As the reader, the writer, or ``output_not_writable``.
    """
    holds_all_frames(arguments.target)
    check_writable_folder(arguments.target.parent)
    frames = _frames(arguments.source, arguments.axes, arguments.fps)
    written = export_frames(arguments.target, frames, arguments.fps, arguments.export_axes)
    sys.stderr.write(f"wrote {len(written)} file{'s' * (len(written) > 1)}\n")
    return 0


def _frames(source: Path, axes: str | None, fps: float) -> Iterator[Frame]:
    sequence = file_sequence(source, fps=fps)
    for index in range(1 if sequence is None else sequence.count):
        found = load_splats(source) if sequence is None else sequence.read(index)
        if index == 0 and found.offset != NO_OFFSET:
            place = ", ".join(f"{each:g}" for each in found.offset)
            sys.stderr.write(f"positions are counted from ({place}) of {source.name}\n")
        yield index + 1, _in_blender(found, axes)


def _in_blender(found: ImportedSplats, axes: str | None) -> Splats:
    matrix = np.array(to_blender(found, axes or AXES_OF_FILE))
    return found.splats if (matrix == np.eye(4)).all() else found.splats.transformed(matrix)
