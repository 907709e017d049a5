"""Whatever one client's message does, the server and the other clients live."""

import os
import shutil
import socket

import msgpack
import pytest
from tests.server.double_worker import DoubleWorker
from tests.server.harness import (
    Peer,
    connect,
    follow,
    greet,
    is_connected,
    is_finished,
    is_last_chunk,
    make_request,
    make_router,
    of,
)

from bridge.events import ChunkArrived, Finished, Progressed, Refused
from livescape.server import router as router_module
from livescape.server import sessions as sessions_module
from livescape.server.bounds import Limits
from livescape.server.executor import Executor
from livescape.server.greeting import Greeter
from livescape.server.outbound import SendResult
from livescape.server.runner import Runner
from livescape.server.scheduler import Scheduler
from livescape_shared.codec import MAGIC, Envelope, decode, encode
from livescape_shared.messages import (
    PROTOCOL_VERSION,
    Cancel,
    Grant,
    Hello,
    Ping,
    Pong,
    Prove,
    Submit,
    Welcome,
)
from livescape_shared.messages import Refused as RefusedMessage

pytestmark = pytest.mark.usefixtures("at_once")


def message(kind="ping", arrays=(), **values):
    """Return a message's frames, which no encoder of ours would write."""
    header = {
        "version": [*PROTOCOL_VERSION],
        "type": kind,
        "id": "evil",
        "parent": "",
        "body": {},
        **values,
    }
    header["arrays"] = [entry for entry, _ in arrays]
    packed = MAGIC + msgpack.packb(header)
    return [packed, *(frame for _, frame in arrays)]


def array(shape, frame=b"", dtype="uint8"):
    return {"name": "photo", "dtype": dtype, "shape": shape}, frame


HUGE = 2**31 - 1
HOSTILE = {
    "empty array of overflowing shape": message("submit", [array([0, HUGE, HUGE, HUGE])]),
    "empty array of wide items": message("submit", [array([HUGE, HUGE, 0, HUGE], dtype="float64")]),
    "overflowing shape": message("submit", [array([HUGE] * 4, b"x")]),
    "negative sides": message("submit", [array([-1, -1], b"x")]),
    "nested lists": [MAGIC + b"\x91" * 3000],
    "nested maps": [*message(), b"\x81\xa1a" * 900],
    "deep body": [MAGIC + b"\x81\xa4body" + b"\x81\xa1a" * 1200],
    "text that is none": [MAGIC + b"\x81\xa4type\xa2\xff\xfe"],
    "bytes as names": message("cancel", body={b"job": b"x"}),
    "integers of 64 bits": message("grant", body={"job": "x", "next_seq": 2**64 - 1}),
    "not a number": message("progress", body={"fraction": float("nan")}),
    "extension types": message("cancel", body={"job": msgpack.ExtType(1, b"x" * 100)}),
    "timestamps": message("cancel", body={"job": msgpack.Timestamp(2**34 - 1, 1)}),
    "settings of lists": message("submit", [array([1], b"x")], body={"settings": [[]] * 99}),
    "lone surrogates": [MAGIC + b"\x81\xa2id\xa3\xed\xa0\x80"],
    "no frames": [b""],
}


def heard(peer, timeout_s=3.0):
    """Return the next message but a pong, which a server may send unasked."""
    while (envelope := peer.receive(timeout_s)) and isinstance(envelope.message, Pong):
        continue
    return envelope


@pytest.mark.parametrize("greeted", [False, True], ids=["stranger", "guest"])
def test_another_client_works_while_hostile_messages_come(server, greeted):
    """Each is refused once, and the job that runs meanwhile arrives whole."""
    with connect(server) as client, Peer(server.info) as peer:
        if greeted:
            assert isinstance(peer.hello(server.info), Welcome)
        client.submit(make_request(f"slow#among {greeted}", steps=12))
        events = follow(client, lambda event: isinstance(event, Progressed))
        for name, frames in HOSTILE.items():
            peer.send_raw(*frames)
            answer = heard(peer)
            assert isinstance(answer.message, RefusedMessage), name
            assert answer.message.error["stage"], name
            events += client.poll()
        assert heard(peer, 0.2) is None, "each is refused once"
        events += follow(client, is_last_chunk)
        if greeted:
            assert isinstance(peer.ask(Ping()).message, Pong)
    assert of(events, Finished)[0].state == "done"
    chunks = of(events, ChunkArrived)
    assert [chunk.seq for chunk in chunks] == list(range(chunks[0].total))
    assert server.process.poll() is None


def refused(client, request):
    client.submit(request)
    return of(follow(client, lambda event: isinstance(event, Refused)), Refused)[0].error


def test_a_results_folder_that_is_gone_or_in_the_way_fails_a_submit_only(start):
    server = start()
    results = server.folder / "results"
    with connect(server) as client:
        follow(client, is_connected)
        shutil.rmtree(results)
        results.write_text("in the way")
        error = refused(client, make_request("count#refused"))
        assert (error.code, error.stage) == ("result_not_writable", "submit")
        results.unlink()
        client.submit(make_request("count#refused"))
        assert follow(client, is_finished)[-1].state == "done"
    assert server.stop() == 0


