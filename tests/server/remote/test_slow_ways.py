"""Ways that carry little: what has arrived is never sent again, and nobody loses patience.

A client here has a second of patience, and a way that takes several for each large message: as 14
MB at 100 kB/s are to one that waits for half a minute. What passes is counted in bytes.
"""

import time
from contextlib import contextmanager
from dataclasses import replace

import pytest
from tests.server.chaos_proxy import ChaosProxy
from tests.server.chaos_run import TIMING
from tests.server.harness import QUICK, Client, connect, follow, is_last_chunk, make_request, of
from tests.server.remote.peers import Peer, RemoteServer, new_keys, once
from tests.server.remote_client import client_of, digest, launched, result_of
from tests.server.tunnel import Tunnel

from bridge.events import Acked, ChunkArrived, Refused
from bridge.remote import pair
from livescape.commands import server_client
from livescape.commands.elsewhere import _make
from livescape.commands.fetch import stream
from livescape.commands.server_client import ServerClient
from livescape_shared.codec import decode, encode
from livescape_shared.messages import (
    Ack,
    Chunk,
    Finished,
    Grant,
    Hello,
    Jobs,
    ListJobs,
    Pair,
    Submit,
    Welcome,
)
from livescape_shared.packing import PLAIN, ZSTD
from livescape_shared.parts import LEAST_WINDOW_BYTES, PART_BYTES
from livescape_shared.remote.invitation import Invitation, Place
from livescape_shared.remote.keys import key_text

PATIENCE = replace(QUICK, ping=0.25, connect=5.0, recheck=1.0, ack=1.0)
BYTES_PER_S = 2e6
ROWS, FRAMES = 100_000, 2
RESULT_BYTES = FRAMES * ROWS * 14 * 4
PHOTO_BYTES = 6_000_000
SLACK = 200_000
"""Greetings, pings and the heads of messages."""
LOST_BYTES = 2 * PART_BYTES + 2**17
"""What is on its way when a connection breaks, and has passed the place where it is counted."""


@pytest.fixture(scope="module")
def streams(tmp_path_factory):
    """A server of large results."""
    running = RemoteServer(
        tmp_path_factory.mktemp("streams"), "--job", "tests.server.stream_jobs:generate"
    )
    yield running
    assert running.stop() == 0


@contextmanager
def slow_way(server, laptop, capsys, *, encoding=None, bytes_per_s=BYTES_PER_S):
    """Yield a slow tunnel to a server, and a client that is paired through it."""
    with Tunnel(server.place.host, server.place.port, bytes_per_s=bytes_per_s) as tunnel:
        line = server.invite(capsys, "--address", f"127.0.0.1:{tunnel.port}")
        launch = launched(pair(Invitation.parse(line), laptop), laptop)
        with Client(launch.locate, name="far", timing=PATIENCE, encoding=encoding) as client:
            yield tunnel, client


def passed(record):
    return sum(map(len, record))


def frames(seed=0):
    return make_request("frames", steps=ROWS, frames=FRAMES, seed=seed)


@pytest.mark.parametrize("encoding", [PLAIN, ZSTD])
def test_a_scene_of_large_parts_arrives_and_nothing_of_it_twice(streams, laptop, capsys, encoding):
    with slow_way(streams, laptop, capsys, encoding=encoding) as (tunnel, client):
        chunks = result_of(client, frames())
        assert len(chunks) == FRAMES
        assert passed(tunnel.answered) < RESULT_BYTES + SLACK
    with connect(streams) as near:
        assert result_of(near, frames()) == chunks


def test_a_broken_way_goes_on_in_the_middle_of_a_part(streams, laptop, capsys):
    cuts = 0
    with slow_way(streams, laptop, capsys, encoding=ZSTD) as (tunnel, client):
        client.submit(frames())
        chunks, end = [], time.monotonic() + 100
        while len(chunks) < FRAMES and time.monotonic() < end:
            chunks += of(client.poll(wait_s=0.02), ChunkArrived)
            if cuts < 5 and passed(tunnel.answered) > (cuts + 1) * 1.5e6:
                cuts += 1
                tunnel.cut()
        assert [chunk.seq for chunk in chunks] == [0, 1]
        assert cuts == 5
        assert len(tunnel.answered) >= 1 + cuts
        assert passed(tunnel.answered) < RESULT_BYTES + SLACK + cuts * LOST_BYTES


def large(name):
    return make_request(f"count#{name}" + "x" * PHOTO_BYTES)


def test_a_large_photo_goes_up_and_nothing_of_it_twice(server, laptop, capsys):
    with slow_way(server, laptop, capsys) as (tunnel, client):
        assert result_of(client, large("once"))
        assert PHOTO_BYTES < passed(tunnel.sent) < PHOTO_BYTES + SLACK


