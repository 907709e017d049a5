"""What a server has promised outlives it: jobs, results, and who waits for them."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from tests.server.harness import (
    QUICK,
    alive,
    connect,
    follow,
    is_connected,
    is_finished,
    is_last_chunk,
    make_request,
    names_of,
    of,
    wait_for,
)

from bridge.client import Client
from bridge.events import Acked, ChunkArrived, Finished, Progressed
from bridge.question import ask, entered
from livescape.server.journal import JOURNAL
from livescape_shared.messages import Ack, Cancel


def is_ack_of(job):
    return lambda event: isinstance(event, Acked) and event.job == job


def journalled(server):
    """Return state and record of each job, from a copy, since the server keeps the file locked."""
    files = {name: (server.folder / (JOURNAL + name)).read_bytes() for name in ("", "-wal")}
    place = server.folder.parent / "copy"
    place.mkdir(exist_ok=True)
    for name, data in files.items():
        (place / (JOURNAL + name)).write_bytes(data)
    with closing(sqlite3.connect(place / JOURNAL)) as database:
        return dict(database.execute("SELECT run, state FROM runs").fetchall())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_jobs_go_on_by_themselves_after_any_end_of_the_server(start, how):
    first = start()
    requests = [make_request(f"{kind}#on", steps=20) for kind in ("slow", "count", "count")]
    requests[2] = make_request("count#behind", steps=20)
    with connect(first) as client:
        jobs = [client.submit(request) for request in requests]
        acked = of(follow(client, is_ack_of(jobs[2])), Acked)
        assert acked[-1].state == "queued"
        follow(client, lambda event: isinstance(event, Progressed))
    first.process.send_signal(how)
    assert first.process.wait(10) in (0, -9)
    second = start()
    states = wait_for(lambda: ended(second, 3), 20, "the end of all jobs")
    assert states == {f"{job}-{number}": "done" for number, job in enumerate(jobs)}
    with connect(second) as client:
        for request in requests:
            client.submit(request)
            events = follow(client, is_last_chunk)
            assert of(events, Acked)[0].state == "done"
    assert not [name for name in names_of(second.folder) if "partial" in name]


def ended(server, count):
    states = journalled(server)
    over = sum(state in ("done", "failed", "cancelled") for state in states.values())
    return states if over == count else None


def test_a_result_outlives_server_and_client_and_is_read_from_any_chunk_on(start):
    first = start()
    request = make_request("large#64#kept", frames=12)
    with connect(first) as client:
        client.submit(request)
        begun = []
        while not begun:
            begun += of(client.poll(wait_s=0.02), ChunkArrived)
        first.kill()
        second = start()
        client._session._locate = second.locate
        rest = of(follow(client, is_last_chunk), ChunkArrived)
    with connect(second) as other:
        other.submit(request)
        events = follow(other, is_last_chunk)
        whole = of(events, ChunkArrived)
    assert of(events, Acked)[0].state == "done"
    assert [chunk.seq for chunk in begun + rest] == list(range(15 + 1))
    assert len(begun) < 15
    assert [chunk.seq for chunk in whole] == list(range(15 + 1))
    for chunk in begun + rest:
        twin = whole[chunk.seq]
        assert (chunk.kind, chunk.index, chunk.meta) == (twin.kind, twin.index, twin.meta)
        for name, array in chunk.arrays.items():
            assert array.tobytes() == twin.arrays[name].tobytes()


def test_a_result_lost_in_mid_stream_is_made_again_and_goes_on_where_it_was(start):
    first = start()
    request = make_request("large#64#lost", frames=12)
    with connect(first) as client:
        job = client.submit(request)
        received = []
        while not received:
            received += of(client.poll(wait_s=0.02), ChunkArrived)
        first.kill()
        assert len(received) < 15
        shutil.rmtree(first.folder / "results" / f"{job}-0")
        second = start()
        client._session._locate = second.locate
        received += of(follow(client, is_last_chunk), ChunkArrived)
    assert [chunk.seq for chunk in received] == list(range(15 + 1))


def test_one_clients_cancel_is_not_the_others(start):
    server = start("--cancel-grace", "0.5")
    request = make_request("slow#two", steps=20)
    with connect(server) as one, connect(server) as two:
        for client in (one, two):
            job = client.submit(request)
            follow(client, is_ack_of(job))
        two.cancel(job)
        assert follow(two, is_finished)[-1].state == "cancelled"
        assert follow(one, is_finished)[-1].state == "done"
        follow(one, is_last_chunk)
        again = make_request("slow#one", steps=2000)
        for client in (one, two):
            job = client.submit(again)
            follow(client, is_ack_of(job))
        two.cancel(job)
        assert follow(two, is_finished)[-1].state == "cancelled"
        one.cancel(job)
        assert follow(one, is_finished)[-1].state == "cancelled"
    assert journalled(server)[f"{job}-1"] == "cancelled"


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("resumed", [False, True])
def test_who_goes_on_as_a_client_that_is_gone_waits_in_its_place(start, resumed, restarted):
    """As a Blender does that resumes, or discards, what another one has left behind."""
    server = start("--cancel-grace", "0.5")
    request = make_request("slow#left", steps=2000)
    with Client(server.locate, timing=QUICK, key="left") as gone:
        job = gone.submit(request)
        follow(gone, lambda event: isinstance(event, Progressed))
    if restarted:
        server.kill()
        server = start("--cancel-grace", "0.5")
    if resumed:
        with Client(server.locate, timing=QUICK, key="left") as client:
            client.submit(request)
            follow(client, is_ack_of(job))
            client.cancel(job)
            follow(client, is_finished)
    else:
        with entered(server.info, "another", QUICK, key="left") as (session, _):
            ask(session, Cancel(job), Ack)
    states = wait_for(lambda: ended(server, 1), what="the end of the job")
    assert states == {f"{job}-0": "cancelled"}


def test_who_is_away_for_a_moment_still_waits(start):
    server = start()
    request = make_request("slow#away", steps=20)
    with connect(server) as one, connect(server) as two:
        job = one.submit(request)
        follow(one, is_ack_of(job))
        one._session.close()  # the cable is out
        two.submit(request)
        follow(two, is_ack_of(job))
        two.cancel(job)
        assert follow(two, is_finished)[-1].state == "cancelled"
        one._forget_connection()
        assert follow(one, is_finished)[-1].state == "done"


def test_the_server_outlives_the_program_that_started_it_while_it_is_used(tmp_path, start):
    parent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    server = start("--parent-pid", str(parent.pid))
    with connect(server) as client:
        client.submit(make_request("slow#orphan", steps=20))
        follow(client, lambda event: isinstance(event, Progressed))
        parent.kill()
        parent.wait(10)
        assert of(follow(client, is_last_chunk), Finished)[0].state == "done"
        assert server.process.poll() is None
    assert server.process.wait(30) == 0
    assert not [name for name in names_of(server.folder) if name == "server.json"]


def test_a_worker_is_gone_soon_after_its_server_was_killed(start):
    server = start()
    with connect(server) as client:
        follow(client, is_connected)
        client.submit(make_request("slow#gone", steps=200))
        follow(client, lambda event: isinstance(event, Progressed))
        with open(f"/proc/{server.process.pid}/task/{server.process.pid}/children") as children:
            (worker,) = map(int, children.read().split())
        server.kill()
        wait_for(lambda: not alive(worker), 2.0, "the worker's end")
