"""Lost, repeated, exchanged, cut and held messages, and killed processes: nothing is lost."""

import time

import pytest
from tests.server.chaos_proxy import FAULTS, ChaosProxy
from tests.server.chaos_run import TIMING, ChaosRun
from tests.server.harness import (
    Client,
    follow,
    is_finished,
    is_last_chunk,
    make_request,
    of,
    replace_endpoint,
)
from tests.server.kill_runs import kill_clients, kill_servers, kill_workers

from bridge.events import ChunkArrived, Finished


@pytest.fixture
def chaos(server):
    """Return a function that puts a proxy, with odds and a seed, before the shared server."""
    open_proxies = []

    def make(seed=0, **odds):
        proxy = ChaosProxy(lambda: server.info.endpoint, seed=seed, odds=odds, freeze_s=0.5)
        open_proxies.append(proxy.__enter__())
        return proxy

    yield make
    for proxy in open_proxies:
        proxy.__exit__()


def through(server, proxy):
    return Client(lambda: replace_endpoint(server.info, proxy.endpoint), timing=TIMING)


def test_a_calm_proxy_changes_nothing(server, chaos):
    proxy = chaos()
    with through(server, proxy) as client:
        client.submit(make_request("count#calm"))
        events = follow(client, is_last_chunk)
    assert [chunk.seq for chunk in of(events, ChunkArrived)] == list(range(8))
    assert (proxy.connections, dict(proxy.done)) == (1, {})


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_alone_is_survived(server, chaos, fault):
    """Often enough to happen, and rare enough to get through between two of them."""
    proxy = chaos(seed=3, **{fault: 0.06})
    with through(server, proxy) as client:
        for number in range(5):
            request = make_request(f"count#{fault} {number}", frames=12)
            client.submit(request)
            events = follow(client, is_last_chunk, 60)
            assert [end.state for end in of(events, Finished)] == ["done"]
            assert [chunk.seq for chunk in of(events, ChunkArrived)] == list(range(16))
    assert proxy.done[fault] > 0
    assert set(proxy.done) == {fault}


def test_a_cable_pulled_again_and_again_costs_no_chunk(server, chaos):
    proxy = chaos()
    with through(server, proxy) as client:
        client.submit(make_request("count#cable", frames=60))
        received, cuts = [], 0
        deadline = time.monotonic() + 60
        while len(received) < 64 and time.monotonic() < deadline:
            events = client.poll(wait_s=0.02)
            received += of(events, ChunkArrived)
            if events and len(received) // 15 >= cuts:  # the first before there is a chunk
                cuts += 1
                proxy.cut()
    assert [chunk.seq for chunk in received] == list(range(64))
    assert proxy.connections > 1


def test_nothing_is_lost_and_nothing_ends_twice_whatever_happens(tmp_path):
    run = ChaosRun(
        tmp_path, seed=5, jobs=24, clients=3, server_kills=3, worker_kills=1, client_kills=2
    )
    found = run.run(timeout_s=200)
    for promise in ("lost", "ended_twice", "cancelled_unasked", "differing"):
        assert found[promise] == 0, found
    assert set(found["ends"]) <= {"done", "cancelled"}, found
    assert found["bit_equal"] == found["ends"]["done"] > 10
    assert found["kills"] == {"server": 3, "worker": 1, "client": 2}
    assert found["partial_files_left"] == 0
    assert found["orphan_s_max"] < 2.0


def test_the_end_of_a_job_told_through_chaos_is_told_once(server, chaos):
    proxy = chaos(seed=11, drop=0.05, duplicate=0.1, reorder=0.05)
    with through(server, proxy) as client:
        for number in range(5):
            client.submit(make_request(f"error#{number} told once"))
            ends = of(follow(client, is_finished, 60), Finished)
            assert [end.error.code for end in ends] == ["depth_failed"]
            assert not of(client.poll(wait_s=0.1), Finished)


@pytest.mark.parametrize("kill", [kill_workers, kill_servers, kill_clients])
def test_what_is_killed_at_any_moment_loses_nothing(tmp_path, kill):
    found = kill(tmp_path, 3, seed=2)
    assert (found["done"], found["bit_equal"], found["refused"]) == (3, 3, 0), found
    assert found["finished_stages_computed_again"] == 0
    assert found["partial_files_left"] == 0
    assert found["orphan_s_max"] < 2.0
    assert found["parts_sent_twice"] == 0
