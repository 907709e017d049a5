"""A scene that a server makes, for commands that render or export it here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.commands.fetch import SCENE_FILE, keep, stream
from livescape.commands.pairing import enter
from livescape.commands.server_client import ServerClient, stopped
from livescape.context.progress import Report
from livescape.deform.living_scene import LivingScene
from livescape.output.folder import check_writable_folder
from livescape_shared.connection import default_state_dir
from livescape_shared.errors import LivescapeError
from livescape_shared.gaussians import GaussianFrame, Gaussians
from livescape_shared.messages import (
    Ack,
    Cancel,
    Finished,
    Goodbye,
    Progress,
    Received,
    Refused,
    Submit,
)
from livescape_shared.remote.servers import Servers
from livescape_shared.request import GenerateRequest
from livescape_shared.scene import MovingGaussians, SceneMeta
from livescape_shared.trajectories import Trajectories
from livescape_shared.upload import Upload

HEAD_CHUNKS = 3
"""Chunks of a result before what moves it."""

GAUSSIAN_ARRAYS = ("means", "quats", "scales", "opacities", "colors")

Arrays = dict[str, NDArray[Any]]


class FetchedMotion:
    """Moving Gaussians as ``livescape fetch`` writes them: their trajectories, or frame by frame.

    Args:
        folder: Where the files are.
        moving: All copies at t = 0.
        trajectories: What stands for the frames, if there is no file of each.
    """

    def __init__(
        self, folder: Path, moving: MovingGaussians, trajectories: Trajectories | None = None
    ) -> None:
        self._folder = folder
        self._moving = moving
        self._trajectories = trajectories

    def __len__(self) -> int:
        """Return how many rows move."""
        return len(self._moving.gaussians)

    def all_copies(self) -> MovingGaussians:
        """Return all copies at t = 0."""
        return self._moving

    def frame(self, index: int, loop_frames: int) -> GaussianFrame:
        """Return where they are at loop frame ``index``; what a frame does not say stands still."""
        del loop_frames
        rest = self._moving.gaussians
        if self._trajectories is not None:
            means = self._trajectories.means(rest.means, index)
            return GaussianFrame(index, means, rest.quats, rest.scales)
        arrays = _arrays(self._folder, HEAD_CHUNKS + index, "frame")
        quats, scales = arrays.get("quats", rest.quats), arrays.get("scales", rest.scales)
        return GaussianFrame(index, arrays["means"], quats, scales)


@dataclass(frozen=True)
class FetchedScene(LivingScene):
    """A scene that was made elsewhere."""

    moving: Any
    """:class:`FetchedMotion`"""


@contextmanager
def scene_made_elsewhere(
    named: str, request: GenerateRequest, report: Report, place: Path
) -> Iterator[LivingScene]:
    """Yield the scene that a server makes of ``request``; it is there for as long as the block.

    Args:
        named: The server, as ``--server`` names it.
        request: What to make.
        report: Called with stage, step, total and the fraction done.
        place: Folder in which the scene is kept meanwhile.

    Raises:
        LivescapeError: As :func:`livescape.commands.pairing.enter`, what the server refuses or
            fails with, ``server_silent``, ``server_stopped``, ``result_invalid``, ``disk_full`` or
            ``output_not_writable``.
    """
    access = enter(named, Servers(default_state_dir()))
    check_writable_folder(place)
    with TemporaryDirectory(dir=place, prefix="fetched-") as temporary:
        folder = Path(temporary)
        with ServerClient(access) as client:
            end = _make(client, request, report)
            for chunk in stream(client, end.job, 0, end.chunks):
                keep(folder, chunk, {"job": end.job, "digest": end.digest, "chunks": end.chunks})
        yield _read(folder, end.report)


def _make(client: ServerClient, request: GenerateRequest, report: Report) -> Finished:
    """Let the server make the scene and return the end of its job; an interrupt cancels it."""
    message = Submit(request.body(), request.arrays())
    size = sum(array.nbytes for array in message.arrays.values())
    job = request.job_id()
    try:
        if 0 < client.part_bytes < size:
            upload = Upload(job, message, client.part_bytes)
            return _follow(client, upload.id, job, report, client.patience_for(0), upload)
        asked = client.send(message)
        return _follow(client, asked, job, report, client.patience_for(size))
    except KeyboardInterrupt:
        with suppress(LivescapeError):
            client.ask(Cancel(job), Ack)
        raise


def _follow(
    client: ServerClient,
    asked: str,
    job: str,
    report: Report,
    patience: float,
    upload: Upload | None = None,
) -> Finished:
    while True:
        while upload is not None and (part := upload.next_part()) is not None:
            client.send(part, asked)
            upload.sent(part)
        envelope = client.receive(patience)
        match envelope.message:
            case Received() as received if upload is not None and envelope.parent == asked:
                upload.received(received)
            case Ack() if envelope.parent == asked:
                patience, upload = client.patience_for(0), None
            case Progress() as news if news.job == job:
                report(news.stage, news.step, news.total, news.fraction)
            case Finished() as end if envelope.parent == asked:
                return _done(end)
            case Refused() as refused if envelope.parent == asked:
                raise LivescapeError.from_dict(refused.error)
            case Goodbye() as goodbye:
                raise stopped(
                    goodbye, "Run this again: once the server has started, it goes on with the job."
                )


def _done(end: Finished) -> Finished:
    if end.error:
        raise LivescapeError.from_dict(end.error)
    if end.state != "done" or end.chunks < HEAD_CHUNKS:
        raise LivescapeError(
            "job_cancelled", "The scene was cancelled at the server.", hint="Run this again."
        )
    return end


def _read(folder: Path, report: Any) -> FetchedScene:
    """Return the scene in a folder.

    Raises:
        LivescapeError: ``result_invalid``.
    """
    try:
        meta = SceneMeta(**json.loads((folder / SCENE_FILE).read_text(encoding="utf-8"))["scene"])
        static, moving = (_arrays(folder, 1, "static"), _arrays(folder, 2, "moving"))
        copies = MovingGaussians(_gaussians(moving), moving["windows"])
        still = _gaussians(static)
        if (len(still), len(copies.gaussians)) != (meta.static, meta.moving):
            message = "it has another number of Gaussians than it says"
            raise ValueError(message)
        motion = FetchedMotion(folder, copies, _trajectories(folder, meta))
        return FetchedScene(still, motion, json.dumps(meta.to_dict()), json.dumps(dict(report)))
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise LivescapeError(
            "result_invalid",
            f"The scene that the server has sent cannot be used: {error}.",
            hint="Install the same release on both machines.",
        ) from error


def _trajectories(folder: Path, meta: SceneMeta) -> Trajectories | None:
    """Return the trajectories in a folder; None if it has frames instead."""
    if not _file(folder, HEAD_CHUNKS, "trajectories").exists():
        return None
    return Trajectories.of_scene(_arrays(folder, HEAD_CHUNKS, "trajectories"), meta)


def _gaussians(arrays: Arrays) -> Gaussians:
    return Gaussians(*(arrays[name] for name in GAUSSIAN_ARRAYS))


def _arrays(folder: Path, seq: int, kind: str) -> Arrays:
    with np.load(_file(folder, seq, kind), allow_pickle=False) as stored:
        return dict(stored)


def _file(folder: Path, seq: int, kind: str) -> Path:
    return folder / f"{seq:06d}_{kind}.npz"
