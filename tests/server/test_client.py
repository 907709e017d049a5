"""The client against servers that hang, lie, die or come from the future."""

import os
import signal
import time

import pytest
import zmq
from tests.server.broken_server import BrokenServer, welcoming
from tests.server.harness import (
    connect,
    follow,
    is_connected,
    is_last_chunk,
    make_request,
    of,
)
from tests.server.meetings import HASTY, is_lost, is_refused, meet, polite

from bridge.client import Client
from bridge.events import Acked, ChunkArrived, Finished, Lost
from bridge.liveness import Liveness, Timing
from livescape_shared.codec import encode
from livescape_shared.connection import ServerInfo
from livescape_shared.messages import (
    PROTOCOL_VERSION,
    Ping,
    Pong,
)
from livescape_shared.messages import Refused as RefusedMessage


def test_no_server_is_told_once_and_then_found(server):
    where = []
    with Client(lambda: where[0] if where else None, timing=HASTY) as client:
        assert client.state == "connecting"
        first = client.poll()
        assert [event.error.code for event in of(first, Lost)] == ["server_unreachable"]
        quiet = [event for _ in range(30) for event in client.poll(wait_s=0.01)]
        assert quiet == []
        assert client.state == "lost"
        where.append(server.info)
        follow(client, is_connected, 3)
        assert client.state == "connected"


def test_a_closed_port_is_a_server_that_does_not_run():
    info = ServerInfo("tcp://127.0.0.1:9", "t", 1, "0.1.0", PROTOCOL_VERSION)
    with Client(lambda: info, timing=HASTY) as client:
        assert follow(client, is_lost, 3)[-1].error.code == "server_unreachable"


@pytest.mark.parametrize(
    "endpoint",
    ["tcp://127.0.0.1:80?x", "tcp://127.0.0.1:80#x", "tcp://a b:80", "nonsense", "", "tcp://*:5",
     "tcp://127.0.0.1:99999", "\ud800"],
)  # fmt: skip
def test_an_address_that_is_none_is_a_server_that_is_not_there_and_closing_ends(endpoint):
    info = ServerInfo(endpoint, "t", 1, "0.1.0", PROTOCOL_VERSION)
    with Client(lambda: info, timing=HASTY) as client:
        assert follow(client, is_lost, 3)[-1].error.code == "server_unreachable"


def test_poll_never_waits_whatever_the_server_does(monkeypatch):
    waits = []
    wait_for_message = zmq.Socket.poll

    def poll(socket, timeout=None, flags=zmq.POLLIN):
        if socket.type == zmq.DEALER:  # the client's
            waits.append(timeout)
        return wait_for_message(socket, timeout, flags)

    with BrokenServer(lambda _: None) as broken, meet(broken) as client:
        with monkeypatch.context() as patch:
            patch.setattr(zmq.Socket, "poll", poll)
            patch.setattr(time, "sleep", waits.append)
            for _ in range(100):
                client.poll(budget_s=0.002)
        follow(client, is_lost, 3)
    assert set(waits) == {0}


def test_a_server_that_never_welcomes_is_silent():
    with BrokenServer(lambda _: None) as broken, meet(broken) as client:
        assert follow(client, is_lost, 3)[-1].error.code == "server_silent"


def test_a_server_without_pongs_is_silent_then_lost():
    with BrokenServer(welcoming(lambda _: None)) as broken, meet(broken) as client:
        follow(client, is_connected)
        states = []
        end = time.monotonic() + 3
        while "lost" not in states and time.monotonic() < end:
            lost = of(client.poll(wait_s=0.01), Lost)
            states.append(client.state)
        assert list(dict.fromkeys(states)) == ["connected", "silent", "lost"]
        assert [event.error.code for event in lost] == ["server_silent"]


def test_a_stopped_server_is_noticed_and_taken_up_again(start):
    server = start()
    with connect(server) as client:
        client.submit(make_request("slow#stop", steps=30))
        follow(client, lambda event: isinstance(event, Acked))
        os.kill(server.process.pid, signal.SIGSTOP)
        assert follow(client, is_lost, 5)[-1].error.code == "server_silent"
        os.kill(server.process.pid, signal.SIGCONT)
        events = follow(client, is_last_chunk)
        assert len(of(events, Finished)) == 1
        assert [c.seq for c in of(events, ChunkArrived)] == list(range(8))


def test_a_client_that_slept_does_not_blame_the_server(server):
    with connect(server, HASTY) as client:
        follow(client, is_connected)
        for _ in range(5):
            time.sleep(0.3)  # six pings' time, as when Blender renders a frame
            assert client.poll() == []
            assert client.state == "connected"


@pytest.mark.parametrize(("version", "older"), [((4, 0), "Blender"), ((2, 0), "the server")])
def test_a_refusal_of_another_major_version_is_understood(version, older):
    future = RefusedMessage({"code": "no", "message": "?"})
    with BrokenServer(lambda _: [future], version) as broken, meet(broken) as client:
        error = follow(client, is_refused, 3)[-1].error
    assert error.code == "protocol_version"
    assert error.hint.endswith(f"{older}.")


@pytest.mark.parametrize("version", [(2, 0), (4, 0)])
def test_another_major_version_in_the_connection_file_is_enough(version):
    info = ServerInfo("tcp://127.0.0.1:9", "t", 1, "9.0", version)
    with Client(lambda: info, timing=HASTY) as client:
        assert [event.error.code for event in client.poll()] == ["protocol_version"]


@pytest.mark.parametrize("frames", [[b"garbage"], [b"LVSC\xc1"], encode(Pong(), version=(4, 0))])
def test_garbage_breaks_the_connection_not_the_client(frames):
    def script(envelope):
        return [list(map(bytes, frames))] if isinstance(envelope.message, Ping) else None

    with BrokenServer(welcoming(script)) as broken, meet(broken) as client:
        lost = follow(client, is_lost, 3)[-1]
    assert lost.error.code in ("message_malformed", "protocol_version")


def test_a_server_that_forgot_us_is_greeted_again():
    forgot = [True]

    def script(envelope):
        if isinstance(envelope.message, Ping) and forgot.pop() if forgot else False:
            return [RefusedMessage({"code": "auth_failed", "message": "Who?"})]
        return polite(envelope)

    with BrokenServer(welcoming(script)) as broken, meet(broken) as client:
        follow(client, is_connected)
        follow(client, is_connected, 3)
        assert client.state == "connected"


def test_liveness_counts_only_unanswered_pings():
    life = Liveness(Timing(ping=1.0, silent_after=3, lost_after=6), now=0.0)
    assert life.ping_due(0.0)
    assert not life.ping_due(0.9)
    for second in (1, 2, 3):
        assert life.ping_due(second)
    assert (life.missed, life.state) == (3, "silent")
    life.on_message()
    assert (life.missed, life.state) == (0, "connected")
    for second in range(100, 107):
        life.ping_due(second)
    assert (life.missed, life.state) == (6, "lost")
