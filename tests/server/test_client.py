"""The client against servers that hang, lie, die or come from the future."""

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zmq
from tests.server.broken_server import BrokenServer, welcoming
from tests.server.harness import (
    QUICK,
    connect,
    follow,
    is_connected,
    is_last_chunk,
    make_request,
    of,
    wait_for,
)

from bridge.client import Client
from bridge.events import Acked, ChunkArrived, Connected, Finished, Lost, Refused
from bridge.server_link import Liveness, Timing
from bridge.tracking import WINDOW_BYTES, Download
from livescape.server.jobs import Job
from livescape.server.outbound import Stream
from livescape_shared.codec import encode
from livescape_shared.connection import ServerInfo
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import (
    PROTOCOL_VERSION,
    Ack,
    Cancel,
    Chunk,
    Grant,
    Ping,
    Pong,
    Submit,
    Watch,
)
from livescape_shared.messages import Finished as FinishedMessage
from livescape_shared.messages import Refused as RefusedMessage

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


def test_a_submit_without_ack_is_a_silent_server_and_is_sent_again():
    def script(envelope):
        submits = sum(isinstance(message, Submit) for message in broken.heard)
        if isinstance(envelope.message, Submit) and submits == 2:
            return [Ack(job, "queued")]
        return polite(envelope)

    with BrokenServer(welcoming(script)) as broken, meet(broken) as client:
        job = client.submit(make_request())
        events = follow(client, lambda event: isinstance(event, Acked))
        assert [event.error.code for event in of(events, Lost)] == ["server_silent"]
        assert len(of(events, Connected)) == 2


def test_a_server_that_takes_the_request_for_another_is_of_another_version():
    def script(envelope):
        if isinstance(envelope.message, Submit):
            return [Ack("0" * 32, "queued")]
        return polite(envelope)

    with BrokenServer(welcoming(script)) as broken, meet(broken) as client:
        job = client.submit(make_request())
        refused = follow(client, lambda event: isinstance(event, Refused))[-1]
        assert (refused.error.code, refused.job) == ("versions_differ", job)
        assert client.jobs == ()


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


def stream(chunks):
    """Return a script that finishes a job of three chunks and streams ``chunks``."""

    def script(envelope):
        match envelope.message:
            case Submit():
                job = make_request().job_id()
                return [Ack(job, "done"), FinishedMessage(job, "done", 3)]
            case Grant() as grant:
                parts = chunks.pop(0) if chunks else []
                return [Chunk(grant.job, seq, total) for seq, total in parts]
        return polite(envelope)

    return welcoming(script)


@pytest.mark.parametrize(
    "parts", [[(1, 3)], [(0, 3), (2, 3)], [(0, 4)], [(0, 3), (1, 2)], [(10**6, 3)]]
)
def test_chunks_with_a_gap_or_another_total_are_not_believed_for_ever(parts):
    with BrokenServer(stream([parts] * 20)) as broken, meet(broken) as client:
        job = client.submit(make_request())
        refused = follow(client, is_refused, 3)[-1]
        assert (refused.job, refused.error.code) == (job, "result_invalid")
        assert client.jobs == ()


def test_chunks_that_were_lost_on_the_way_are_asked_for_again():
    script = stream([[(0, 3), (2, 3)], [(2, 3)], [(1, 3)], [], [(2, 3)]])
    with BrokenServer(script) as broken, meet(broken, CURIOUS) as client:
        client.submit(make_request())
        events = follow(client, is_last_chunk, 10)
    assert [chunk.seq for chunk in of(events, ChunkArrived)] == [0, 1, 2]
    assert not of(events, Refused)


def test_an_end_that_was_lost_on_the_way_is_asked_for():
    def script(envelope):
        job = make_request().job_id()
        match envelope.message:
            case Submit():
                return [Ack(job, "queued")]
            case Watch():
                return [Ack(job, "failed"), FinishedMessage(job, "cancelled")]
        return polite(envelope)

    with BrokenServer(welcoming(script)) as broken, meet(broken, CURIOUS) as client:
        client.submit(make_request())
        assert follow(client, lambda event: isinstance(event, Finished), 5)[-1].state == "cancelled"


