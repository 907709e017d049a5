"""The worst that others can do: silent crowds, messages without end, a flood."""

from __future__ import annotations

import multiprocessing
import os
import socket
import time
from collections.abc import Callable
from typing import Any

from benchmarks.fuzz.insider import Insider
from tests.server.harness import (
    FRAME_BYTES,
    QUICK,
    Client,
    Server,
    follow,
    greet,
    is_finished,
    make_request,
)
from tests.server.raw_peer import MORE, RawPeer

from livescape_shared.connection import ServerInfo

NULL_GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00NULL".ljust(23, b"\0") + bytes(32)
PLAIN_GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00PLAIN".ljust(23, b"\0") + bytes(32)
LONG_MORE = b"\x03"
"""Flags of a frame with an eight-byte length, to be continued."""

Attack = Callable[[ServerInfo, float], None]


def _port(info: ServerInfo) -> int:
    return int(info.endpoint.rsplit(":", 1)[1])


def _connect(info: ServerInfo) -> socket.socket | None:
    try:
        return socket.create_connection(("127.0.0.1", _port(info)), 1.0)
    except OSError:
        return None


def silent_crowd(info: ServerInfo, seconds: float, crowd: int = 1000) -> None:
    """Hold ``crowd`` connections that say nothing; open another for each that is closed."""
    end = time.monotonic() + seconds
    held: list[socket.socket] = []
    while time.monotonic() < end:
        while len(held) < crowd and time.monotonic() < end:
            if (made := _connect(info)) is not None:
                made.setblocking(False)
                held.append(made)
        for each in list(held):
            try:
                if each.recv(4096) == b"":
                    held.remove(each)
                    each.close()
            except BlockingIOError:
                continue
            except OSError:
                held.remove(each)
                each.close()


def endless_message(info: ServerInfo, seconds: float) -> None:
    """Send frames of one message for ever, in either mechanism, over and over."""
    end = time.monotonic() + seconds
    frame = LONG_MORE + FRAME_BYTES.to_bytes(8, "big") + bytes(FRAME_BYTES)
    while time.monotonic() < end:
        for greeting in (NULL_GREETING, PLAIN_GREETING):
            made = _connect(info)
            if made is None:
                continue
            try:
                made.sendall(greeting)
                while time.monotonic() < end:
                    made.sendall(frame)
            except OSError:
                pass
            finally:
                made.close()


def endless_of_a_client(info: ServerInfo, seconds: float) -> None:
    """Send frames of one message for ever, as one who knows the token and has been welcomed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with RawPeer(info) as peer:
            try:
                greet(peer.ask, info.token, key="endless")
                while time.monotonic() < end:
                    peer.send_frame(bytes(FRAME_BYTES), MORE)
            except (OSError, IndexError):  # it has been cut off
                continue


def announced_frames(info: ServerInfo, seconds: float, crowd: int = 300) -> None:
    """Announce frames of 200 MB on many connections and send a byte now and then."""
    end = time.monotonic() + seconds
    held: list[socket.socket] = []
    head = PLAIN_GREETING + b"\x06" + (200 * 2**20).to_bytes(8, "big")
    while time.monotonic() < end:
        while len(held) < crowd and (made := _connect(info)) is not None:
            held.append(made)
            try:
                made.sendall(head)
            except OSError:
                continue
        for each in list(held):
            try:
                each.send(b"x")
            except OSError:
                held.remove(each)
                each.close()
        time.sleep(0.05)


def flood(info: ServerInfo, seconds: float) -> None:
    """Connect, say rubbish and go, as fast as possible."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (made := _connect(info)) is not None:
            try:
                made.sendall(os.urandom(64))
            except OSError:
                pass
            finally:
                made.close()


def _jobs(info: ServerInfo, seconds: float, kind: str) -> None:
    end, number = time.monotonic() + seconds, 0
    with Client(lambda: info, name=kind, timing=QUICK) as client:
        while time.monotonic() < end:
            client.submit(make_request(f"{kind}#{number}", steps=1))
            follow(client, is_finished, 60)
            number += 1


def many_jobs(info: ServerInfo, seconds: float) -> None:
    """Ask for one small job after another, each of which is journalled."""
    _jobs(info, seconds, "count")


def large_results(info: ServerInfo, seconds: float) -> None:
    """Ask for results of 140 MB, which make room for each other."""
    _jobs(info, seconds, "large#64")


ATTACKS: dict[str, Attack] = {
    "1 000 silent connections": silent_crowd,
    "endless message": endless_message,
    "endless message of a client": endless_of_a_client,
    "announced frames": announced_frames,
    "flood": flood,
    "small jobs without a pause": many_jobs,
    "results that make room": large_results,
}


def attacked(server: Server, name: str, seconds: float) -> dict[str, Any]:
    """Attack ``server`` for so long, and tell what an insider notices of it."""
    logged = len(server.log())
    with Insider(server) as insider:
        insider.keep_pinging(0.5)
        calm, insider.worst_ms = insider.worst_ms, 0.0
        before = insider.most_mb = insider.memory_mb()
        attacker = multiprocessing.Process(
            target=ATTACKS[name], args=(server.info, seconds), daemon=True
        )
        attacker.start()
        insider.keep_pinging(seconds)
        grown = insider.most_mb - before
        attacker.join()
        return {
            "what": name,
            "calm_ping_ms": calm,
            "worst_ping_ms": insider.worst_ms,
            "grown_mb": grown,
            "log_bytes": len(server.log()) - logged,
            "alive": server.process.poll() is None,
        }
