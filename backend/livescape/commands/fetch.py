"""``livescape fetch``: the result of a job as files, begun again where it was interrupted.

The folder holds ``scene.json`` (the description of the scene, and which result it is) and an
uncompressed ``.npz`` of each of the other chunks, named by its number and kind:
``000001_static.npz``, ``000002_moving.npz``, then ``000003_trajectories.npz`` or
``000003_frame.npz`` and so on. Their arrays are those of the protocol.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from livescape.commands.server_client import ServerClient, add_server_arguments, find_server
from livescape_shared.download import Download, Manner
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file, whole_stream
from livescape_shared.messages import Chunk, Jobs, ListJobs, Part, Refused
from livescape_shared.packing import PLAIN

DESCRIPTION = "Copy a finished scene from a server into a folder."

KINDS = ("scene", "static", "moving", "trajectories", "frame")
SCENE_FILE = "scene.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``fetch`` to ``parser``."""
    add_server_arguments(parser, job=True)
    parser.add_argument("folder", type=Path, help="where to; may hold a part of the same scene")


def run(arguments: argparse.Namespace) -> int:
    """Copy what is missing; return the exit code.

    Raises:
        LivescapeError: ``job_unknown``, ``result_not_ready``, ``folder_differs``, ``disk_full``,
            ``output_not_writable`` or what the server refuses with.
    """
    with ServerClient(find_server(arguments)) as client:
        job = client.job(arguments.job)
        values = client.ask(ListJobs(), Jobs).jobs.get(job, {})
        if values.get("state") != "done":
            raise LivescapeError(
                "result_not_ready",
                f"The job {job} is {values.get('state', 'gone')}; there is no result.",
                hint="Wait for it with: livescape watch",
                retryable=True,
            )
        result = {"job": job, "digest": values["digest"], "chunks": values["chunks"]}
        first = chunks_there(arguments.folder, result)
        for chunk in stream(client, job, first, values["chunks"]):
            keep(arguments.folder, chunk, result)
    sys.stderr.write(f"{result['chunks'] - first} of {result['chunks']} parts copied\n")
    return 0


def chunks_there(folder: Path, result: dict[str, Any]) -> int:
    """Return how many chunks of ``result`` the folder holds, from the first one on.

    Raises:
        LivescapeError: ``folder_differs`` if it holds something else.
    """
    if not folder.exists() or not any(folder.iterdir()):
        return 0
    try:
        known = dict(json.loads((folder / SCENE_FILE).read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError, RecursionError):
        known = {}
    if {name: known.get(name) for name in result} != result:
        raise LivescapeError(
            "folder_differs",
            f"The folder {folder} holds something other than this scene.",
            hint="Choose an empty folder.",
        )
    there = {int(path.name[:6]) for path in folder.glob("[0-9]" * 6 + "_*.npz")} | {0}
    return next(seq for seq in range(len(there) + 1) if seq not in there)


def stream(client: ServerClient, job: str, first: int, total: int) -> Iterator[Chunk]:
    """Yield the chunks of a result from ``first`` on.

    Raises:
        LivescapeError: What the server refuses with, ``result_invalid`` or ``server_silent``.
    """
    download = Download(job, total, "", Manner(PLAIN, client.part_bytes), first)
    while not download.complete:
        _tell(client, download)
        message = client.receive().message
        if isinstance(message, Refused):
            raise LivescapeError.from_dict(message.error)
        if not isinstance(message, Chunk | Part) or message.job != job:
            continue
        chunk = download.join(message) if isinstance(message, Part) else message
        if chunk is None or not download.accept(chunk):
            continue
        if chunk.kind not in KINDS:
            raise LivescapeError(
                "result_invalid",
                f"The server sent a part of an unknown kind, {chunk.kind[:40]!r}.",
                hint="Install the same release on both machines.",
            )
        yield chunk
    _tell(client, download)


def _tell(client: ServerClient, download: Download) -> None:
    """Tell the server what has come, if it should know."""
    grant = download.next_grant()
    if grant is not None:
        client.send(grant)
        download.told()


def keep(folder: Path, chunk: Chunk, result: dict[str, Any]) -> None:
    """Write one chunk, completely or not at all.

    Raises:
        LivescapeError: ``disk_full`` or ``output_not_writable``.
    """
    if chunk.seq == 0:
        text = json.dumps({**result, "scene": dict(chunk.meta)}, indent=2)
        with whole_file(folder / SCENE_FILE) as partial:
            partial.write_text(text + "\n", encoding="utf-8")
        return
    with whole_stream(folder / f"{chunk.seq:06d}_{chunk.kind}.npz") as target:
        np.savez(target, **chunk.arrays)  # type: ignore[arg-type]
