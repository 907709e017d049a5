"""No worker is handed a job that it cannot do, and no job fails for another's sake."""

import os
import signal
from pathlib import Path

import pytest
from tests.server.double_worker import DoubleWorker
from tests.server.harness import alive, follow, is_finished, make_request, of, wait_for

from bridge.events import Acked, Finished
from livescape.server.bounds import Limits
from livescape.server.jobs import Job, State
from livescape.server.runner import LIVES, Runner

LIMITS = Limits(stall_s=100.0, cancel_grace_s=10.0)


@pytest.mark.parametrize("end", ["fault", "die", "exit"])
def test_jobs_queued_behind_a_crashing_one_are_done(client, end):
    ending = client.submit(make_request(f"{end}#ahead"))
    behind = [client.submit(make_request(f"count#{end} {number}")) for number in range(2)]
    ended = {}
    while len(ended) < 3:
        event = follow(client, is_finished)[-1]
        assert event.job not in ended
        ended[event.job] = event.state
    assert ended == {ending: "failed", behind[0]: "done", behind[1]: "done"}


def test_a_call_that_nothing_can_stop_is_left_behind_with_its_worker(client):
    """Cancelling is heard at once; the next job is done by a worker that computes nothing else."""
    first = client.submit(make_request("count#before"))
    before = follow(client, is_finished)[-1]
    held = client.submit(make_request("unstoppable#one"))
    behind = client.submit(make_request("count#after"))
    follow(client, lambda event: getattr(event, "stage", "") == "photo")
    client.cancel(held)
    ended = {}
    while len(ended) < 2:
        event = follow(client, is_finished)[-1]
        ended[event.job] = event
    assert (before.job, before.state) == (first, "done")
    assert (ended[held].state, ended[behind].state) == ("cancelled", "done")
    assert ended[behind].report["pid"] != before.report["pid"]


def test_a_job_that_a_dying_worker_was_handed_is_done_by_another(client):
    client.submit(make_request("count#who"))
    pid = of(follow(client, is_finished), Finished)[0].report["pid"]
    os.kill(pid, signal.SIGSTOP)  # it takes the job's line into its pipe and does not read it
    job = client.submit(make_request("count#taken over"))
    follow(client, lambda event: isinstance(event, Acked) and event.job == job)
    client.poll(wait_s=0.1)
    os.kill(pid, signal.SIGKILL)
    end = follow(client, lambda event: is_finished(event) and event.job == job)[-1]
    assert end.state == "done"
    assert end.report["pid"] != pid
    wait_for(lambda: not alive(pid), what="the worker's end")


class Bench:
    """A runner with workers that say what the test wants, and a clock that it winds."""

    def __init__(self):
        self.now = 0.0
        self.workers = []
        self.runner = Runner(self._start, Path("cache"), LIMITS, clock=lambda: self.now)
        self.started = 0

    def _start(self):
        self.workers.append(DoubleWorker())
        return self.workers[-1]

    @property
    def worker(self):
        return self.workers[-1]

    def start(self):
        self.started += 1
        job = Job("j", Path(f"j-{self.started}"))
        self.runner.start(job)
        return job

    def handed(self):
        return [told["run"] for told in self.worker.told if told["do"] == "run"]

    def ready(self):
        self.worker.be_ready()
        self.runner.poll()

    def say(self, event, **values):
        self.worker.said.append({"event": event, **values})
        return self.runner.poll()[1]

    def die(self, exit_code=-9):
        self.worker.exit_code = exit_code
        return self.say("gone")


@pytest.fixture
def bench():
    return Bench()


def test_a_job_waits_until_a_worker_is_ready(bench):
    job = bench.start()
    assert (bench.handed(), job.state, job.stage) == ([], State.QUEUED, "load")
    bench.ready()
    assert (bench.handed(), job.state) == (["j-1"], State.QUEUED)
    bench.say("begun", run="j-1")
    assert job.state is State.RUNNING


def test_the_next_job_waits_until_the_worker_has_said_that_it_lives_on(bench):
    bench.start()
    bench.ready()
    bench.say("begun", run="j-1")
    assert bench.say("failed", run="j-1", error={"code": "job_crashed"}).state is State.FAILED
    following = bench.start()
    bench.runner.poll()
    assert bench.handed() == ["j-1"]
    assert bench.die(1) is None
    assert len(bench.workers) == 2
    bench.ready()
    assert (bench.handed(), following.state) == (["j-2"], State.QUEUED)


def test_a_job_outlives_one_worker_that_had_not_begun_it_and_not_two(bench):
    job = bench.start()
    bench.ready()
    assert bench.die() is None
    bench.ready()
    assert bench.handed() == ["j-1"]
    assert bench.die() is job
    assert (job.state, job.error.code) == (State.FAILED, "worker_died")


