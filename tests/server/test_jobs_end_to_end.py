"""Jobs over real sockets and processes: every way a job can go, it ends exactly once."""

import time

import numpy as np
import pytest
from tests.server.harness import (
    alive,
    connect,
    follow,
    is_finished,
    is_last_chunk,
    make_request,
    of,
)
from tests.server.worker_jobs import FLOOD, MOVING, STATIC

from bridge.collect import Collector
from bridge.events import Acked, ChunkArrived, Finished, Progressed, Refused
from livescape_shared.errors import LivescapeError


class Sink:
    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *values: self.calls.append((name, *values))

    @property
    def names(self):
        return [call[0] for call in self.calls]


def run(client, request):
    client.submit(request)
    events = follow(client, is_finished)
    return events, of(events, Finished)[0]


def is_running(event):
    return isinstance(event, Acked) and event.state == "running"


def stays_quiet(client, seconds=0.3):
    end = time.monotonic() + seconds
    events = []
    while time.monotonic() < end:
        events += client.poll(wait_s=0.02)
    return [event for event in events if not isinstance(event, Progressed)]


def test_a_job_arrives_as_a_whole_scene(client):
    request = make_request("count#whole", frames=6)
    job = client.submit(request)
    events = follow(client, is_last_chunk)
    acks, ends, chunks = (of(events, kind) for kind in (Acked, Finished, ChunkArrived))
    assert [ack.job for ack in acks] == [job] == [end.job for end in ends]
    assert ends[0].state == "done"
    assert ends[0].report["steps"] == 3
    assert [chunk.seq for chunk in chunks] == list(range(3 + 7))
    sink = Sink()
    collector = Collector(sink)
    assert [collector.feed(chunk) for chunk in chunks] == [False] * 9 + [True]
    assert sink.names == ["begin", "static", "moving", *["frame"] * 7, "finish"]
    assert len(sink.calls[1][1]) == STATIC
    assert sink.calls[2][1].windows.shape == (MOVING, 2)
    assert client.jobs == ()


def test_the_ack_comes_while_the_worker_computes(client):
    """And before the worker has taken the steps of a second."""
    first = client.submit(make_request("slow#1", steps=2000))
    before = follow(client, lambda event: isinstance(event, Progressed))[-1].step
    second = client.submit(make_request("count#behind"))
    events = follow(client, lambda event: isinstance(event, Acked) and event.job == second)
    assert events[-1].state == "queued"
    steps = [event.step for event in of(events, Progressed)]
    assert max(steps, default=before) - before <= 20
    client.cancel(first)
    follow(client, lambda event: is_finished(event) and event.job == second)


@pytest.mark.parametrize(
    ("kind", "code", "retryable"),
    [
        ("die", "worker_died", True),
        ("exit", "worker_died", True),
        ("fault", "job_crashed", False),
        ("error", "depth_failed", False),
        ("memory", "out_of_memory", False),
        ("full", "disk_full", True),
    ],
)
def test_a_failure_is_told_once_and_the_server_goes_on(client, server, kind, code, retryable):
    _, end = run(client, make_request(f"{kind}#fails"))
    assert end.state == "failed"
    assert (end.error.code, end.error.retryable) == (code, retryable)
    assert end.error.hint
    assert stays_quiet(client) == []
    _, end = run(client, make_request(f"count#after {kind}"))
    assert end.state == "done"
    assert server.process.poll() is None


def test_a_failed_job_sent_again_runs_again(client):
    request = make_request("error#again")
    assert run(client, request)[1].error.code == "depth_failed"
    events, end = run(client, request)
    assert end.error.code == "depth_failed"
    assert of(events, Acked)[0].state == "queued"


def test_cancel_takes_effect_at_the_next_step(client):
    """The worker stops by itself, before the grace ends and it is killed."""
    pid = run(client, make_request("count#before the cancel"))[1].report["pid"]
    job = client.submit(make_request("slow#cancel", steps=2000))
    follow(client, lambda event: isinstance(event, Progressed))
    client.cancel(job)
    events = follow(client, is_finished)
    assert of(events, Acked)[0].state == "running"
    assert events[-1].state == "cancelled"
    assert stays_quiet(client) == []
    assert run(client, make_request("count#after the cancel"))[1].report["pid"] == pid


