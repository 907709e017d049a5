"""What a thread asks Blender's own thread to do: Blender's data may be touched there alone."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import Any, TypeVar

from livescape_shared.errors import Cancelled

LOOK_S = 0.1

T = TypeVar("T")


class OnMain:
    """Calls that wait until the main thread has done them."""

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[tuple[Future[Any], Callable[..., Any], Any]] = (
            queue.SimpleQueue()
        )
        self._is_over = False

    def call(self, function: Callable[..., T], *values: object) -> T:
        """Return what ``function`` does, or raise what it raises; called by the thread.

        Raises:
            Cancelled: If nobody is there to do it any more.
        """
        future: Future[T] = Future()
        self._asked.put((future, function, values))
        while not self._is_over:
            try:
                return future.result(LOOK_S)
            except NotYet:
                continue
        raise Cancelled

    def serve(self) -> None:
        """Do one thing that was asked for, if anything was; called by the main thread."""
        try:
            future, function, values = self._asked.get_nowait()
        except queue.Empty:
            return
        try:
            future.set_result(function(*values))
        except Exception as error:
            future.set_exception(error)

    def end(self) -> None:
        """Do nothing more: who waits is let go."""
        self._is_over = True
