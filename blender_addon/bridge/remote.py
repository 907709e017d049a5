"""Servers on other machines: pairing with one, looking at one, using one. All of it may wait."""

from __future__ import annotations

import platform
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zmq

from livescape_shared.errors import LivescapeError
from livescape_shared.messages import GetStatus, Status
from livescape_shared.packing import ZSTD
from livescape_shared.remote.access import Access, KeyAccess
from livescape_shared.remote.invitation import Invitation
from livescape_shared.remote.pairing import PATIENCE_S, Pairer
from livescape_shared.remote.servers import PairedServer, Servers

from .errand import Errand
from .events import silent, unreachable
from .launcher import LaunchStatus
from .link import Link
from .liveness import REMOTE
from .question import ask, entered

STEP_S = 0.02


class WaitingLink:
    """A :class:`livescape_shared.remote.pairing.Line`.

    Args:
        access: The server.
    """

    def __init__(self, access: KeyAccess) -> None:
        self._access = access
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._link = Link(self._context, access)
        self._sent = False

    def send(self, frames: list[bytes | memoryview]) -> None:
        """Send a message once there is a connection."""
        deadline = time.monotonic() + PATIENCE_S
        while not self._link.send(frames):
            if (refusal := self._link.refusal()) is not None:
                raise refusal
            if time.monotonic() > deadline:
                raise unreachable(self._access)
            time.sleep(STEP_S)
        self._sent = True

    def receive(self, wait_s: float) -> list[memoryview] | None:
        """Return the next message, None if none comes soon."""
        if (refusal := self._link.refusal()) is not None:
            raise refusal
        frames = self._link.receive(min(wait_s, STEP_S))
        if frames is None and self._link.is_broken:
            raise unreachable(self._access)
        return frames

    def silence(self) -> LivescapeError:
        """Return the error for a server that says nothing."""
        return silent() if self._sent else unreachable(self._access)

    def close(self) -> None:
        """Close the connection."""
        self._link.close()
        self._context.term()


def pairer(state_dir: Path) -> Pairer:
    """Return what pairs with servers and keeps them in a state folder."""
    return Pairer(Servers(state_dir), WaitingLink, zmq.curve_keypair, zmq.curve_public)


def pair(invitation: Invitation, state_dir: Path) -> PairedServer:
    """Pair with the server of an invitation.

    Raises:
        LivescapeError: As :meth:`livescape_shared.remote.pairing.Pairer.pair`.
    """
    return pairer(state_dir).introduced(invitation)


@dataclass(frozen=True)
class Standing:
    """What a server says when it is looked at.

    Attributes:
        version: Livescape version.
        device: What it computes on; empty if it does not know yet.
        free: Free bytes of the device's memory, else of the machine's; 0 if unknown.
        waiting: Jobs that wait or run.
        round_trip_s: Time between a question and its answer.
    """

    version: str
    device: str
    free: int
    waiting: int
    round_trip_s: float


def look_at(access: Access) -> Standing:
    """Ask a server how it is.

    Raises:
        LivescapeError: Why that is not possible.
    """
    with entered(access, client_name(), REMOTE) as (session, version):
        began = time.monotonic()
        status = ask(session, GetStatus(), Status)
        return _standing(status, version, time.monotonic() - began)


def _standing(status: Status, version: str, round_trip_s: float) -> Standing:
    free = _whole(status.device_memory.get("free")) or _whole(status.memory.get("free"))
    waiting = sum(_whole(status.queue.get(state)) for state in ("queued", "running"))
    return Standing(version, status.device, free, waiting, round_trip_s)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else 0


def client_name() -> str:
    """Return what servers call this Blender."""
    return f"Blender on {platform.node()}"


class RemoteLaunch:
    """Has the interface of :class:`bridge.launcher.Launch`, for a server that we do not start.

    Args:
        server: The server.
        state_dir: Where our keys are.
        encoding: How results are packed, one of those of :mod:`livescape_shared.packing`.
    """

    client_name = client_name()
    timing = REMOTE
    process: subprocess.Popen[bytes] | None = None

    def __init__(self, server: PairedServer, state_dir: Path, encoding: str = ZSTD) -> None:
        self.encoding: str | None = encoding
        self._server = server
        self._access: KeyAccess | None = None
        self._errand = Errand(lambda: pairer(state_dir).access(server))

    def poll(self) -> LaunchStatus:
        """Return how it stands; ready once the server's address has been looked up."""
        if self._access is None:
            try:
                self._access = self._errand.poll()
            except LivescapeError as error:
                return LaunchStatus("failed", None, error)
        return LaunchStatus("starting" if self._access is None else "ready", self._access)

    def locate(self) -> Access | None:
        """Return how to enter the server."""
        return self._access

    def again(self) -> None:
        """Return that a server on another machine cannot be started from here."""
