"""A large request on its way to a server, in parts: what has arrived once is not sent again."""

from __future__ import annotations

import time
from collections.abc import Callable

from livescape_shared.codec import encode, new_id
from livescape_shared.messages import Part, Received, Submit
from livescape_shared.parts import Whole, Window


class Upload:
    """A submit that goes up in parts, over one connection or several.

    Args:
        job: Content hash of the request.
        submit: The message.
        part_bytes: Size of the parts.
        clock: Monotonic time in seconds.

    Attributes:
        id: Id of the submit and of all its parts, which the answers name.
    """

    def __init__(
        self,
        job: str,
        submit: Submit,
        part_bytes: int,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.id = new_id()
        self._job = job
        self._whole = Whole(encode(submit, message_id=self.id))
        self._part_bytes = part_bytes
        self._window = Window(clock)
        self._there = self._sent = 0
        self._lost_at = -1
        self._heard = False

    @property
    def size(self) -> int:
        """Bytes of the whole request."""
        return self._whole.size

    @property
    def fraction(self) -> float:
        """How much of it is known to have arrived, 0 to 1."""
        return self._there / self._whole.size

    def restart(self) -> None:
        """Prepare for a new connection: the server says what it has when it hears a part."""
        self._sent, self._heard, self._lost_at = self._there, False, -1
        self._window.restart()

    def next_part(self) -> Part | None:
        """Return what to send now, None if enough is on its way."""
        under_way = self._sent - self._there
        if self._sent >= self.size or under_way >= (self._window.bytes if self._heard else 1):
            return None
        return self._whole.part(self._job, 0, self._sent, self._part_bytes)

    def sent(self, part: Part) -> None:
        """Note that a part is on its way."""
        self._sent = part.at + len(part.arrays["bytes"])

    def received(self, received: Received) -> None:
        """Note what the server has."""
        at = received.at
        if not 0 <= at <= self.size:
            return
        if not self._heard:
            self._heard = True
            self._there = self._sent = at
        elif received.lost:
            if at != self._lost_at:  # all that was under way behind it is told to be lost too
                self._lost_at = self._there = self._sent = at
        elif at > self._there:
            self._window.arrived(at - self._there)
            self._there, self._sent = at, max(at, self._sent)
            self._lost_at = -1