def test_repeated_chunks_are_ignored():
    parts = [(0, 3), (0, 3), (1, 3), (0, 3), (2, 3)]
    with BrokenServer(stream([parts])) as broken, meet(broken) as client:
        client.submit(make_request())
        events = follow(client, is_last_chunk, 3)
    assert [chunk.seq for chunk in of(events, ChunkArrived)] == [0, 1, 2]


def test_a_broken_stream_goes_on_where_it_stopped():
    script = stream([[(0, 3)], [(1, 3), (2, 3)]])
    with BrokenServer(script) as broken, meet(broken) as client:
        client.submit(make_request())
        follow(client, lambda event: isinstance(event, ChunkArrived), 3)
        client._session.fail(LivescapeError("test", "The cable was pulled."), time.monotonic())
        events = follow(client, is_last_chunk, 3)
        wait_for(lambda: isinstance(broken.heard[-1], Grant) and broken.heard[-1].next_seq == 3)
        grants = [(m.next_seq, m.start) for m in broken.heard if isinstance(m, Grant)]
    assert [chunk.seq for chunk in of(events, ChunkArrived)] == [1, 2]
    assert grants == [(0, True), (1, True), (3, False)]


def test_a_stream_survives_reconnections_without_gap_or_repetition(server):
    with connect(server) as client:
        client.submit(make_request("count#cable", frames=40))
        chunks, cuts, end = [], [5, 17, 30], time.monotonic() + 15
        while len(chunks) < 44 and time.monotonic() < end:
            chunks += of(client.poll(budget_s=0.0), ChunkArrived)  # one message
            if cuts and len(chunks) >= cuts[0]:
                cuts.pop(0)
                client._session.fail(LivescapeError("test", "Cut."), time.monotonic())
    assert cuts == []
    assert [chunk.seq for chunk in chunks] == list(range(44))


def test_a_finished_that_answers_an_earlier_submit_is_not_news():
    def script(envelope):
        if isinstance(envelope.message, Submit):
            job = make_request().job_id()
            stale = encode(FinishedMessage(job, "cancelled"), parent="an earlier one")
            return [list(map(bytes, stale)), Ack(job, "queued"), FinishedMessage(job, "failed")]
        return polite(envelope)

    with BrokenServer(welcoming(script)) as broken, meet(broken) as client:
        client.submit(make_request())
        events = follow(client, lambda event: isinstance(event, Finished), 3)
    assert [event.state for event in of(events, Finished)] == ["failed"]


def test_a_request_over_the_limits_is_not_sent():
    with BrokenServer(welcoming(polite)) as broken, meet(broken) as client:
        job = client.submit(make_request("x" * 2_000_000))
        refused = follow(client, is_refused, 3)[-1]
        assert (refused.job, refused.error.code) == (job, "message_too_large")
        assert not any(isinstance(message, Submit) for message in broken.heard)


def test_a_large_request_is_waited_for_longer():
    def script(envelope):
        if isinstance(envelope.message, Submit):
            time.sleep(3 * HASTY.ack)
            return [Ack(job, "queued")]
        return None

    patient = welcoming(script, request_bytes=10**9)
    with BrokenServer(patient) as broken, meet(broken, replace(HASTY, ping=5.0)) as client:
        job = client.submit(make_request("x" * 50_000_000))
        events = follow(client, lambda event: isinstance(event, Acked), 5)
    assert of(events, Lost) == []


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


def test_a_job_that_was_never_sent_is_cancelled_at_once():
    with Client(lambda: None, timing=QUICK) as client:
        job = client.submit(make_request())
        client.cancel(job)
        ends = of(client.poll(), Finished)
    assert [(end.job, end.state) for end in ends] == [(job, "cancelled")]


def test_a_job_given_up_without_connection_is_cancelled_when_it_is_back():
    def script(envelope):
        if isinstance(envelope.message, Submit):
            return [Ack(make_request().job_id(), "running")]
        return polite(envelope)

    with BrokenServer(welcoming(script)) as broken, meet(broken) as client:
        job = client.submit(make_request())
        follow(client, lambda event: isinstance(event, Acked))
        client._session.fail(LivescapeError("test", "Cut."), time.monotonic())
        client.cancel(job)
        assert of(client.poll(), Finished)[0].state == "cancelled"
        follow(client, is_connected)
        end = time.monotonic() + 3
        while Cancel(job) not in broken.heard and time.monotonic() < end:
            client.poll(wait_s=0.02)
        assert broken.heard.count(Cancel(job)) == 1


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


