"""What a server has promised outlives it: jobs, results, and who waits for them."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from tests.server.double_worker import DoubleWorker
from tests.server.harness import (
    alive,
    connect,
    follow,
    is_connected,
    is_finished,
    is_last_chunk,
    make_request,
    of,
    wait_for,
)

from bridge.events import Acked, ChunkArrived, Finished, Progressed
from livescape.server.bounds import Limits
from livescape.server.executor import Executor
from livescape.server.jobs import Job, State
from livescape.server.journal import JOURNAL, LAYOUT, Entry, Journal
from livescape.server.recovery import SERVERS, recover
from livescape.server.results import ResultWriter, write_request
from livescape.server.runner import Runner
from livescape.server.scheduler import Scheduler
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Submit

pytestmark = pytest.mark.usefixtures("at_once")

REQUEST = make_request("count#unit")
SUBMIT = Submit(REQUEST.body(), REQUEST.arrays())


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


def names_of(folder):
    return sorted(path.name for path in folder.rglob("*"))


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
    request = make_request("count#kept", frames=12)
    with connect(first) as client:
        job = client.submit(request)
        follow(client, lambda event: isinstance(event, ChunkArrived) and event.seq == 4)
        tracked = client._jobs[job]
        first.kill()
        second = start()
        client._session._locate = second.locate
        rest = of(follow(client, is_last_chunk), ChunkArrived)
        assert tracked.download.complete
    with connect(second) as other:
        other.submit(request)
        events = follow(other, is_last_chunk)
        whole = of(events, ChunkArrived)
    assert of(events, Acked)[0].state == "done"
    assert rest[0].seq > 4
    assert [chunk.seq for chunk in whole] == list(range(15 + 1))
    for chunk in rest:
        twin = whole[chunk.seq]
        assert (chunk.kind, chunk.index, chunk.meta) == (twin.kind, twin.index, twin.meta)
        for name, array in chunk.arrays.items():
            assert array.tobytes() == twin.arrays[name].tobytes()


def test_a_result_lost_in_mid_stream_is_made_again_and_goes_on_where_it_was(start):
    first = start()
    request = make_request("large#lost", frames=12)
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


# Without processes: what the journal remembers, and what becomes of a damaged one.


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


@pytest.fixture
def place(tmp_path):
    opened = Place(tmp_path)
    yield opened
    opened.close()


def test_states_results_and_waiters_are_remembered(place):
    place.start()
    done = place.run("done")
    failed = place.submit("failed", "a")
    place.begin()
    place.finish(event="failed", error={"code": "x", "message": "Why.", "stage": "depth"})
    running = place.submit("running", "b")
    place.begin("motion")
    waiting = place.submit("waiting", "c")
    place.kill()
    found = place.start()
    assert [found[job.id].state for job in (done, failed, running, waiting)] == [
        "done", "failed", "queued", "queued",
    ]  # fmt: skip
    again = found[done.id]
    assert (again.chunks, again.size, again.report) == (2, done.size, {"a": 1})
    assert found[failed.id].error.to_dict() == failed.error.to_dict()
    assert dict(found[running.id].interruptions) == {"motion": 1}
    assert list(found[waiting.id].waiters) == ["c"]
    place.begin()
    assert found[running.id].state is State.RUNNING, "what was running comes first"


def test_a_stop_does_not_count_as_the_jobs_fault_and_a_cancelled_job_stays_so(place):
    place.start()
    stopped = place.submit("stopped")
    place.begin()
    cancelled = place.submit("cancelled")
    place.close()
    found = place.start()
    assert not found[stopped.id].interruptions
    place.begin()
    place.scheduler.cancel(stopped.id)
    place.kill()
    found = place.start()
    assert (found[stopped.id].state, found[cancelled.id].state) == ("cancelled", "queued")


@pytest.mark.parametrize("state", ["running", "queued"])
def test_a_job_that_ended_when_the_journal_could_not_be_told_is_not_done_again(place, state):
    place.start()
    job = place.run("told late")
    place.kill()
    with closing(sqlite3.connect(place.folder / JOURNAL)) as database, database:
        database.execute("UPDATE runs SET state = ?, record = '{}'", (state,))
    found = place.start()[job.id]
    assert (found.state, found.chunks, found.digest) == (State.DONE, job.chunks, job.digest)


def test_a_job_in_which_every_server_ends_is_given_up(place):
    place.start()
    job = place.submit("poison")
    for _ in range(SERVERS):
        place.begin()
        place.kill()
        found = place.start()
    assert (found[job.id].state, found[job.id].error.code) == ("failed", "job_ends_server")


def test_what_belongs_to_no_job_is_cleared_away_and_links_are_not_followed(place, tmp_path):
    place.start()
    done = place.run("kept")
    place.kill()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "thesis.txt").write_text("precious")
    results = tmp_path / "results"
    write_request(results / "0123-9", SUBMIT)  # the server died before it had acknowledged it
    (results / "stray").write_text("x")
    (results / "link").symlink_to(outside)
    partial = results / done.run / ".livescape-00000000-1-0123456789abcdef.partial.chunk"
    partial.write_text("half")
    assert list(place.start()) == [done.id]
    assert [path.name for path in results.iterdir()] == [done.run]
    assert not partial.exists()
    assert (outside / "thesis.txt").read_text() == "precious"


def _garbage(path):
    path.write_bytes(os.urandom(5000))


def _truncated(path):
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2 + 100])


def _zeroed(path):
    data = bytearray(path.read_bytes())
    data[200:] = bytes(len(data) - 200)
    path.write_bytes(data)


def _newer(path):
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA user_version = {LAYOUT + 1}")


def _other_table(path):
    with closing(sqlite3.connect(path)) as database:
        database.executescript("DROP TABLE runs; CREATE TABLE runs (x); PRAGMA user_version = 1;")


def _set(column, value):
    def damage(path):
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            database.execute(f"UPDATE runs SET {column} = ?", (value,))

    return damage


@pytest.mark.parametrize(
    ("damage", "aside"),
    [
        (_garbage, True),
        (_truncated, True),
        (_zeroed, True),
        (_newer, True),
        (_other_table, True),
        (_set("record", "{"), False),
        (_set("record", "[" * 100_000), False),
        (_set("record", '{"chunks": "many"}'), False),
        (_set("record", '{"waiters": 3}'), False),
        (_set("state", "asleep"), False),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_damaged_journal_costs_no_job_and_no_result(place, caplog, damage, aside):
    place.start()
    done, waiting = place.run("done"), place.submit("waiting")
    place.kill()
    damage(place.folder / JOURNAL)
    found = place.start()
    assert {job: found[job].state for job in found} == {done.id: "done", waiting.id: "queued"}
    assert (found[done.id].chunks, found[done.id].report) == (2, {"a": 1})
    assert bool(list(place.folder.glob("*damaged*"))) == aside
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize("what", ["folder", "read-only"])
def test_a_journal_that_cannot_be_written_is_named(tmp_path, what, monkeypatch):
    if what == "folder":
        (tmp_path / JOURNAL).mkdir()
    else:
        with closing(Journal(tmp_path)):
            pass
        connect_to = sqlite3.connect

        def read_only(path, **options):
            return connect_to(f"file:{path}?mode=ro", uri=True, **options)

        monkeypatch.setattr(sqlite3, "connect", read_only)
    with pytest.raises(LivescapeError) as caught:
        Journal(tmp_path)
    assert caught.value.code == "journal_not_writable"
    assert not list(tmp_path.glob("*damaged*"))


def test_an_entry_that_names_a_path_is_dropped(tmp_path):
    (tmp_path / "results").mkdir()
    with closing(Journal(tmp_path)) as journal:
        for run in ("../../etc-1", "x/../y-1", "", "-3", "name"):
            journal.save(Entry(run, "done", {}), durable=False)
        assert recover(tmp_path / "results", journal) == []
        assert journal.entries() == []


def broken(place, job):
    error = place.scheduler.promise(job).exception()
    assert error is None or error.code == "disk_full"
    return error is not None


def test_a_full_disk_refuses_the_submit_and_forgets_nothing(place):
    place.start()
    done = place.run("before")
    database = place.scheduler._registry._journal._journal._database
    (pages,) = database.execute("PRAGMA page_count").fetchone()
    database.execute(f"PRAGMA max_page_count = {pages}")
    accepted = {done.id}
    while (job := place.submit(f"many {len(accepted)}")) and not broken(place, job):
        accepted.add(job.id)
    place.scheduler.cancel(job.id)
    place.kill()
    assert set(place.start()) == accepted > {done.id}


def test_results_used_least_recently_make_room_and_never_what_is_read(place, monkeypatch):
    place.start()
    registry = place.scheduler._registry
    now = [0.0]
    registry._clock = lambda: now[0]
    jobs = []
    for name in ("read", "awaited", "used", "old", "new"):
        now[0] += 100.0
        jobs.append(place.run(name))
    read, awaited, used, old, new = jobs
    awaited.waiters["a"] = float("inf")
    now[0] += 100.0
    place.scheduler.use(used)
    registry._limits = Limits(results_bytes=4 * new.size)
    registry._crowded = True
    place.scheduler.trim({read.id})
    assert place.scheduler.jobs == [read, awaited, used, new]
    registry._limits = Limits(results_bytes=0)
    registry._crowded = True
    place.scheduler.trim({read.id})
    assert place.scheduler.jobs == [read, awaited]
    place.scheduler.leave("a")
    place.scheduler.trim(())
    assert place.scheduler.jobs == []
    assert list((place.folder / "results").iterdir()) == []
    assert not old.folder.exists()


def test_failed_jobs_are_listed_for_a_while_and_not_for_ever(tmp_path):
    place = Place(tmp_path, kept_records=3)
    place.start()
    for number in range(5):
        place.submit(str(number))
        place.begin()
        place.finish(event="cancelled")
    place.scheduler.trim(())
    assert [job.number for job in place.scheduler.jobs] == [2, 3, 4]
    place.close()


def test_a_record_survives_and_lacks_nothing(tmp_path):
    job = Job("j", tmp_path / "j-7", State.FAILED, stage="depth", chunks=3, size=9, client="me")
    job.error = LivescapeError("x", "y", stage="z", retryable=True)
    job.deaths["depth"], job.interruptions["depth"] = 1, 2
    job.waiters["a"] = 5.0
    again = Job.restore(job.folder, job.state.value, job.record(), waits_until=9.0)
    assert again.record() == job.record()
    assert (again.id, again.number, again.waiters) == ("j", 7, {"a": 9.0})


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
