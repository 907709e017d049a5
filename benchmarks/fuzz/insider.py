"""A client that was there before and wants to be served whatever others do."""

from __future__ import annotations

import time

import psutil
from tests.server.harness import Peer, Server

from livescape_shared.messages import Ping, Pong, Welcome


class Insider(Peer):
    """A welcomed client that measures how long its pings take.

    Attributes:
        worst_ms: The longest time to an answer so far, in milliseconds.
        most_mb: The most memory that the server has held at an answer, in MiB.
    """

    def __init__(self, server: Server) -> None:
        super().__init__(server.info)
        self.worst_ms = self.most_mb = 0.0
        self._process = psutil.Process(server.process.pid)
        assert isinstance(self.hello(server.info, name="insider"), Welcome)

    def memory_mb(self) -> float:
        """Return the memory that the server holds, in MiB, without the files that it has mapped."""
        memory = self._process.memory_info()
        return float(memory.rss - getattr(memory, "shared", 0)) / 2**20

    def ping(self) -> None:
        """Ask for a sign of life and note how long it took."""
        started = time.perf_counter()
        answer = self.ask(Ping())
        self.worst_ms = max(self.worst_ms, 1e3 * (time.perf_counter() - started))
        assert answer is not None, "no answer within three seconds"
        assert isinstance(answer.message, Pong)
        self.most_mb = max(self.most_mb, self.memory_mb())

    def keep_pinging(self, seconds: float) -> None:
        """Ping without a pause for so long."""
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.ping()
            time.sleep(0.002)
