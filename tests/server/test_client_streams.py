"""What the client makes of a result that arrives with gaps, twice, or as another."""

import time
from pathlib import Path

import numpy as np
import pytest
from tests.server.broken_server import BrokenServer, welcoming
from tests.server.harness import (
    QUICK,
    connect,
    follow,
    is_last_chunk,
    make_request,
    of,
    wait_for,
)
from tests.server.meetings import CURIOUS, is_refused, meet, polite

from bridge.events import ChunkArrived, Finished, Refused
from livescape.server.jobs import Job
from livescape.server.outbound import Stream
from livescape_shared.download import WINDOW_BYTES, Download
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import (
    Ack,
    Chunk,
    Grant,
    Submit,
)
from livescape_shared.messages import Finished as FinishedMessage
from livescape_shared.messages import Refused as RefusedMessage


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
    assert grants <= 2 + sum(sizes) / (WINDOW_BYTES // 4)
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
