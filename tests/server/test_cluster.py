"""Jobs as tasks of a real Ray cluster, and a connection to it that breaks."""

import os
import re
import signal
from pathlib import Path

import pytest
from tests.server.double_worker import DoubleWorker
from tests.server.harness import (
    Server,
    alive,
    connect,
    follow,
    is_finished,
    make_request,
    of,
    wait_for,
)
from tests.server.ray_cluster import CPUS, RayCluster
from tests.server.worker_jobs import STAGES

from bridge.events import Acked, Finished, Progressed
from livescape.server.bounds import Limits
from livescape.server.cluster import SILENCE_S, Cluster, ClusterExecutor
from livescape.server.cluster_task import compute
from livescape.server.jobs import Job, State
from livescape_shared.errors import LivescapeError

pytest.importorskip("ray", reason="Ray is not installed: pip install 'livescape[ray]'")


@pytest.fixture(scope="module")
def cluster():
    running = RayCluster()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def server(cluster, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    running = Server(folder, *cluster.options(), "--cancel-grace", "1")
    yield running
    assert running.stop() == 0


def ends(client, count):
    """Return how the next jobs end."""
    left = iter(range(count - 1, -1, -1))
    events = follow(client, lambda event: is_finished(event) and next(left) == 0, 30)
    found = {event.job: event for event in of(events, Finished)}
    assert len(found) == count
    return found


def process_of(server, job):
    """Return the id of the process in which a job runs."""
    said = re.compile(rf"run {job}-\d+ on \S+, process (\d+)")
    found = wait_for(lambda: said.findall(server.log()), 30, "the job's beginning")
    return int(found[-1])


def files_of(server, job):
    """Return the bytes of a job's result."""
    (folder,) = (server.folder / "results").glob(f"{job}-*")
    return [path.read_bytes() for path in sorted(folder.glob("*.chunk"))]


def test_jobs_run_at_the_same_time_and_make_what_they_make_here(client, server, start):
    requests = [make_request(f"together#{number}", seed=CPUS) for number in range(CPUS)]
    jobs = [client.submit(request) for request in requests]
    found = ends(client, CPUS)
    assert {found[job].state for job in jobs} == {"done"}
    assert len({found[job].report["pid"] for job in jobs}) == CPUS
    same = make_request("count#same", frames=5)
    job = client.submit(same)
    follow(client, is_finished, 30)
    here = start()
    with connect(here) as local:
        local.submit(same)
        follow(local, is_finished)
    assert len(files_of(server, job)) == 3 + 6
    assert files_of(server, job) == files_of(here, job)


def test_a_job_whose_process_is_killed_goes_on_in_another(client, server, cluster):
    job = client.submit(make_request("stages#killed", steps=100))
    follow(client, lambda event: isinstance(event, Progressed) and event.stage == STAGES[1], 30)
    pid = process_of(server, job)
    os.kill(pid, signal.SIGKILL)
    assert follow(client, is_finished, 30)[-1].state == "done"
    times = {stage: (cluster.cache / job / f"{stage}.times").read_text() for stage in STAGES}
    assert times == dict.fromkeys(STAGES, "x")
    assert process_of(server, job) != pid


def test_a_cancelled_job_leaves_its_place(client):
    slow = [client.submit(make_request(f"slow#{number}", steps=4000)) for number in range(CPUS)]
    begun = set()
    while begun != set(slow):
        events = follow(client, lambda event: isinstance(event, Progressed), 30)
        begun |= {event.job for event in of(events, Progressed) if event.stage == "counting"}
    waiting = client.submit(make_request("count#waits for room"))
    follow(client, lambda event: isinstance(event, Acked) and event.job == waiting)
    for job in slow:
        client.cancel(job)
    found = ends(client, CPUS + 1)
    assert found.pop(waiting).state == "done"
    assert {event.state for event in found.values()} == {"cancelled"}


@pytest.mark.parametrize(
    ("kind", "code"),
    [("fault", "job_crashed"), ("error", "depth_failed"), ("die", "worker_died")],
)
def test_a_job_that_fails_says_why_and_costs_no_other(client, kind, code):
    failing = client.submit(make_request(f"{kind}#cluster"))
    behind = client.submit(make_request(f"count#behind {kind}"))
    found = ends(client, 2)
    assert (found[failing].state, found[failing].error.code) == ("failed", code)
    assert found[behind].state == "done"


def test_a_call_that_nothing_can_stop_ends_with_its_process(client, server):
    job = client.submit(make_request("unstoppable#cluster"))
    follow(client, lambda event: getattr(event, "stage", "") == "photo", 30)
    pid = process_of(server, job)
    client.cancel(job)
    assert follow(client, is_finished)[-1].state == "cancelled"
    wait_for(lambda: not alive(pid), 10, "the end of its process")


def test_a_server_that_is_killed_leaves_nothing_running(cluster, start, tmp_path):
    first = start(*cluster.options())
    with connect(first) as client:
        request = make_request("slow#orphan", steps=50)
        job = client.submit(request)
        follow(client, lambda event: isinstance(event, Progressed), 30)
        pid = process_of(first, job)
        first.kill()
        wait_for(lambda: not alive(pid), 10, "the end of the job's process")
    with connect(start(*cluster.options())) as client:
        assert client.submit(request) == job
        assert follow(client, is_finished, 30)[-1].state == "done"


def test_a_cluster_that_is_not_there_is_named(start):
    server = start("--executor", "ray", "--address", "127.0.0.1:1")
    with connect(server) as client:
        client.submit(make_request("count#nowhere"))
        end = follow(client, is_finished, 120)[-1]
    assert (end.state, end.error.code) == ("failed", "cluster_unreachable")
    assert end.error.retryable
    assert "127.0.0.1:1" in end.error.message


def test_a_node_of_another_version_is_refused():
    command = {"run": "r", "cache_dir": "", "threads": 1}
    with pytest.raises(LivescapeError) as caught:
        next(compute(command, [], "tests.server.worker_jobs:generate", "0.0.0"))
    assert caught.value.code == "node_unfit"
    assert "0.0.0" in caught.value.message


READY = {"event": "ready", "device": "Ray cluster", "versions": {"ray": "2"}}


class Bench:
    """A cluster whose driver says what the test wants, and a clock that it winds."""

    def __init__(self, lanes=2):
        self.now, self.drivers = 0.0, []
        cluster = Cluster(self._start, clock=lambda: self.now)
        self.executor = ClusterExecutor(cluster, None, Limits(), lanes)
        self.executor.warm_up()

    def _start(self):
        self.drivers.append(DoubleWorker())
        self.drivers[-1].ready = True
        return self.drivers[-1]

    def say(self, **event):
        self.drivers[-1].said.append(event)
        return self.executor.events()

    def submit(self, name):
        job = Job(name, Path(f"{name}-1"))
        self.executor.submit(job)
        self.drivers[-1].ready = True
        return job

    def told(self, do):
        return [each for each in self.drivers[-1].told if each["do"] == do]


def test_one_driver_serves_all_lanes_and_each_hears_of_its_own_job():
    bench = Bench()
    bench.say(**READY)
    assert (len(bench.drivers), bench.executor.device) == (1, "Ray cluster")
    one, two = bench.submit("one"), bench.submit("two")
    assert not bench.executor.has_room
    lanes = {each["run"]: each["lane"] for each in bench.told("run")}
    bench.say(event="begun", lane=lanes["two-1"], run="two-1")
    assert (one.state, two.state) == (State.QUEUED, State.RUNNING)
    ended = bench.say(event="cancelled", lane=lanes["two-1"], run="two-1")
    assert ended == [(two, None)]
    assert bench.executor.jobs == [one]


def test_a_job_that_waits_for_room_is_not_taken_for_hung():
    bench = Bench(1)
    runner = bench.executor._lanes[0]
    runner._clock = lambda: bench.now
    bench.say(**READY)
    job = bench.submit("one")
    lane = bench.told("run")[0]["lane"]
    for _ in range(100):
        bench.now += Limits().stall_s / 2
        bench.say(event="waiting", lane=lane)
    assert job.state is State.QUEUED
    bench.executor.cancel(job)
    bench.say(event="waiting", lane=lane)
    bench.now += Limits().cancel_grace_s
    assert bench.say(event="waiting", lane=lane) == [(job, None)]
    assert job.state is State.CANCELLED
    assert bench.told("drop")[0]["lane"] == lane


@pytest.mark.parametrize("how", ["dies", "hangs"])
def test_a_driver_that_is_lost_is_replaced_and_its_jobs_go_on(how):
    bench = Bench()
    bench.say(**READY)
    job = bench.submit("one")
    bench.say(event="begun", lane=bench.told("run")[0]["lane"], run="one-1")
    if how == "dies":
        bench.say(event="gone")
    else:
        bench.now += SILENCE_S + 1
        bench.executor.events()
    assert bench.drivers[0].exit_code == -9
    assert job.state is State.QUEUED
    bench.executor.events()
    assert len(bench.drivers) == 2
    bench.say(**READY)
    assert [each["run"] for each in bench.told("run")] == ["one-1"]


def test_what_a_closed_lane_still_says_is_not_heard():
    bench = Bench(1)
    bench.say(**READY)
    job = bench.submit("one")
    old = bench.told("run")[0]["lane"]
    bench.say(event="begun", lane=old, run="one-1")
    bench.say(event="gone", lane=old)
    bench.say(event="begun", lane=old, run="one-1")
    assert job.state is State.QUEUED
    assert [each["lane"] for each in bench.told("run")] == [old, old + 1]
