"""What a new server finds of earlier ones: jobs, their states, and what to clear away."""

import sqlite3
from contextlib import closing

import pytest
from tests.server.harness import (
    make_request,
)
from tests.server.successive_servers import Place

from livescape.server.bounds import Limits
from livescape.server.jobs import Job, State, preview_folder, preview_folders
from livescape.server.journal import JOURNAL, Entry, Journal
from livescape.server.recovery import SERVERS, recover
from livescape.server.results import write_request
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Submit

pytestmark = pytest.mark.usefixtures("at_once")

REQUEST = make_request("count#unit")
SUBMIT = Submit(REQUEST.body(), REQUEST.arrays())


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


def test_an_entry_that_names_a_path_is_dropped(tmp_path):
    (tmp_path / "results").mkdir()
    with closing(Journal(tmp_path)) as journal:
        for run in ("../../etc-1", "x/../y-1", "", "-3", "name"):
            journal.save(Entry(run, "done", {}), durable=False)
        assert recover(tmp_path / "results", journal) == []
        assert journal.entries() == []


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


def test_scenes_that_came_early_go_with_the_server_or_the_job_that_they_were_for(place):
    place.start()
    running = place.submit("running")
    place.begin()
    preview_folder(running.folder, 1).mkdir()
    place.kill()
    running = place.start()[running.id]
    assert preview_folders(running.folder) == [], "the job begins again"
    place.begin()
    preview_folder(running.folder, 1).mkdir()  # its worker died before it could say so
    place.finish()
    place.scheduler._registry._remover.wait()
    assert running.folder.is_dir()
    assert preview_folders(running.folder) == []
