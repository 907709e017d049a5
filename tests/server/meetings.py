"""Clients that meet servers which break their promises."""

from dataclasses import replace

from tests.server.harness import (
    QUICK,
)

from bridge.client import Client
from bridge.events import Lost, Refused
from bridge.liveness import Timing
from livescape_shared.messages import (
    Ping,
    Pong,
)

HASTY = Timing(ping=0.05, silent_after=2, lost_after=4, ack=0.3, connect=0.3, backoff=0.05)
CURIOUS = replace(QUICK, recheck=0.3)


def is_lost(event):
    return isinstance(event, Lost)


def is_refused(event):
    return isinstance(event, Refused)


def polite(envelope):
    return [Pong()] if isinstance(envelope.message, Ping) else None


def meet(broken, timing=HASTY):
    return Client(lambda: broken.info, timing=timing)