def test_a_worker_that_ignores_cancel_is_killed_after_the_grace(client):
    pid = run(client, make_request("count#pid"))[1].report["pid"]
    job = client.submit(make_request("hang", steps=1))
    # Its one report may be held back with those of the job before it.
    follow(client, lambda event: isinstance(event, Progressed) or is_running(event))
    assert stays_quiet(client) == []
    client.cancel(job)
    assert follow(client, is_finished)[-1].state == "cancelled"
    assert not alive(pid)
    assert run(client, make_request("count#after the hang"))[1].report["pid"] != pid


def test_a_waiting_job_is_cancelled_at_once_and_may_be_sent_again(client):
    running = client.submit(make_request("slow#ahead", steps=2000))
    request = make_request("count#waiting")
    waiting = client.submit(request)
    follow(client, lambda event: isinstance(event, Acked) and event.job == waiting)
    client.cancel(waiting)
    ends = of(follow(client, is_finished), Finished)
    assert [(end.job, end.state) for end in ends] == [(waiting, "cancelled")]
    client.submit(request)
    client.cancel(running)
    done = follow(client, lambda event: is_finished(event) and event.job == waiting)[-1]
    assert done.state == "done"


def test_a_job_sent_again_while_it_is_being_cancelled_is_a_new_run(client):
    request = make_request("slow#twice", steps=12)
    job = client.submit(request)
    follow(client, lambda event: isinstance(event, Progressed))
    client.cancel(job)
    client.poll()
    client.submit(request)
    ends = of(follow(client, is_finished), Finished)
    assert [end.state for end in ends] == ["done"]


def test_equal_requests_of_two_clients_are_one_run(server, client):
    request = make_request("slow#shared", steps=12)
    with connect(server) as other:
        client.submit(request)
        follow(client, lambda event: isinstance(event, Progressed))
        other.submit(request)
        theirs = follow(other, is_last_chunk)
        ours = follow(client, is_last_chunk)
    assert of(theirs, Acked)[0].state == "running"
    assert len(of(ours, Finished)) == len(of(theirs, Finished)) == 1
    first, second = (of(events, ChunkArrived)[3] for events in (ours, theirs))
    np.testing.assert_array_equal(first.arrays["means"], second.arrays["means"])


def test_a_finished_job_is_not_computed_again(client):
    request = make_request("count#once")
    first = run(client, request)[1]
    follow(client, is_last_chunk)
    events, second = run(client, request)
    assert of(events, Acked)[0].state == "done"
    assert second.report == first.report
    assert len(of(follow(client, is_last_chunk), ChunkArrived)) == second.chunks


def test_a_flood_of_progress_is_held_back(client):
    events, end = run(client, make_request("flood"))
    assert end.state == "done"
    flood = [event for event in of(events, Progressed) if event.stage == "flooding"]
    assert 1 <= len(flood) <= FLOOD / 1000
    fractions = [event.fraction for event in flood]
    assert fractions == sorted(fractions)


def test_what_a_job_prints_does_not_reach_the_protocol(client, server):
    assert run(client, make_request("print"))[1].state == "done"
    assert "not an event" in server.log()


@pytest.mark.parametrize("lie", ["count", "nan", "order", "frames"])
def test_a_lying_backend_is_found_out(client, lie):
    client.submit(make_request(f"lie#{lie}"))
    events = follow(client, is_last_chunk)
    sink = Sink()
    collector = Collector(sink)
    with pytest.raises(LivescapeError) as caught:
        [collector.feed(chunk) for chunk in of(events, ChunkArrived)]
    assert caught.value.code == "result_invalid"
    assert "finish" not in sink.names
    assert sink.names.count("abort") == (1 if "begin" in sink.names else 0)


def test_a_damaged_result_is_made_again_and_what_has_arrived_is_not_sent_twice(client, server):
    request = make_request("count#damage", frames=12)
    job = client.submit(request)
    follow(client, is_finished)
    files = sorted((server.folder / "results").glob(f"{job}-*/*.chunk"))
    data = bytearray(files[-1].read_bytes())
    data[len(data) // 2] ^= 1
    files[-1].write_bytes(data)
    events = follow(client, is_last_chunk)
    assert not of(events, Refused)
    assert [event.state for event in of(events, Acked)] == ["queued"]
    assert [chunk.seq for chunk in of(events, ChunkArrived)] == list(range(len(files)))
