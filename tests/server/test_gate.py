"""Strangers: what they may send, cost and learn, and that nobody takes the place of another."""

import logging
import os
import socket
from functools import partial

import psutil
import pytest
import zmq
from tests.server.broken_server import BrokenServer
from tests.server.double_worker import DoubleWorker
from tests.server.harness import (
    FRAME_BYTES,
    QUICK,
    AtOnce,
    Client,
    Later,
    Peer,
    connect,
    follow,
    greet,
    is_connected,
    is_finished,
    make_request,
    wait_for,
)
from tests.server.meetings import HASTY

from bridge.events import Lost, Refused
from livescape.server.bounds import Limits
from livescape.server.desk import Desk
from livescape.server.endpoint import bind_router
from livescape.server.entry import TokenEntry
from livescape.server.executor import Executor as JobExecutor
from livescape.server.gate import Gate
from livescape.server.greeting import Greeter
from livescape.server.logs import Sparing
from livescape.server.outbound import SendResult
from livescape.server.packer import PackingPlace
from livescape.server.router import Router
from livescape.server.runner import Runner
from livescape.server.scheduler import Scheduler
from livescape.server.serve import run_turns
from livescape.server.state_folder import results_folder
from livescape_shared.codec import decode, encode
from livescape_shared.connection import ServerInfo
from livescape_shared.messages import (
    PROTOCOL_VERSION,
    Ack,
    Cancel,
    Challenge,
    Hello,
    Ping,
    Pong,
    Submit,
    Welcome,
)
from livescape_shared.messages import Refused as RefusedMessage
from livescape_shared.proofs import new_nonce, server_proof
from livescape_shared.remote.invitation import Place

pytestmark = pytest.mark.usefixtures("at_once")


def memory(server):
    return psutil.Process(server.process.pid).memory_info().rss


def descriptors(server):
    return psutil.Process(server.process.pid).num_fds()


def knock(server):
    port = int(server.info.endpoint.rsplit(":", 1)[1])
    return socket.create_connection(("127.0.0.1", port))


def is_turned_away(event):
    return isinstance(event, Refused | Lost)


def test_a_message_without_end_never_reaches_the_memory_of_the_server(start):
    server = start()
    with connect(server) as client:
        follow(client, is_connected)
        before = memory(server)
        with Peer(server.info, password=b"no") as peer:
            peer.socket.immediate = 0
            peer.socket.sndtimeo = 0
            sent = 0
            for _ in range(2000):
                try:
                    peer.socket.send(bytes(FRAME_BYTES), flags=zmq.SNDMORE)
                    sent += 1
                except zmq.Again:
                    break
            client.poll(wait_s=0.3)
            assert memory(server) - before < 64 * 2**20
        assert client.state == "connected"
    assert "refused a connection" in server.log()


def test_frames_announced_by_strangers_reserve_little(start):
    """Whatever a peer that never enters announces, it is cut off or bounded by a frame."""
    server = start()
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x00PLAIN" + bytes(16) + bytes(32)
    with connect(server) as client:
        follow(client, is_connected)
        before = psutil.Process(server.process.pid).memory_info().vms
        peers = [knock(server) for _ in range(50)]
        for peer in peers:
            peer.sendall(greeting[:64] + b"\x06" + (200 * 2**20).to_bytes(8, "big") + b"x")
        client.poll(wait_s=0.3)
        assert psutil.Process(server.process.pid).memory_info().vms - before < 256 * 2**20
        for peer in peers:
            peer.close()
        assert client.state == "connected"


def test_a_crowd_of_silent_strangers_is_thinned_and_a_guest_comes_through(start):
    server = start()
    with connect(server) as client:
        follow(client, is_connected)
        before = descriptors(server)
        crowd = [knock(server) for _ in range(600)]
        with connect(server) as late:
            follow(late, is_connected)
            late.submit(make_request("count#in the crowd"))
            assert follow(late, is_finished)[-1].state == "done"
        wait_for(lambda: descriptors(server) < before + 200, what="room")
        assert client.state == "connected"
        for each in crowd:
            each.close()
    assert len(server.log()) < 20_000


def test_whoever_knows_the_password_of_the_gate_alone_learns_and_costs_nothing(server):
    """It may have been caught by a program that listened where the server once was."""
    with Peer(server.info) as peer:
        challenge = peer.ask(Hello("thief", "", new_nonce())).message
        assert isinstance(challenge, Challenge)
        assert peer.ask(Ping()).message.error["code"] == "auth_failed"
        peer.send_raw(bytes(5000))
        assert peer.receive().message.error["code"] == "message_too_large"


