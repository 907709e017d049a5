"""Splat files whose library Blender does not have: the backend makes a sequence of PLY of them."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import bpy

from livescape_shared.errors import LivescapeError
from livescape_shared.formats import kinds
from livescape_shared.processes import own_environment, without_console

from ..setting_up.python import backend_python

LEAST_S, BYTES_PER_S = 120.0, 1e5
"""How long it may take: a minute and more for the frames that a small file can hold."""

AXES = "z_up"
"""Of what is made: Blender's own."""


@contextmanager
def readable(path: Path, axes: str, fps: float) -> Iterator[tuple[Path, str]]:
    """Give a file that Blender can read, and its axes, for as long as the block lasts.

    Args:
        path: Splats of any kind; all but ``.4dgs`` are given as they are.
        axes: Those that the artist chose.
        fps: Frames a second at which a scene is sampled that has no frames of its own.

    Raises:
        LivescapeError: ``backend_missing``, ``backend_outdated`` or ``splats_invalid``.
    """
    if find_spec("fourdgs") or not path.is_file() or kinds.kind_of(path)[0] != kinds.FOUR_DGS:
        yield path, axes
        return
    python = backend_python(bpy.context)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"{path.stem}_####.ply"
        command = [str(python), "-m", "livescape", "convert", str(path), str(target)]
        command += ["--fps", repr(fps), "--export-axes", AXES]
        command += [] if axes == "file" else ["--axes", axes]
        _run(path, command)
        made = sorted(Path(folder).glob("*.ply"))
        if not made:
            raise _refused(path, "the backend made nothing of it")
        yield made[0], AXES


def _run(path: Path, command: list[str]) -> None:
    patience_s = LEAST_S + path.stat().st_size / BYTES_PER_S
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=patience_s,
            check=False, env=own_environment(os.environ), **without_console(),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise _refused(path, "the backend takes too long for it") from error
    except OSError as error:
        raise _refused(path, f"the backend cannot be started: {error.strerror}") from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
        raise _refused(path, lines[0].rstrip(".") if lines else "the backend gave up")


def _refused(path: Path, what: str) -> LivescapeError:
    return LivescapeError(
        "splats_invalid",
        f"{path.name} cannot be read: {what}.",
        hint="livescape convert, on the command line, says more.",
    )