def test_a_server_without_descriptors_refuses_and_recovers(start):
    resource = pytest.importorskip("resource", reason="needs Linux's prlimit")
    if not hasattr(resource, "prlimit"):
        pytest.skip("needs Linux's prlimit")
    server = start()
    pid, port = server.process.pid, int(server.info.endpoint.rsplit(":", 1)[1])
    with connect(server) as client:
        client.submit(make_request("count#before"))
        follow(client, is_last_chunk)
        open_now = len(os.listdir(f"/proc/{pid}/fd"))
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (open_now + 8, before[1]))
        crowd = [socket.create_connection(("127.0.0.1", port)) for _ in range(30)]
        error = refused(client, make_request("count#among the crowd"))
        assert (error.code, error.stage) == ("result_not_writable", "submit")
        for each in crowd:
            each.close()
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        client.submit(make_request("count#among the crowd"))
        assert follow(client, is_finished, 30)[-1].state == "done"
    assert server.stop() == 0


class Door:
    """A router with two guests and real jobs below it, driven without a socket."""

    def __init__(self, folder):
        limits = Limits(free_disk_bytes=0)
        runner = Runner(DoubleWorker, folder, limits, clock=lambda: 0.0)
        self.scheduler = Scheduler.open(folder, Executor([runner]), limits)
        self.router = make_router(self._send, self.scheduler, folder, limits, clock=lambda: 0.0)
        self.sent = []
        self.fault = None
        for guest in (b"good", b"evil"):
            assert isinstance(greet(lambda said, who=guest: self.ask(who, said), "token"), Welcome)

    def _send(self, identity, frames):
        if self.fault is not None and identity == b"evil":
            raise self.fault
        self.sent.append((identity, decode([bytes(frame) for frame in frames])))
        return SendResult.SENT

    def ask(self, identity, message):
        """Return the envelope of the one answer."""
        return Envelope(self.say(identity, message)[0], "")

    def say(self, identity, message):
        """Return what this client is answered; nobody else must hear of it."""
        self.router.handle(identity, [bytes(frame) for frame in encode(message, message_id="m")])
        self.router.deliver()
        self.router.flush()
        assert {whom for whom, _ in self.sent} <= {identity}
        answers, self.sent = [envelope.message for _, envelope in self.sent], []
        return answers

    def lives(self):
        return isinstance(self.say(b"good", Ping())[0], Pong)


@pytest.fixture
def door(tmp_path):
    opened = Door(tmp_path)
    yield opened
    opened.scheduler.close()


FAULTS = [
    OSError(24, "Too many open files"),
    MemoryError(),
    ValueError("array is too big"),
    RecursionError(),
    OverflowError(),
    AttributeError("shape"),
    UnicodeError(),
    AssertionError(),
    ZeroDivisionError(),
]
REQUEST = make_request("walk#hostile")
SUBMIT = Submit(REQUEST.body(), REQUEST.arrays())


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("sender", [b"evil", b"stranger"])
@pytest.mark.parametrize(
    ("place", "name", "said", "stage"),
    [
        (router_module, "decode", Ping(), "ping"),
        (sessions_module, "decode", Prove("x"), "prove"),
        (Greeter, "begin", Hello("x", "", "0" * 64), "hello"),
        (Scheduler, "submit", SUBMIT, "submit"),
        (Scheduler, "cancel", Cancel("x"), "cancel"),
        (Scheduler, "job", Grant("x", 0, 1, start=True), "grant"),
    ],
)
def test_a_fault_anywhere_is_told_to_its_sender_alone(
    door, monkeypatch, place, name, said, stage, sender, fault
):
    def fail(*_, **__):
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(place, name, fail)
        answers = door.say(sender, said)
    assert len(answers) == 1
    error = answers[0].error
    if sender == b"evil" or place in (sessions_module, Greeter):  # the greeting is anyone's
        expected = "out_of_memory" if isinstance(fault, MemoryError) else "server_fault"
        assert (error["code"], error["stage"]) == (expected, stage)
    else:
        assert error["code"] == "auth_failed"
    assert door.lives()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("sender", [b"evil", b"stranger"])
def test_a_fault_while_answering_drops_the_client_alone(door, fault, sender):
    door.fault = fault
    assert door.say(b"evil", Ping()) == []
    door.fault = None
    assert door.lives()
    assert door.say(b"evil", Ping())[0].error["code"] == "auth_failed"


def test_a_submit_that_fails_leaves_nothing_behind(door, tmp_path, monkeypatch):
    def fail(folder, *_, **__):
        folder.mkdir()
        (folder / "half").write_text("x")
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("livescape.server.desk.write_request", fail)
        assert door.say(b"evil", SUBMIT)[0].error["code"] == "out_of_memory"
    assert list((tmp_path / "results").iterdir()) == []
    assert door.scheduler.jobs == []
    assert door.say(b"good", SUBMIT)[0].state == "queued"