def begin(bench, *stages):
    """Let the present worker begin the job and come to each of ``stages``."""
    bench.ready()
    bench.say("begun", run="j-1")
    for stage in stages:
        bench.say("progress", run="j-1", stage=stage, step=1, total=2, fraction=0.5)


def test_a_job_whose_worker_dies_is_given_to_another(bench):
    job = bench.start()
    begin(bench, "depth")
    assert bench.die() is None
    assert job.state is State.QUEUED
    begin(bench, "depth", "motion")
    assert bench.handed() == ["j-1"]
    assert bench.say("done", run="j-1", chunks=3, size=7, digest="d", report={}) is job
    assert (job.state, job.chunks, job.size, len(bench.workers)) == (State.DONE, 3, 7, 2)


def test_a_job_that_ends_two_workers_in_one_stage_has_failed_and_says_where(bench):
    job = bench.start()
    for stage in ("depth", "motion"):
        begin(bench, stage)
        assert bench.die() is None
    begin(bench, "motion")
    assert bench.die() is job
    assert (job.error.code, job.finished().error["stage"]) == ("worker_died", "motion")


def test_a_cancelled_job_whose_worker_dies_is_cancelled(bench):
    job = bench.start()
    begin(bench, "depth")
    bench.runner.cancel()
    assert bench.die() is job
    assert job.state is State.CANCELLED


def test_a_worker_that_dies_while_it_loads_is_tried_once_more(bench):
    job = bench.start()
    assert bench.die(-4) is None
    assert bench.die(-4) is job
    assert job.error.code == "backend_broken"
    assert "SIGILL" in job.error.message


def test_a_worker_that_lingers_after_its_job_is_replaced_and_costs_the_next_nothing(bench):
    bench.start()
    bench.ready()
    bench.say("begun", run="j-1")
    bench.say("cancelled", run="j-1")
    following = bench.start()
    bench.now += LIMITS.cancel_grace_s
    bench.runner.poll()
    assert len(bench.workers) == 2
    bench.ready()
    assert (bench.handed(), following.state) == (["j-2"], State.QUEUED)


@pytest.mark.parametrize("phase", ["loading", "handed", "busy"])
def test_a_worker_that_does_not_move_is_killed_in_any_phase(bench, phase):
    job = bench.start()
    if phase != "loading":
        bench.ready()
    if phase == "busy":
        bench.say("begun", run="j-1")
        bench.now += LIMITS.stall_s - 1
        bench.say("progress", run="j-1", stage="depth", step=1, total=2, fraction=0.5)
    bench.now += LIMITS.stall_s - 1
    assert bench.runner.poll()[1] is None
    bench.now += 1
    assert bench.runner.poll()[1] is job
    assert job.error.code == "worker_hung"
    assert bench.worker.exit_code == -9


def test_a_job_can_be_cancelled_before_it_has_begun(bench):
    job = bench.start()
    bench.runner.cancel()
    assert bench.runner.poll()[1] is job
    assert job.state is State.CANCELLED
    bench.ready()
    assert bench.handed() == []
    handed = bench.start()
    bench.runner.cancel()
    assert bench.worker.told[-1]["do"] == "cancel"
    bench.now += LIMITS.cancel_grace_s
    assert bench.runner.poll()[1] is handed
    assert handed.state is State.CANCELLED


def test_a_job_handed_to_a_dying_worker_is_not_blamed_for_the_next_ones_death(bench):
    job = bench.start()
    bench.ready()
    assert bench.handed() == ["j-1"]
    assert bench.die() is None
    assert bench.die() is None  # while it was loading
    assert job.state is State.QUEUED
    bench.ready()
    assert bench.handed() == ["j-1"]
    assert bench.die() is job
    assert job.error.code == "worker_died"


def test_a_worker_that_cannot_be_started_fails_the_job_and_not_the_server(bench):
    def refuse():
        raise OSError(11, "Resource temporarily unavailable")

    bench.runner._start_worker = refuse
    bench.runner.warm_up()
    job = bench.start()
    assert bench.runner.poll()[1] is job
    assert (job.error.code, job.error.retryable) == ("worker_not_started", True)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"event": "ready"},
        {"event": "done", "run": "j-1"},
        {"event": "failed", "run": "j-1", "error": 3},
        {"event": "progress", "run": "j-1"},
    ],
)
def test_a_worker_that_makes_no_sense_ends_nothing_but_its_job(bench, event):
    job = bench.start()
    for _ in range(LIVES):
        bench.ready()
        bench.say("begun", run="j-1")
        bench.worker.said.append(event)
        ended = bench.runner.poll()[1]
    assert ended is job
    assert (job.state, job.error.code) == (State.FAILED, "worker_died")
    assert bench.worker.exit_code == -9
