"""Something that takes its time, done in a thread of its own so that Blender does not wait."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from livescape_shared.errors import Cancelled, LivescapeError

LOGGER = logging.getLogger(__name__)

T = TypeVar("T")


class Errand(Generic[T]):
    """One call, begun at once. It ends by itself: the call must not wait for ever.

    Args:
        call: What to do; it must touch nothing of Blender's.
    """

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._result: list[T] = []
        self._error: LivescapeError | Cancelled | None = None
        self._thread = threading.Thread(target=self._run, name="livescape errand", daemon=True)
        self._thread.start()

    def poll(self, wait_s: float = 0.0) -> T | None:
        """Return the result, None while there is none.

        Args:
            wait_s: How long to wait for it.

        Raises:
            LivescapeError: What the call has raised.
            Cancelled: As the call has.
        """
        if not self.is_over(wait_s):
            return None
        if self._error is not None:
            raise self._error
        return self._result[0]

    def is_over(self, wait_s: float = 0.0) -> bool:
        """Return whether it has ended, one way or another, within this time."""
        self._thread.join(wait_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._result.append(self._call())
        except (LivescapeError, Cancelled) as error:
            self._error = error
        except Exception as error:
            LOGGER.exception("an errand failed")
            self._error = LivescapeError(
                "errand_failed",
                f"That failed because of a fault of Livescape's own ({type(error).__name__}).",
                hint="Please report it with what Blender's console says.",
            )
