"""A server's folder, whose servers come and go; their workers do what the test says."""

import shutil

from tests.server.double_worker import DoubleWorker
from tests.server.harness import (
    make_request,
)

from livescape.server.bounds import Limits
from livescape.server.executor import Executor
from livescape.server.jobs import State
from livescape.server.results import ResultWriter, write_request
from livescape.server.runner import Runner
from livescape.server.scheduler import Scheduler
from livescape_shared.messages import Submit


class Place:
    """A server's folder, whose servers come and go; their workers do what the test says."""

    def __init__(self, folder, **limits):
        self.folder = folder
        self.limits = Limits(free_disk_bytes=0, **limits)
        self.now = 1000.0
        self.workers = []
        self.scheduler = None

    def start(self):
        self.workers = []
        runner = Runner(self._worker, self.folder, self.limits, clock=lambda: self.now)
        self.scheduler = Scheduler.open(
            self.folder, Executor([runner]), self.limits, clock=lambda: self.now
        )
        return {job.id: job for job in self.scheduler.jobs}

    def _worker(self):
        self.workers.append(DoubleWorker())
        return self.workers[-1]

    def submit(self, name, waiter=""):
        request = make_request(f"count#{name}")
        submit = Submit(request.body(), request.arrays())
        incoming = self.folder / "results" / "incoming-test"
        write_request(incoming, submit)
        try:
            return self.scheduler.submit(request.job_id(), incoming, waiter)
        finally:
            shutil.rmtree(incoming, ignore_errors=True)

    def begin(self, stage="depth"):
        self.scheduler.events()
        self.workers[-1].be_ready()
        self.scheduler.events()
        run = self.workers[-1].told[-1]["run"]
        progress = {"run": run, "stage": stage, "step": 1, "total": 2, "fraction": 0.5}
        self.workers[-1].said += [
            {"event": "begun", "run": run},
            {"event": "progress", **progress},
        ]
        self.scheduler.events()

    def finish(self, chunks=2, **told):
        command = self.workers[-1].told[-1]
        writer = ResultWriter(self.folder / "results" / command["run"], command["job"])
        for index in range(chunks):
            writer.add("frame", index, {}, {})
        how = {"event": "done", "chunks": chunks, "size": writer.size, "report": {"a": 1}}
        how["digest"] = writer.digest
        self.workers[-1].said.append({"run": command["run"], **how, **told})
        self.scheduler.events()

    def run(self, name):
        job = self.submit(name)
        self.begin()
        self.finish()
        assert job.state is State.DONE
        return job

    def kill(self):
        """Leave the files as they are now; only the lock goes with the process."""
        self.scheduler._registry._journal.close()

    def close(self):
        self.scheduler.close()