def test_a_proof_serves_once_and_for_its_connection_only(server):
    said = []

    def listen(message, **options):
        said.append(message)
        return peer.ask(message, **options)

    with Peer(server.info) as peer, Peer(server.info) as thief:
        assert isinstance(greet(listen, server.info.token), Welcome)
        hello, prove = said
        for each in (thief, peer):
            assert isinstance(each.ask(hello).message, Challenge)
            assert each.ask(prove).message.error["code"] == "auth_failed"
        assert isinstance(peer.ask(Ping()).message, Pong), "what was proved stays proved"


def test_nobody_takes_the_place_of_another_by_its_name(server):
    with Peer(server.info, identity=b"me") as peer:
        assert isinstance(peer.hello(server.info), Welcome)
        with Peer(server.info, identity=b"me") as thief:
            thief.send(Ping())
            assert thief.receive(0.3) is None
            assert isinstance(peer.ask(Ping()).message, Pong)


def test_a_client_that_connects_again_replaces_itself(start):
    server = start()
    peers = [Peer(server.info) for _ in range(40)]
    for peer in peers:  # more than there is room for
        assert isinstance(peer.hello(server.info, key="one and the same"), Welcome)
    assert peers[-2].ask(Ping()).message.error["code"] == "auth_failed"
    for peer in peers:
        peer.context.destroy(linger=0)


def impostor(answer):
    """Return a server that does not know the token and answers hello with ``answer(nonce)``."""

    def script(envelope):
        return [answer(envelope.message.nonce)] if isinstance(envelope.message, Hello) else None

    return BrokenServer(script)


@pytest.mark.parametrize(
    "answer",
    [
        lambda nonce: Welcome("trust me", "", {}),
        lambda nonce: Challenge("0" * 64, server_proof("guess", nonce, "0" * 64)),
        lambda nonce: Challenge("", server_proof("", nonce, "")),
        lambda nonce: Challenge("é" * 64, "é"),
    ],
)
def test_an_impostor_on_the_servers_port_gets_neither_token_nor_photo(answer):
    with impostor(answer) as broken, Client(lambda: broken.info, timing=HASTY) as client:
        client.submit(make_request("the photo"))
        error = follow(client, is_turned_away, 3)[-1].error
        assert error.code == "server_unproven"
        client.poll(wait_s=0.2)
        assert {type(message) for message in broken.heard} == {Hello}
        assert "token" not in repr(broken.heard)
        assert "token" not in repr(broken.let_in)


def test_a_program_that_speaks_otherwise_is_told_apart():
    with zmq.Context() as context, context.socket(zmq.ROUTER) as other:
        port = other.bind_to_random_port("tcp://127.0.0.1")
        info = ServerInfo(f"tcp://127.0.0.1:{port}", "t", os.getpid(), "x", PROTOCOL_VERSION)
        with Client(lambda: info, timing=QUICK) as client:
            code = follow(client, is_turned_away, 3)[-1].error.code
            assert code in ("server_unproven", "server_unreachable")


def test_a_client_after_a_restart_under_the_old_token_is_told_to_restart(server):
    info = server.info
    stale = ServerInfo(info.endpoint, "old", info.pid, info.version, info.protocol)
    with Client(lambda: stale, timing=QUICK) as client:
        assert follow(client, is_turned_away, 3)[-1].error.code == "auth_failed"


class Busy:
    """A router whose desk is slow."""

    def __init__(self, folder, **limits):
        limits = Limits(free_disk_bytes=0, **limits)
        runner = Runner(DoubleWorker, folder, limits, clock=lambda: 0.0)
        self.executor = Later()
        self.scheduler = Scheduler.open(folder, JobExecutor([runner]), limits)
        desk = Desk(self.executor, results_folder(folder), limits)
        greeter = Greeter("token", limits)
        new_place = partial(PackingPlace, AtOnce())
        self.router = Router(self._send, greeter, desk, new_place, self.scheduler, limits)
        self.answers = []
        greet(self.ask, "token")

    def _send(self, identity, frames):
        self.answers.append(decode([bytes(frame) for frame in frames]))
        return SendResult.SENT

    def ask(self, message, message_id="m"):
        answers = self.say(message, message_id)
        return answers[-1] if answers else None

    def say(self, message=None, message_id="m"):
        self.answers = []
        if message is not None:
            self.router.handle(b"guest", [bytes(f) for f in encode(message, message_id=message_id)])
        self.router.deliver()
        self.router.flush()
        return self.answers


def submit_of(request):
    return Submit(request.body(), request.arrays())


@pytest.fixture
def busy(tmp_path):
    made = Busy(tmp_path)
    yield made
    made.scheduler.close()


