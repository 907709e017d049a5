"""Mutated messages: through the decoder, and to a server that lives."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import numpy as np
from benchmarks.fuzz.insider import Insider
from benchmarks.measure import resident_mb
from tests.server.harness import Peer, Server
from tests.shared.golden_files import read_golden
from tests.shared.mutations import mutated, survive

from livescape_shared.messages import MESSAGES, Ping, Welcome

OUTBOX = 100
"""Messages to send before the answers are read."""


def in_process(count: int, seed: int) -> dict[str, Any]:
    """Decode ``count`` mutated messages and rebuild the requests among them."""
    rng = np.random.default_rng(seed)
    golden = [read_golden(name) for name in sorted(MESSAGES)]
    surprises: Counter[str] = Counter()
    accepted, slowest, before = 0, 0.0, resident_mb()
    for number in range(count):
        frames = mutated(golden[number % len(golden)], rng)
        started = time.perf_counter()
        try:
            accepted += survive(frames) == ""
        except Exception as error:  # what the whole is about
            surprises[f"{type(error).__name__}: {error}"[:200]] += 1
        slowest = max(slowest, time.perf_counter() - started)
    return {
        "what": "messages in process",
        "count": count,
        "accepted": accepted,
        "surprises": sum(surprises.values()),
        "slowest_s": slowest,
        "grown_mb": resident_mb() - before,
        "kinds_of_surprise": dict(surprises),
    }


def live(server: Server, count: int, seed: int, *, greeted: bool) -> dict[str, Any]:
    """Send ``count`` mutated messages to a server, as one who has been welcomed or not."""
    rng = np.random.default_rng(seed)
    golden = [read_golden(name) for name in sorted(MESSAGES)]
    answered = 0
    with Insider(server) as insider:
        before = insider.memory_mb()
        for start in range(0, count, OUTBOX):
            with Peer(server.info) as peer:
                if greeted:
                    assert isinstance(peer.hello(server.info), Welcome)
                for number in range(start, min(start + OUTBOX, count)):
                    peer.send_raw(*mutated(golden[number % len(golden)], rng))
                answered += _answers(peer)
            insider.ping()
        return {
            "what": "messages after the greeting" if greeted else "messages before the greeting",
            "count": count,
            "answered": answered,
            "surprises": server.log().count("Traceback"),
            "worst_ping_ms": insider.worst_ms,
            "grown_mb": insider.memory_mb() - before,
            "alive": server.process.poll() is None,
        }


def _answers(peer: Peer) -> int:
    """Return how many messages came until the answer to a ping of our own, or nothing more."""
    peer.send(Ping(), message_id="last")
    answers = 0
    while (envelope := peer.receive(1.0)) is not None and envelope.parent != "last":
        answers += 1
    return answers