def test_a_photo_goes_on_where_the_way_broke_and_is_not_asked_for_again(server, laptop, capsys):
    cuts, acks = 0, []
    with slow_way(server, laptop, capsys) as (tunnel, client):
        client.submit(large("broken"))
        end = time.monotonic() + 100
        while not acks and time.monotonic() < end:
            acks = of(client.poll(wait_s=0.02), Acked)
            if cuts < 3 and passed(tunnel.sent) > (cuts + 1) * 1.5e6:
                cuts += 1
                tunnel.cut()
        assert (cuts, len(acks)) == (3, 1)
        tunnel.cut()
        assert not of(follow(client, is_last_chunk, 60), Refused)
        assert PHOTO_BYTES < passed(tunnel.sent) < PHOTO_BYTES + SLACK + 4 * LOST_BYTES


def test_a_photo_that_others_have_sent_stays_here(server, laptop, capsys):
    with connect(server) as near:
        expected = result_of(near, large("known"))
    with slow_way(server, laptop, capsys) as (tunnel, client):
        assert result_of(client, large("known")) == expected
        assert passed(tunnel.sent) < SLACK + PART_BYTES


def test_who_changes_his_mind_while_a_photo_goes_up_is_heard_at_once(server, laptop, capsys):
    with slow_way(server, laptop, capsys) as (tunnel, client):
        job = client.submit(large("cancelled"))
        end = time.monotonic() + 30
        while passed(tunnel.sent) < 1e6 and time.monotonic() < end:
            client.poll(wait_s=0.02)
        client.cancel(job)
        assert client.poll()[0].state == "cancelled"
        assert result_of(client, make_request("count#instead"))
        assert passed(tunnel.sent) < 1e6 + SLACK + 2 * LEAST_WINDOW_BYTES


@pytest.mark.parametrize("fault", ["truncate", "freeze", "kill"])
def test_parts_on_a_bad_way_make_a_whole(streams, laptop, capsys, fault):
    request = make_request("frames", steps=20_000, frames=3)
    with connect(streams) as near:
        expected = result_of(near, request)
    paired = pair(Invitation.parse(streams.invite(capsys)), laptop)
    odds = {fault: 0.04}
    with ChaosProxy(lambda: streams.info.remote, seed=2, odds=odds, freeze_s=0.5) as proxy:
        near_end = Place.parse(proxy.endpoint.removeprefix("tcp://"))
        timing = replace(TIMING, connect=2.0)
        with client_of(replace(paired, place=near_end), laptop, timing) as client:
            for _ in range(2):
                assert result_of(client, request) == expected
        assert proxy.done[fault] > 0


def test_a_client_of_protocol_3_0_is_served_as_before(streams, capsys):
    """It has never heard of parts, and sends and gets everything whole."""

    class Older(Peer):
        def ask(self, message, wanted):
            frames = encode(message, message_id="asked", version=(3, 0))
            self.socket.send_multipart(frames)
            while self.socket.poll(20_000):
                answer = decode(self.socket.recv_multipart()).message
                if isinstance(answer, wanted):
                    return answer
            return None

    keys, invitation = new_keys(), Invitation.parse(streams.invite(capsys))
    with Peer(streams, once(invitation)) as door:
        door.ask(Pair("older", key_text(keys.public)))
    request = make_request("frames", steps=10_000, frames=2)
    with Older(streams, keys) as peer:
        assert peer.ask(Hello("older", "key", "0" * 64), Welcome).limits["part_bytes"] > 0
        job = peer.ask(Submit(request.body(), request.arrays()), Ack).job
        peer.ask(Grant(), Finished)
        chunk = peer.ask(Grant(job, 0, 1, start=True), Chunk)
        assert chunk.arrays["means"].shape == (10_000, 3)


@pytest.fixture
def impatient(monkeypatch):
    """Commands that wait for an answer no longer than a part of a scene takes, or a photo."""
    monkeypatch.setattr(server_client, "FAR_PATIENCE_S", 4.0)
    monkeypatch.setattr(server_client, "FAR_BYTES_PER_S", 25e6)


def test_commands_lose_no_patience_either(server, streams, laptop, capsys, impatient):
    with (
        slow_way(streams, laptop, capsys, bytes_per_s=1e6) as (tunnel, client),
        connect(streams) as near,
    ):
        expected = result_of(near, frames())
        with ServerClient(client._session._locate()) as command:
            job = frames().job_id()
            chunks = list(stream(command, job, 0, FRAMES))
        assert [digest(chunk) for chunk in chunks] == expected
        assert passed(tunnel.answered) < RESULT_BYTES + SLACK
    with slow_way(server, laptop, capsys, bytes_per_s=1e6) as (tunnel, client):
        with ServerClient(client._session._locate()) as command:
            end = _make(command, large("of a command"), lambda *_: None)
        assert (end.job, end.state) == (large("of a command").job_id(), "done")
        assert PHOTO_BYTES < passed(tunnel.sent) < PHOTO_BYTES + SLACK


def test_two_commands_of_one_computer_do_not_take_each_others_place(server, paired, laptop):
    access = launched(paired, laptop).locate()
    with ServerClient(access) as first, ServerClient(access) as second:
        assert first.ask(ListJobs(), Jobs).jobs == second.ask(ListJobs(), Jobs).jobs
