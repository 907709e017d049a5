"""A journal that is damaged, full or cannot be written costs no job and no result."""

import os
import sqlite3
from contextlib import closing

import pytest

from livescape.server.journal import JOURNAL, LAYOUT, Journal
from livescape_shared.errors import LivescapeError

pytestmark = pytest.mark.usefixtures("at_once")


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
