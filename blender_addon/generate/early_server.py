"""A server that is ready when *Generate* is pressed: it loads while the artist still works.

Loading takes seconds, by which everything else would come later. Whatever goes wrong is said when
the server is asked for something.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

from livescape_shared.errors import LivescapeError

from ..bridge.errand import Errand
from ..bridge.launcher import Launch
from ..servers.choice import chosen_name
from . import local_server

TICK_S = 0.2


class _Errand:
    now: Errand[None] | None = None
    stopped = threading.Event()


def begin(context: Any) -> None:
    """Start the server on this computer, beside Blender, if none runs and one can be."""
    if chosen_name(context) or _is_under_way():
        return
    with suppress(LivescapeError):  # it is not set up yet
        launch = local_server.prepare_launch(context)
        _Errand.stopped = stopped = threading.Event()
        _Errand.now = Errand(lambda: _bring_up(launch, stopped))


def wait() -> None:
    """Wait until it is there, or cannot be."""
    while _is_under_way(TICK_S):
        pass


def stop() -> None:
    """Wait for it no longer; a server that was started ends like any other of this Blender."""
    _Errand.stopped.set()
    wait()
    _Errand.now = None


def _is_under_way(wait_s: float = 0.0) -> bool:
    if _Errand.now is None:
        return False
    return not _Errand.now.is_over(wait_s)


def _bring_up(launch: Launch, stopped: threading.Event) -> None:
    """Start it, in the errand's thread."""
    is_starting = True
    while is_starting and not stopped.wait(TICK_S):
        is_starting = launch.poll().state == "starting"
        local_server.remember(launch)
