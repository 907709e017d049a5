"""Messages that never end, of strangers and of clients, are cut off before they fill the memory."""

import socket
import sys
from contextlib import ExitStack

import psutil
import pytest
from tests.server.harness import (
    FRAME_BYTES,
    connect,
    follow,
    greet,
    is_connected,
    is_finished,
    make_request,
    wait_for,
)
from tests.server.raw_peer import MORE, RawPeer

from bridge.client import HEADER_BYTES
from livescape.server.bounds import Limits
from livescape.server.inflow import Inflow, bytes_received
from livescape_shared.messages import Welcome

LIMITS = Limits(frame_bytes=100, request_bytes=6400)
MOST = 6500

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts for us")


class Wire:
    """Connections and what each has sent."""

    def __init__(self):
        self.sent = {}
        self.inflow = Inflow(LIMITS, received=lambda connection: self.sent[connection])

    def open(self, connection):
        self.sent[connection] = 0
        self.inflow.opened(connection)

    def send(self, connection, size):
        self.sent[connection] += size


@pytest.fixture
def wire():
    made = Wire()
    for connection in range(4):
        made.open(connection)
    return made


def test_a_stranger_may_send_what_a_frame_holds(wire):
    wire.send(1, 100)
    assert wire.inflow.excessive([0, 1]) == []
    wire.send(1, 1)
    assert wire.inflow.excessive([0, 1]) == [1]
    assert wire.inflow.excessive([0]) == []


def test_a_client_may_send_a_request_again_and_again(wire):
    for _ in range(10):
        wire.send(2, MOST)
        assert wire.inflow.excessive([]) == []
        wire.inflow.delivered(2)
    wire.send(2, MOST + 1)
    assert wire.inflow.excessive([]) == [2]


def test_all_clients_together_may_send_two_and_the_largest_goes(wire):
    for connection, size in enumerate((3000, 4000, 6000)):
        wire.send(connection, size)
    assert wire.inflow.excessive([]) == []
    wire.send(3, 1)
    assert wire.inflow.excessive([]) == [2]
    assert wire.inflow.excessive([]) == []


def test_the_loop_looks_often_only_while_something_is_on_its_way(wire):
    assert wire.inflow.patience_ms
    wire.inflow.excessive([])
    assert wire.inflow.patience_ms is None
    wire.send(3, 101)
    wire.inflow.excessive([])
    assert wire.inflow.patience_ms
    wire.inflow.delivered(3)
    wire.inflow.excessive([0])
    assert wire.inflow.patience_ms, "a stranger is there"


def test_a_descriptor_that_is_used_again_counts_from_nothing(wire):
    wire.send(1, 5000)
    wire.inflow.delivered(1)
    wire.sent[1] = 90
    assert wire.inflow.excessive([1]) == []
    wire.inflow.forget(1)
    assert wire.inflow.excessive([1]) == []


@on_linux
def test_the_system_tells_what_has_come_before_anyone_has_read_it():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        with socket.create_connection(listening.getsockname()) as out:
            one, _ = listening.accept()
            with one:
                out.sendall(bytes(12_345))
                wait_for(lambda: bytes_received(one.fileno()) == 12_345, what="the bytes")
                assert one.recv(5) == bytes(5)
                number = one.fileno()
    assert bytes_received(number) == 0, "it is closed"
    assert bytes_received(-1) == 0


def memory(server):
    return psutil.Process(server.process.pid).memory_info().rss


@on_linux
@pytest.mark.parametrize("welcomed", [False, True], ids=["stranger", "client"])
def test_a_message_without_end_is_cut_off_and_costs_the_others_nothing(start, welcomed):
    server = start("--largest-request", "8")
    with connect(server) as client, RawPeer(server.info) as peer:
        follow(client, is_connected)
        if welcomed:
            assert isinstance(greet(peer.ask, server.info.token), Welcome)
        before = memory(server)
        sent = 0
        try:
            while sent < 2**30:
                peer.send_frame(bytes(FRAME_BYTES), MORE)
                sent += FRAME_BYTES
        except OSError:
            assert memory(server) - before < 64 * 2**20
        assert sent < 2**30, "it was not cut off"
        client.submit(make_request(f"count#beside it {welcomed}"))
        assert follow(client, is_finished)[-1].state == "done"
    assert "more than a message may have" in server.log()


@on_linux
def test_clients_that_all_send_without_end_are_bounded_together(start):
    server = start("--largest-request", "8")
    with ExitStack() as stack:
        client = stack.enter_context(connect(server))
        follow(client, is_connected)
        peers = [stack.enter_context(RawPeer(server.info)) for _ in range(8)]
        for peer in peers:
            assert isinstance(greet(peer.ask, server.info.token), Welcome)
        before, cut = memory(server), set()
        for _ in range(24):  # 6 MiB each, which one alone may send
            for peer in peers:
                try:
                    peer.send_frame(bytes(FRAME_BYTES), MORE)
                except OSError:
                    cut.add(peer)
        assert memory(server) - before < 64 * 2**20
        wait_for(lambda: server.log().count("than a message may have") >= 5, what="the end")
        another = stack.enter_context(RawPeer(server.info))
        assert isinstance(greet(another.ask, server.info.token), Welcome)
        assert client.state == "connected"


def test_a_request_of_the_largest_size_still_arrives(start):
    server = start("--largest-request", "8")
    with connect(server) as client:
        client.submit(make_request("count#" + "x" * (8 * 2**20 - 2 * HEADER_BYTES)))
        assert follow(client, is_finished)[-1].state == "done"
