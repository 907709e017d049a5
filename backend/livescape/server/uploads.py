"""Requests that come in parts: what has come of one stays when its connection breaks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from livescape.server.bounds import Limits
from livescape.server.desk import busy
from livescape.server.refusals import Frames
from livescape_shared.messages import Part, Received
from livescape_shared.parts import Joiner


@dataclass
class _Upload:
    """What has come of one request: of which job, put together, and when the last part came."""

    job: str
    joiner: Joiner
    last: float = 0.0


class Uploads:
    """The requests of all clients that have come in part, one of each client.

    Args:
        limits: Bounds.
        clock: Monotonic time in seconds.
    """

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._uploads: dict[str, _Upload] = {}

    def take(self, client: str, part: Part) -> Frames | Received:
        """Take a part in; return the whole message if it was the last, else what is there.

        Args:
            client: Key of the client, which is the same on another connection.
            part: The part.

        Raises:
            LivescapeError: ``message_malformed`` or ``server_busy``.
        """
        self._forget_abandoned()
        upload = self._uploads.get(client)
        if upload is None or upload.job != part.job:
            joiner = Joiner(self._limits.request_bytes)
            upload = self._uploads[client] = _Upload(part.job, joiner)
        upload.last = self._clock()
        try:
            taken = upload.joiner.take(part)
        except BaseException:
            self.forget(client)
            raise
        if upload.joiner.is_whole:
            self.forget(client)
            frames = upload.joiner.frames()
            return frames if frames is not None else Received(part.job, 0, lost=True)
        if sum(each.joiner.at for each in self._uploads.values()) > self._most_bytes:
            self.forget(client)
            raise busy()
        return Received(part.job, upload.joiner.at, lost=taken == "gap")

    def forget(self, client: str) -> None:
        """Forget what has come of a client's request."""
        self._uploads.pop(client, None)

    @property
    def _most_bytes(self) -> int:
        return 2 * self._limits.request_bytes

    def _forget_abandoned(self) -> None:
        """Forget what clients have begun that have not come back for long."""
        late = self._clock() - self._limits.absence_s
        for client in [key for key, upload in self._uploads.items() if upload.last < late]:
            self.forget(client)