def test_pings_are_answered_while_a_request_is_read(busy):
    assert busy.say(submit_of(make_request()), "s") == []
    for _ in range(3):
        assert isinstance(busy.ask(Ping()).message, Pong)
    busy.executor.work()
    assert [type(each.message) for each in busy.say()] == [Ack]


def test_what_comes_after_a_submit_is_done_after_it(busy):
    """A cancel may follow at once, before the server knows the job."""
    request = make_request()
    assert busy.say(submit_of(request), "s") == []
    assert busy.say(Cancel(request.job_id()), "c") == []
    assert busy.say(submit_of(make_request(seed=1)), "t") == []
    busy.executor.work()
    answers = busy.say()
    assert [(each.message.type, each.parent) for each in answers[:2]] == [
        ("ack", "s"),
        ("ack", "c"),
    ]
    busy.executor.work()
    assert ("ack", "t") in [(each.message.type, each.parent) for each in busy.say()]


def test_a_request_that_is_turned_away_is_answered_and_the_rest_goes_on(busy):
    request = make_request()
    broken = Submit({"fps": "x", "settings": {}}, request.arrays())
    busy.say(broken, "b")
    busy.say(Cancel("nobody's"), "c")
    busy.executor.work()
    codes = {each.parent: each.message.error["code"] for each in busy.say()}
    assert codes == {"b": "request_invalid", "c": "job_unknown"}


def test_a_request_that_is_known_or_refused_leaves_nothing_on_the_disk(busy, tmp_path):
    for _ in range(3):
        busy.say(submit_of(make_request()), "s")
        busy.executor.work()
        assert [type(each.message) for each in busy.say()] == [Ack]
        while busy.executor.waiting:
            busy.executor.work()
    assert [folder.name[:32] for folder in (tmp_path / "results").iterdir()] == [
        make_request().job_id()
    ]


def test_requests_that_wait_take_so_much_memory_and_no_more(tmp_path):
    busy = Busy(tmp_path, request_bytes=100_000)
    for number in range(2):
        assert busy.say(submit_of(make_request("x" * 60_000, seed=number)), f"{number}") == []
    for number in range(2, 300):
        busy.say(submit_of(make_request("x" * 60_000, seed=number)), f"{number}")
    assert isinstance(busy.answers[-1].message, RefusedMessage)
    assert busy.answers[-1].message.error["code"] == "server_busy"
    assert len(busy.executor.waiting) == 1
    busy.scheduler.close()


def test_a_fault_in_the_loop_costs_a_turn(caplog):
    faults = [MemoryError(), OSError(24, "x"), ValueError(), zmq.ZMQError(zmq.EHOSTUNREACH)]
    left = list(faults)

    def turn():
        if left:
            raise left.pop()

    turns = iter(range(10))
    with caplog.at_level(logging.ERROR):
        run_turns(turn, lambda: next(turns, None) is None, pause_s=0.0)
    assert left == []
    assert caplog.text.count("goes on after a fault") == len(faults)


def test_the_end_of_the_socket_is_the_end_of_the_loop():
    def turn():
        raise zmq.ContextTerminated

    with pytest.raises(zmq.ContextTerminated):
        run_turns(turn, lambda: False, pause_s=0.0)


def test_a_log_cannot_be_flooded():
    now = [0.0]
    sparing = Sparing(burst=3, window_s=10.0, clock=lambda: now[0])

    def record(line, text="refused %s"):
        return logging.LogRecord("x", logging.INFO, "file.py", line, text, ("a",), None)

    assert [sparing.filter(record(1)) for _ in range(1000)] == [True] * 3 + [False] * 997
    assert sparing.filter(record(2)), "another line of code is another kind"
    now[0] = 11.0
    late = record(1)
    assert sparing.filter(late)
    assert late.getMessage() == "refused a (997 more like this were left out before)"


@pytest.mark.parametrize("stays", [True, False])
def test_nothing_is_closed_by_the_number_of_what_has_gone_since_the_poll(monkeypatch, stays):
    now, closed, limits = [0.0], [], Limits()
    monkeypatch.setattr("livescape.server.gate._shut", closed.append)
    with zmq.Context() as context:
        gate = Gate(context, TokenEntry("token"), limits, clock=lambda: now[0])
        router, endpoint = bind_router(context, Place("127.0.0.1", 0), limits, gate)
        poller = zmq.Poller()
        gate.register(poller)
        stranger = socket.create_connection(("127.0.0.1", int(endpoint.rsplit(":", 1)[1])))
        gate.turn(dict(poller.poll(10_000)))
        assert closed == []
        if not stays:
            stranger.close()
            assert poller.poll(10_000), "ZeroMQ has told that it is gone"
        now[0] = limits.greeting_s + 1.0
        gate.turn(())
        assert len(closed) == stays
        stranger.close()
        router.close(linger=0)
        gate.close()
