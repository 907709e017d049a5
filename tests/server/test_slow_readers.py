"""Clients that stop reading, at a real server: it holds only so much for each of them."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest
from tests.server.harness import (
    ROOT,
    Peer,
    Server,
    environment,
    make_request,
    wait_for,
)

from livescape_shared.download import WINDOW_BYTES
from livescape_shared.messages import Chunk, Finished, Grant, Ping, Pong, Submit

JOB = "tests.server.stream_jobs:generate"
ROWS, FRAMES = 100_000, 60  # 5.6 MB each, 336 MB together
MOST_BYTES = 128 * 2**20
"""What waits in the socket, one chunk more, and what the server needs to say anything at all."""

READER = """
import sys
from pathlib import Path
from tests.server.harness import Client, make_request
from livescape_shared.connection import read_connection_file
client = Client(lambda: read_connection_file(Path(sys.argv[1])))
client.submit(make_request("frames", steps=int(sys.argv[2]), frames=int(sys.argv[3])))
while True:
    for event in client.poll(wait_s=0.02):
        print(type(event).__name__, getattr(event, "seq", ""), flush=True)
"""

CUT = "import os, sys; [os.truncate(path, 100) for path in sys.argv[1:]]"


@pytest.fixture
def server(tmp_path):
    running = Server(tmp_path, job=JOB)
    yield running
    assert running.stop() == 0


def held(server):
    """Return the bytes of memory that the server holds."""
    return psutil.Process(server.process.pid).memory_info().rss


def submit(guest):
    request = make_request("frames", steps=ROWS, frames=FRAMES)
    job = guest.ask(Submit(request.body(), request.arrays())).message.job
    wait_for(lambda: isinstance(guest.receive(60).message, Finished), 60)
    return job


def test_no_more_than_the_window_is_ever_under_way(server):
    with Peer(server.info) as guest:
        guest.hello(server.info)
        guest.send(Grant(submit(guest), 0, WINDOW_BYTES, start=True))
        messages = iter(lambda: guest.receive(5.0), None)
        chunks = [each.message for each in messages if isinstance(each.message, Chunk)]
    sizes = [sum(each.nbytes for each in chunk.arrays.values()) for chunk in chunks]
    assert WINDOW_BYTES < sum(sizes) < WINDOW_BYTES + max(sizes)


def test_a_client_that_stops_in_the_middle_costs_little_and_goes_on(server):
    before = held(server)
    arguments = [str(server.state_dir), str(ROWS), str(FRAMES)]
    with subprocess.Popen(
        [sys.executable, "-c", READER, *arguments],
        stdout=subprocess.PIPE, text=True, env=environment(), cwd=ROOT,
    ) as reader:  # fmt: skip
        try:
            seen = iter(reader.stdout.readline, "")
            while next(seen).split()[0] != "ChunkArrived":
                pass
            os.kill(reader.pid, signal.SIGSTOP)
            most = 0
            with Peer(server.info) as other:
                other.hello(server.info)
                for _ in range(20):  # the server is not held up meanwhile
                    assert isinstance(other.ask(Ping()).message, Pong)
                    most = max(most, held(server) - before)
                    time.sleep(0.05)
            os.kill(reader.pid, signal.SIGCONT)
            assert f"ChunkArrived {FRAMES - 1}\n" in seen
        finally:
            reader.kill()
    assert most < MOST_BYTES


def test_a_client_that_asks_again_and_again_and_never_reads_costs_no_more(server):
    before = held(server)
    with Peer(server.info) as guest:
        guest.hello(server.info)
        job = submit(guest)
        for _ in range(200):
            guest.send(Grant(job, 0, 2**60, start=True))
        most = 0
        with Peer(server.info) as other:
            other.hello(server.info, key="other")
            for _ in range(20):
                assert isinstance(other.ask(Ping()).message, Pong)
                most = max(most, held(server) - before)
                time.sleep(0.05)
        assert most < MOST_BYTES
        assert isinstance(guest.receive().message, Chunk)


def test_a_stored_file_that_is_cut_short_while_it_waits_in_the_socket_fells_nobody(server):
    with Peer(server.info) as guest:
        guest.hello(server.info)
        job = submit(guest)
        guest.send(Grant(job, 0, 2**60, start=True))
        time.sleep(0.5)  # the socket holds all that it may, and nobody reads
        chunks = sorted(server.folder.rglob("*.chunk"))
        with subprocess.Popen(  # this process may be held up by the system, so it is another
            [sys.executable, "-c", CUT, *map(str, chunks)]
        ) as vandal:
            assert vandal.wait(30) == 0
        assert {path.stat().st_size for path in chunks} == {100}
    with Peer(server.info) as other:
        other.hello(server.info, key="other")
        assert isinstance(other.ask(Ping()).message, Pong)
        refused = other.ask(Grant(job, 0, 2**60, start=True)).message
    assert refused.error["code"] == "result_corrupt"