@pytest.mark.parametrize("seed", range(5))
def test_what_arrives_is_told_in_time_and_not_each_time(seed):
    """A stream of real sizes, in which both ends do as they please, never stands still."""
    rng = np.random.default_rng(seed)
    download, job = Download("j", total=50, digest="d"), Job("j", Path("j-0"), chunks=50)
    sizes = [int(size) for size in 2 ** rng.uniform(4, 26, 50)]
    sent, stream, grants = [], None, 0
    while not download.complete:
        if (grant := download.next_grant()) is not None:
            assert grant.next_seq == download.next_seq
            if grant.start:
                assert stream is None, "begun once"
                stream = Stream(job, 0, 0, grant.bytes, "g")
            stream.grant(grant.next_seq, grant.bytes)
            grants += 1
            download.told()
        for _ in range(int(rng.integers(1, 4))):
            if stream.hungry:
                assert stream.under_way < WINDOW_BYTES
                sent.append(stream.next_seq)
                stream.sent(sizes[stream.next_seq])
        assert sent, "there is always something under way"
        for _ in range(int(rng.integers(1, len(sent) + 1))):
            seq = sent.pop(0)
            assert download.accept(Chunk("j", seq, 50, arrays={"a": Sized(sizes[seq])}))
    last = download.next_grant()
    assert (last.next_seq, last.start) == (50, False)
    stream.grant(last.next_seq, last.bytes)
    assert not stream.unfinished
    assert grants <= 2 + sum(sizes) / (WINDOW_BYTES // 2)
    download.told()
    assert download.next_grant() is None


class Sized:
    """Stands for an array of so many bytes."""

    def __init__(self, size):
        self.nbytes = size


def chunk(job, seq, total):
    return Chunk(job, seq, total, "frame", seq, {}, {"a": np.array([seq], np.float32)})


def forgetful(job, digests, total=8):
    """A server that loses all results but the last one after a chunk, and makes each once more."""
    left = list(digests)

    def script(envelope):
        match envelope.message:
            case Submit():
                end = FinishedMessage(job, "done", total, digest=left.pop(0))
                return [Ack(job, "queued"), end]
            case Grant(_, first, _, True) if not left:
                return [chunk(job, seq, total) for seq in range(first, total)]
            case Grant(_, first, _, True):
                lost = LivescapeError("job_unknown", "What job?", retryable=True)
                return [chunk(job, 0, total)] * (first == 0) + [RefusedMessage(lost.to_dict())]
        return polite(envelope)

    return welcoming(script)


def test_a_result_that_was_made_again_as_it_was_goes_on_where_it_was():
    job = make_request("count#again").job_id()
    script = forgetful(job, ["same", "same"])
    with BrokenServer(script) as broken, meet(broken, QUICK) as client:
        client.submit(make_request("count#again"))
        events = follow(client, is_last_chunk, 5)
    assert [each.seq for each in of(events, ChunkArrived)] == list(range(8))
    assert len(of(events, Finished)) == 1


def test_a_result_that_was_made_again_and_differs_is_not_mixed_with_the_first():
    job = make_request("count#again").job_id()
    script = forgetful(job, ["one", "other"])
    with BrokenServer(script) as broken, meet(broken, QUICK) as client:
        client.submit(make_request("count#again"))
        end = follow(client, is_refused, 5)[-1]
        assert (end.job, end.error.code, end.error.retryable) == (job, "result_changed", True)
        assert client.jobs == ()


def test_a_server_that_always_loses_results_is_given_up():
    job = make_request("count#again").job_id()
    script = forgetful(job, ["same"] * 10)
    with BrokenServer(script) as broken, meet(broken, QUICK) as client:
        client.submit(make_request("count#again"))
        assert follow(client, is_refused, 5)[-1].error.code == "job_unknown"
        asked = [message for message in broken.heard if isinstance(message, Submit)]
        assert len(asked) == 4
