"""Random walks through everything clients, workers and servers can do, with promises as invariants.

A worker that has died, or has ended its job and not said that it is ready again, is never handed
another; a job outlives one worker that dies in each stage of it, and any server. Only who has
cancelled is told that a job was cancelled.

Router, scheduler, runner, journal and result files are the real ones; the worker is a double that
does on command what real workers do by themselves, so that thousands of orders can be tried. A
server that is killed leaves the files of that moment, which are copied for the next one.
"""

import shutil
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.server.double_worker import DoubleWorker
from tests.server.harness import greet, make_request, make_router

from livescape.server.bounds import Limits
from livescape.server.executor import Executor
from livescape.server.jobs import State
from livescape.server.outbound import SendResult
from livescape.server.results import ResultWriter
from livescape.server.runner import LIVES, Runner
from livescape.server.scheduler import Scheduler
from livescape_shared.codec import decode, encode
from livescape_shared.messages import (
    Ack,
    Cancel,
    Chunk,
    Finished,
    Grant,
    Progress,
    Refused,
    Submit,
    Welcome,
)

pytestmark = pytest.mark.usefixtures("at_once")

REQUESTS = [make_request(f"walk#{number}") for number in range(3)]
JOBS = [request.job_id() for request in REQUESTS]
CHUNKS = 5
CLIENTS = (b"one", b"two")
STAGES = ("request", "depth", "motion")


