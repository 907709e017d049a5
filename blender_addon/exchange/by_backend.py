"""Splat files whose library Blender does not have: the backend makes a sequence of PLY of them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Generator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from livescape_shared.errors import LivescapeError
from livescape_shared.formats import kinds
from livescape_shared.processes import own_environment, without_console

LEAST_S, BYTES_PER_S = 120.0, 1e5
"""How long it may take: a minute and more for the frames that a small file can hold."""

POLL_S = 0.05

AXES = "z_up"
"""Of what is made: Blender's own."""


def needs_backend(path: Path) -> bool:
    """Return whether a file can be read by way of the backend alone."""
    if find_spec("fourdgs"):
        return False
    with suppress(OSError):  # whoever reads it says why
        return kinds.kind_of(path)[0] == kinds.FOUR_DGS
    return False


def converting(
    python: Path, path: Path, folder: Path, axes: str, fps: float
) -> Generator[None, None, Path]:
    """Have the backend make a sequence of PLY; yield while it does, and return its first frame.

    Args:
        python: The backend's.
        path: Splats that Blender cannot read.
        folder: Gets the frames, in the axes ``AXES``.
        axes: Those that the artist chose for ``path``.
        fps: Frames a second at which the scene is sampled.

    Raises:
        LivescapeError: ``splats_invalid``.
    """
    target = folder / f"{path.stem}_####.ply"
    command = [str(python), "-m", "livescape", "convert", str(path), str(target)]
    command += ["--fps", repr(fps), "--export-axes", AXES]
    command += [] if axes == "file" else ["--axes", axes]
    yield from _running(path, command, folder / "said.txt")
    made = sorted(folder.glob("*.ply"))
    if not made:
        raise _refused(path, "the backend made nothing of it")
    return made[0]


def _running(path: Path, command: list[str], said: Path) -> Generator[None, None, None]:
    """Run a command that writes about ``path``; closing the generator ends it."""
    until = time.monotonic() + LEAST_S + path.stat().st_size / BYTES_PER_S
    with said.open("wb") as stream:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stream,
                env=own_environment(os.environ), **without_console(),
            )  # fmt: skip
        except OSError as error:
            what = f"the backend cannot be started: {error.strerror}"
            raise _refused(path, what) from error
        try:
            while not _has_ended(process):
                if time.monotonic() > until:
                    raise _refused(path, "the backend takes too long for it")
                yield
        finally:
            process.kill()
            process.wait()
    if process.returncode:
        lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        raise _refused(path, lines[0].rstrip(".") if lines else "the backend gave up")


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(POLL_S)
    except subprocess.TimeoutExpired:
        return False
    return True


def _refused(path: Path, what: str) -> LivescapeError:
    return LivescapeError(
        "splats_invalid",
        f"{path.name} cannot be read: {what}.",
        hint="livescape convert, on the command line, says more.",
    )
