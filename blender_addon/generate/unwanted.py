"""Tells the server, beside Blender, that a generation is wanted no more.

A server that has ended is started for it: it would go on with the job the next time, before all
that is asked of it then.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Ack, Cancel
from livescape_shared.request import GenerateRequest

from ..bridge.errand import Errand
from ..bridge.launcher import Launch
from ..bridge.question import ask, entered
from ..bridge.remote import RemoteLaunch
from ..cache.cache_folder import caches_folder
from ..servers.choice import remote_launch
from . import local_server, records
from .records import Record

TICK_S = 0.2
TRIES = 6
"""How often a server that does not answer is asked, each time with all patience."""

STOP_S = 3.0
"""How long the end of an errand is waited for when Blender closes."""

_errands: list[Errand[None]] = []
_stopped = threading.Event()


def discard(context: Any, record: Record) -> None:
    """Tell it of a generation that was left behind."""
    if record.state == records.DONE:
        return
    with suppress(LivescapeError):  # nobody knows any more what it was, or there is no server
        request = records.read_request(caches_folder(), record)
        launch = remote_launch(context) or local_server.prepare_launch(context)
        tell(launch, request, record.id)


def tell(launch: Launch | RemoteLaunch, request: GenerateRequest, key: str) -> None:
    """Tell it that the client of this key waits no more: the job ends unless somebody else does."""
    _stopped.clear()
    _errands[:] = [each for each in _errands if not each.is_over()]
    _errands.append(Errand(lambda: _tell(launch, request, key)))


def wait() -> None:
    """Wait until all has been told, or cannot be."""
    while _errands:
        if _errands[-1].is_over(TICK_S):
            _errands.pop()


def stop() -> None:
    """Wait no longer for a server that starts, or does not answer."""
    _stopped.set()
    for errand in _errands:
        errand.is_over(STOP_S)
    _errands.clear()


def _tell(launch: Launch | RemoteLaunch, request: GenerateRequest, key: str) -> None:
    for _ in range(TRIES):
        while (status := launch.poll()).state == "starting" and not _stopped.wait(TICK_S):
            local_server.remember(launch)
        local_server.remember(launch)
        if status.info is None or _stopped.is_set():
            return
        try:
            with entered(status.info, launch.client_name, launch.timing, key=key) as (session, _):
                ask(session, Cancel(request.job_id()), Ack)
        except LivescapeError as error:
            if not error.retryable or error.code == "job_unknown":
                return
        else:
            return
