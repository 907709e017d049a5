"""Several workers on one machine, and which graphics card is whose."""

import os
import signal

import pytest
from tests.server.harness import connect, follow, is_finished, make_request, of

from bridge.events import Finished, Progressed
from livescape.server.local_workers import cards

LISTED = """\
GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-a1)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-b2)
  MIG 3g.20gb     Device  0: (UUID: MIG-c3)
  MIG 3g.20gb     Device  1: (UUID: MIG-d4)
GPU 2: NVIDIA L4 (UUID: GPU-e5)
"""


@pytest.mark.parametrize(
    ("visible", "found"),
    [
        (None, ["GPU-a1", "MIG-c3", "MIG-d4", "GPU-e5"]),
        ("0,2", ["0", "2"]),
        (" GPU-e5 ,0", ["GPU-e5", "0"]),
        ("1,-1,0", ["1"]),
        ("", []),
        ("-1", []),
    ],
)
def test_the_cards_are_those_that_cuda_would_use(visible, found):
    environment = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}
    assert cards(environment, lambda: LISTED) == found


def test_a_machine_without_a_driver_has_no_cards():
    assert cards({}, lambda: "") == []
    assert cards({}, lambda: "Failed to initialize NVML: Driver/library version mismatch\n") == []


@pytest.fixture
def client(start):
    with connect(start("--workers", "2")) as connected:
        yield connected


def finished(client, count):
    left = iter(range(count - 1, -1, -1))
    events = follow(client, lambda event: is_finished(event) and next(left) == 0)
    return {event.job: event for event in of(events, Finished)}


def both_begin(client):
    """Wait until two jobs have told how far they are."""
    begun = set()

    def is_second(event):
        if isinstance(event, Progressed):
            begun.add(event.job)
        return len(begun) == 2

    follow(client, is_second)


def test_as_many_jobs_as_workers_run_at_the_same_time(client):
    jobs = [client.submit(make_request(f"together#{number}", seed=2)) for number in range(2)]
    behind = client.submit(make_request("count#third"))
    ended = finished(client, 3)
    assert {event.state for event in ended.values()} == {"done"}
    processes = {ended[job].report["pid"] for job in jobs}
    assert len(processes) == 2
    assert ended[behind].report["pid"] in processes


def test_a_worker_that_dies_disturbs_no_other(client):
    for number in range(2):
        client.submit(make_request(f"together#{number}", seed=2))
    pids = [event.report["pid"] for event in finished(client, 2).values()]
    jobs = [client.submit(make_request(f"slow#{number}", steps=40)) for number in range(2)]
    both_begin(client)
    os.kill(pids[0], signal.SIGKILL)
    ended = finished(client, 2)
    assert {event.state for event in ended.values()} == {"done"}
    after = {ended[job].report["pid"] for job in jobs}
    assert pids[1] in after
    assert pids[0] not in after


def test_each_running_job_can_be_cancelled(client):
    slow = [client.submit(make_request(f"slow#cancel {n}", steps=4000)) for n in range(2)]
    waiting = client.submit(make_request("count#behind"))
    both_begin(client)
    client.cancel(slow[1])
    ended = finished(client, 2)
    assert (ended[slow[1]].state, ended[waiting].state) == ("cancelled", "done")
    client.cancel(slow[0])
    assert finished(client, 1)[slow[0]].state == "cancelled"


def test_jobs_that_were_running_all_go_on_in_the_next_server(start):
    first = start("--workers", "2")
    requests = [make_request(f"slow#again {number}", steps=40) for number in range(2)]
    with connect(first) as client:
        for request in requests:
            client.submit(request)
        both_begin(client)
        first.kill()
    with connect(start("--workers", "2")) as client:
        for request in requests:
            client.submit(request)
        assert {event.state for event in finished(client, 2).values()} == {"done"}
