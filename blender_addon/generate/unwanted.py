"""Tells the server that a generation which was left behind is wanted no more.

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

_errands: list[Errand[None]] = []
_stopped = threading.Event()


def tell(context: Any, record: Record) -> None:
    """Tell the server, beside Blender; its job ends unless somebody else waits for it."""
    if record.state == records.DONE:
        return
    with suppress(LivescapeError):  # nobody knows any more what it was, or there is no server
        request = records.read_request(caches_folder(), record)
        launch = remote_launch(context) or local_server.prepare_launch(context)
        _stopped.clear()
        _errands[:] = [each for each in _errands if not each.is_over()]
        _errands.append(Errand(lambda: _tell(launch, request, record.id)))


def wait() -> None:
    """Wait until all has been told, or cannot be."""
    while _errands:
        if _errands[-1].is_over(TICK_S):
            _errands.pop()


def stop() -> None:
    """Wait for no server that is still to start."""
    _stopped.set()
    wait()


def _tell(launch: Launch | RemoteLaunch, request: GenerateRequest, key: str) -> None:
    """Tell it, in the errand's thread."""
    while (status := launch.poll()).state == "starting" and not _stopped.wait(TICK_S):
        local_server.remember(launch)
    local_server.remember(launch)
    if status.info is not None:
        with entered(status.info, launch.client_name, launch.timing, key=key) as (session, _):
            ask(session, Cancel(request.job_id()), Ack)
