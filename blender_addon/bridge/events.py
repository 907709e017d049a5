"""What :meth:`bridge.client.Client.poll` tells, and the errors of a missing connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.remote import access as remote
from livescape_shared.remote.access import Access, KeyAccess


@dataclass(frozen=True)
class Connected:
    """The server has accepted us, for the first time or again.

    Attributes:
        server: Its Livescape version.
        device: What it computes on; empty if it does not know yet.
        limits: What it allows.
    """

    server: str
    device: str
    limits: Mapping[str, int]


@dataclass(frozen=True)
class Refused:
    """The server does not do what we asked.

    Attributes:
        error: Why.
        job: The job concerned, which the client no longer follows; empty for the connection.
    """

    error: LivescapeError
    job: str = ""


@dataclass(frozen=True)
class Acked:
    """The server knows the job.

    Attributes:
        job: Job id.
        state: ``queued``, ``running``, ``done``, ``failed`` or ``cancelled``.
    """

    job: str
    state: str


@dataclass(frozen=True)
class Progressed:
    """Where a job is: ``step`` of ``total`` in ``stage``, ``fraction`` 0..1 of the whole."""

    job: str
    stage: str
    step: int
    total: int
    fraction: float


@dataclass(frozen=True)
class ChunkArrived:
    """Part ``seq`` of ``total`` of a result; parts arrive in order, each once.

    ``kind``, ``index``, ``meta`` and ``arrays`` are those of the protocol's ``chunk`` message.
    """

    job: str
    seq: int
    total: int
    kind: str
    index: int
    meta: Mapping[str, Any]
    arrays: Mapping[str, NDArray[np.generic]]


@dataclass(frozen=True)
class PreviewArrived:
    """A part of a scene that is there before the job has ended.

    Attributes:
        job: Job id.
        part: The part, whose ``job`` is the name of the preview; another name begins another one.
    """

    job: str
    part: ChunkArrived


@dataclass(frozen=True)
class Finished:
    """A job has ended; after ``done`` its ``chunks`` parts follow by themselves.

    Attributes:
        job: Job id.
        state: ``done``, ``failed`` or ``cancelled``.
        chunks: Number of parts that follow.
        error: Why it failed; None otherwise.
        report: What the backend says about the run.
    """

    job: str
    state: str
    chunks: int
    error: LivescapeError | None
    report: Mapping[str, Any]


@dataclass(frozen=True)
class Lost:
    """The server is not there or does not answer; the client goes on trying until closed.

    Told once until it is connected again. Jobs are kept and taken up again on reconnection.

    Attributes:
        error: ``server_unreachable``, ``server_silent`` or what was wrong with its messages.
    """

    error: LivescapeError


Event = Connected | Refused | Acked | Progressed | PreviewArrived | ChunkArrived | Finished | Lost


def unreachable(access: Access | None = None) -> LivescapeError:
    """Return the error for a server that is not there."""
    if isinstance(access, KeyAccess):
        return remote.unreachable(access)
    return LivescapeError(
        "server_unreachable",
        "The Livescape server is not running.",
        hint="Press Generate, which starts it, or run: livescape serve",
        retryable=True,
    )


def stopped(reason: str) -> LivescapeError:
    """Return the error for a server that has said that it ends."""
    return LivescapeError(
        "server_stopped",
        f"The Livescape server has stopped because {reason[:100] or 'it was asked to'}.",
        hint="Start it again: it goes on with the jobs that had not ended.",
        retryable=True,
    )


def foreign_job() -> LivescapeError:
    """Return the error for a server that takes our request for another one."""
    return LivescapeError(
        "versions_differ",
        "The add-on and its backend are different versions and understand settings differently.",
        hint="Install both from the same release.",
    )


def silent() -> LivescapeError:
    """Return the error for a server that is there and does not answer."""
    return LivescapeError(
        "server_silent",
        "The Livescape server is not responding.",
        hint="Wait a moment. If nothing changes, restart the server.",
        retryable=True,
    )


def impostor(access: Access | None = None) -> LivescapeError:
    """Return the error for a program that is not the server that we mean."""
    if isinstance(access, KeyAccess):
        return remote.other_key(access)
    return LivescapeError(
        "server_unproven",
        "The program at the server's address is not the Livescape server of this user.",
        hint="Restart the server. Neither the token nor the photo was sent.",
    )


def unknown(access: Access | None = None) -> LivescapeError:
    """Return the error for a server that does not know our token or key."""
    if isinstance(access, KeyAccess):
        return remote.unknown_client(access)
    return LivescapeError(
        "auth_failed",
        "The server does not know this client.",
        hint="Restart the server, or connect with the token in its server.json file.",
    )