class Walk(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.workers = []
        self.servers = 0
        self.now = 0.0
        self.blocked = {client: False for client in CLIENTS}
        self.inbox = {client: [] for client in CLIENTS}
        self.open = {client: {} for client in CLIENTS}  # submit id -> job, not finished yet
        self.gave_up = {client: set() for client in CLIENTS}  # submit ids cancelled by the client
        self.next_seq = {}
        self.deaths = Counter()  # by run and the stage that it was in
        self._start_server()

    def _start_server(self):
        limits = Limits(free_disk_bytes=0, results_bytes=2, cancel_grace_s=1e6, stall_s=1e6)
        place = self.folder / str(self.servers)
        place.mkdir(exist_ok=True)
        runner = Runner(self._start_worker, self.folder, limits, clock=lambda: self.now)
        self.scheduler = Scheduler.open(place, Executor([runner]), limits, clock=lambda: self.now)
        self.router = make_router(self._send, self.scheduler, place, limits)

    def teardown(self):
        self.scheduler.close()
        shutil.rmtree(self.folder)

    def _start_worker(self):
        self.workers.append(DoubleWorker())
        return self.workers[-1]

    def _send(self, client, frames):
        if self.blocked[client]:
            return SendResult.BLOCKED
        self.inbox[client].append(decode([bytes(frame) for frame in frames]))
        return SendResult.SENT

    def _say(self, client, message, message_id="m"):
        self.router.handle(client, [bytes(f) for f in encode(message, message_id=message_id)])
        self._settle()

    def _greet(self, client):
        """Go through the greeting, which a client that does not read would not."""
        blocked, self.blocked[client] = self.blocked[client], False

        def ask(message):
            self.router.handle(client, [bytes(each) for each in encode(message, message_id="ask")])
            self.router.flush()
            answers = [each for each in self.inbox[client] if each.parent == "ask"]
            self.inbox[client].clear()
            return answers[0]

        assert isinstance(greet(ask, "token", key=client.decode()), Welcome)
        self.blocked[client] = blocked

    def _settle(self):
        """One turn of the server's loop, then check all that arrived."""
        self.router.deliver()
        for _ in range(50):
            if not self.router.flush():
                break
        for client in CLIENTS:
            for envelope in self.inbox[client]:
                self._check(client, envelope)
            self.inbox[client].clear()

    def _check(self, client, envelope):
        message = envelope.message
        if isinstance(message, Finished):
            assert message.state in ("done", "failed", "cancelled")
            assert bool(message.error) == (message.state == "failed")
            assert message.state != "failed" or message.error["stage"]
            assert self.open[client].pop(envelope.parent) == message.job, (
                "told once, to whom it may concern"
            )
            assert message.state != "cancelled" or envelope.parent in self.gave_up[client], (
                "cancelled by whom it is told, not by another"
            )
        elif isinstance(message, Progress):
            assert message.job in self.open[client].values(), "no progress after the end"
        elif isinstance(message, Refused):
            assert message.error["stage"]
        elif isinstance(message, Chunk):
            assert message.seq == self.next_seq[client, message.job], "no gap, no repetition"
            assert message.total == CHUNKS
            assert message.arrays["a"][0] == message.seq
            self.next_seq[client, message.job] += 1

    @property
    def worker(self):
        return self.workers[-1] if self.workers and self.workers[-1].exit_code is None else None

    @property
    def handed(self):
        """The last run the worker was told of, unless it has said how it ended."""
        runs = [c for c in self.worker.told if c["do"] == "run"] if self.worker else []
        return runs[-1] if runs and not runs[-1].get("over") else None

    @property
    def running(self):
        """The run that the worker has begun."""
        return self.handed if self.handed and self.handed.get("begun") else None

    @initialize()
    def greet(self):
        for client in CLIENTS:
            self._greet(client)

    @rule(client=st.sampled_from(CLIENTS), which=st.integers(0, 2), number=st.integers(0, 10**9))
    def submit(self, client, which, number):
        message_id = f"submit {number}"
        if message_id in self.open[client]:
            return
        self.open[client][message_id] = JOBS[which]
        session = self.router.sessions.get(client)
        before = dict(session.attached)
        self._say(client, Submit(REQUESTS[which].body(), REQUESTS[which].arrays()), message_id)
        for run, earlier in before.items():  # asked twice, told once: as answer to the last
            if session.attached.get(run) == message_id:
                del self.open[client][earlier]

    @rule(client=st.sampled_from(CLIENTS), job=st.sampled_from([*JOBS, "nobody's"]))
    def cancel(self, client, job):
        self.gave_up[client] |= {key for key, asked in self.open[client].items() if asked == job}
        self._say(client, Cancel(job))

    @rule(
        client=st.sampled_from(CLIENTS),
        job=st.sampled_from(JOBS),
        credit=st.integers(0, 2000),
        late=st.integers(0, 2),
    )
    def grant_on(self, client, job, credit, late):
        """Say what has arrived, as a client does, or what had arrived some chunks ago."""
        arrived = self.next_seq.get((client, job), 0)
        self._say(client, Grant(job, max(0, arrived - late), credit))

    @rule(client=st.sampled_from(CLIENTS), job=st.sampled_from(JOBS), first=st.integers(0, CHUNKS))
    def grant_again(self, client, job, first):
        """Start anywhere, as after a broken connection."""
        self.next_seq[client, job] = first
        self._say(client, Grant(job, first, 500, start=True))

    @rule(client=st.sampled_from(CLIENTS))
    def reconnect(self, client):
        self.open[client].clear()
        for key in [key for key in self.next_seq if key[0] == client]:
            del self.next_seq[key]
        self._greet(client)

    @rule(killed=st.booleans())
    def restart(self, killed):
        """End the server at any moment; the next one knows all that this one had promised."""
        if not killed:
            self.scheduler.close()
        promised = {job.id: job for job in self.scheduler.jobs}
        before, self.servers = self.folder / str(self.servers), self.servers + 1
        shutil.copytree(before, self.folder / str(self.servers))
        if killed:
            self.scheduler.close()
        for client in CLIENTS:
            self.open[client].clear()
            self.gave_up[client].clear()
        self.next_seq.clear()
        self._start_server()
        found = {job.id: job for job in self.scheduler.jobs}
        assert found.keys() == promised.keys()
        for job_id, job in promised.items():
            if job.state.terminal:
                expected = job.state
            else:
                expected = State.CANCELLED if job.cancel_requested else State.QUEUED
            assert (found[job_id].state, found[job_id].chunks) == (expected, job.chunks)
        self.greet()

    @rule(client=st.sampled_from(CLIENTS))
    def block(self, client):
        self.blocked[client] = not self.blocked[client]
        self._settle()

    @precondition(lambda self: self.worker and not self.worker.ready and not self.handed)
    @rule()
    def be_ready(self):
        self.worker.be_ready()
        self._settle()

    @precondition(lambda self: self.handed and not self.running)
    @rule()
    def begin(self):
        self.handed["begun"], self.handed["stage"] = True, "request"
        self.worker.said.append({"event": "begun", "run": self.handed["run"]})
        self._settle()

    @precondition(lambda self: self.running)
    @rule(step=st.integers(1, 100), stage=st.sampled_from(["depth", "motion"]))
    def progress(self, step, stage="depth"):
        self.running["stage"] = stage
        event = {"run": self.running["run"], "stage": stage, "step": step, "total": 100}
        self.worker.said.append({"event": "progress", "fraction": step / 100, **event})
        self._settle()

    @precondition(lambda self: self.running)
    @rule(how=st.sampled_from(["done", "failed", "cancelled"]), then_dies=st.booleans())
    def end(self, how, then_dies):
        command, worker = self.running, self.worker
        if how == "done":
            writer = ResultWriter(Path(command["folder"]), command["job"])
            for seq in range(CHUNKS):
                writer.add("frame", seq, {}, {"a": np.array([seq], np.float32)})
        extra = {
            "done": {"chunks": CHUNKS, "size": 1, "digest": "d", "report": {}},
            "failed": {"error": {"code": "x", "message": "y"}},
            "cancelled": {},
        }[how]
        worker.said.append({"event": how, "run": command["run"], **extra})
        command["over"] = True
        self._settle()  # the server hears of the end before it hears of the death
        if then_dies:
            worker.exit_code = 1
            worker.said.append({"event": "gone"})
            self._settle()

    @precondition(lambda self: self.worker is not None)
    @rule()
    def die(self):
        if self.running:
            self.deaths[self.running["run"], self.running["stage"]] += 1
        self.worker.said.append({"event": "gone"})
        self.worker.exit_code = -9
        self._settle()

    @rule()
    def crash_twice(self):
        """Two jobs in a row end their workers; only they pay for it."""
        for _ in range(2):
            if self.worker and not self.worker.ready and not self.handed:
                self.be_ready()
            if self.handed and not self.running:
                self.begin()
            if self.worker:
                self.die()

    @invariant()
    def no_run_ends_more_than_two_workers_in_a_stage(self):
        assert all(count <= LIVES for count in self.deaths.values())

    @invariant()
    def no_run_is_handed_out_for_ever(self):
        told = [c["run"] for worker in self.workers for c in worker.told if c["do"] == "run"]
        most = LIVES + (LIVES - 1) * len(STAGES) + self.servers
        assert all(count <= most for count in Counter(told).values())

    @invariant()
    def whoever_waits_is_attached(self):
        for client in CLIENTS:
            session = self.router.sessions.get(client)
            if not self.blocked[client]:
                assert set(self.open[client]) == set(session.attached.values())


TestWalk = Walk.TestCase
TestWalk.settings = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def test_the_messages_of_the_walk_are_all_there():
    """The walk hears every kind of answer; a silent walk would prove nothing."""
    walk = Walk()
    heard = []
    check = walk._check
    walk._check = lambda client, envelope: (
        heard.append(type(envelope.message)),
        check(client, envelope),
    )
    walk.greet()
    walk.submit(b"one", 0, 1)
    walk.be_ready()
    walk.begin()
    walk.progress(3)
    walk.cancel(b"one", "nobody's")
    walk.end("done", False)
    walk.grant_again(b"one", JOBS[0], 0)
    walk.grant_on(b"one", JOBS[0], 10**6, 0)
    walk.teardown()
    assert {Ack, Progress, Refused, Finished, Chunk} <= set(heard)
    assert heard.count(Chunk) == CHUNKS


def test_the_walk_finds_a_job_that_ends_twice():
    walk = Walk()
    walk.greet()
    walk.submit(b"one", 0, 1)
    walk.be_ready()
    walk.begin()
    walk.end("done", False)
    finished = encode(Finished(JOBS[0], "done", CHUNKS), parent="submit 1")
    with pytest.raises(KeyError):
        walk._check(b"one", decode([bytes(frame) for frame in finished]))
    walk.teardown()
