"""A disk that takes its time keeps nobody waiting but those whose job it is to keep."""

import pytest
from tests.server.double_worker import DoubleWorker
from tests.server.harness import AtOnce, Later, greet, make_request, make_router

from livescape.server import journal_writer, removal
from livescape.server.bounds import Limits
from livescape.server.executor import Executor
from livescape.server.jobs import State
from livescape.server.outbound import SendResult
from livescape.server.results import read_request
from livescape.server.runner import Runner
from livescape.server.scheduler import Scheduler
from livescape_shared.codec import decode, encode
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Ack, Cancel, Finished, ListJobs, Ping, Pong, Refused, Submit
from livescape_shared.messages import Jobs as Listing

LIMITS = Limits(free_disk_bytes=0)
GUESTS = (b"one", b"two")


class House:
    """A router whose journal is written when the test says so."""

    def __init__(self, folder):
        self.folder = folder
        self.disk = Later()
        self.gone = set()
        self.inbox = {guest: [] for guest in GUESTS}
        self.worker = None
        runner = Runner(self._worker, folder, LIMITS)
        self.scheduler = Scheduler.open(folder, Executor([runner]), LIMITS)
        self.router = make_router(self._send, self.scheduler, folder, LIMITS)
        for guest in GUESTS:
            greet(lambda said, who=guest: self.say(who, said)[-1], "token", key=guest.decode())

    def _worker(self):
        self.worker = DoubleWorker()
        return self.worker

    def _send(self, guest, frames):
        if guest in self.gone:
            return SendResult.GONE
        self.inbox[guest].append(decode([bytes(frame) for frame in frames]))
        return SendResult.SENT

    def say(self, guest, message, message_id="m"):
        """Say something and return what this guest hears in the next turn."""
        self.router.handle(guest, [bytes(each) for each in encode(message, message_id=message_id)])
        return self.turn(guest)

    def turn(self, guest):
        self.router.deliver()
        self.router.flush()
        heard, self.inbox[guest] = self.inbox[guest], []
        return heard

    def kinds(self, guest):
        return [type(envelope.message) for envelope in self.turn(guest)]


@pytest.fixture
def house(tmp_path, monkeypatch):
    disk = Later()
    monkeypatch.setattr(journal_writer, "own_thread", lambda _: disk)
    monkeypatch.setattr(removal, "own_thread", lambda _: AtOnce())
    made = House(tmp_path)
    made.disk = disk
    yield made
    made.scheduler.close()


def submit(name="job"):
    request = make_request(f"walk#{name}")
    return Submit(request.body(), request.arrays())


def test_a_job_is_acknowledged_once_it_is_in_the_journal(house):
    assert house.say(b"one", submit(), "s") == []
    for guest in GUESTS:
        assert isinstance(house.say(guest, Ping())[0].message, Pong)
    assert house.turn(b"one") == []
    house.disk.work()
    (answer,) = house.turn(b"one")
    assert (type(answer.message), answer.parent) == (Ack, "s")


def test_what_comes_after_a_submit_is_answered_after_it(house):
    house.say(b"one", submit(), "s")
    house.say(b"one", Cancel(make_request("walk#job").job_id()), "c")
    assert [type(each.message) for each in house.say(b"two", ListJobs())] == [Listing]
    assert house.turn(b"one") == []
    house.disk.work()
    assert [each.parent for each in house.turn(b"one")][:2] == ["s", "c"]


def test_a_job_that_goes_while_its_request_is_checked_is_begun_again(house):
    """The request was not kept, because the job was there when it came."""
    house.say(b"one", submit(), "s")
    house.disk.work()
    asked = iter([True])
    house.router._desk._is_there = lambda job: next(asked)  # as if it went only after this
    house.scheduler.cancel(make_request("walk#job").job_id(), for_everyone=True)
    assert house.say(b"two", submit(), "again") == []
    while house.disk.waiting:
        house.disk.work()
    assert Ack in house.kinds(b"two")
    job = house.scheduler.jobs[-1]
    assert read_request(job.folder).job_id() == job.id == make_request("walk#job").job_id()


@pytest.mark.parametrize("comes_back", [False, True])
def test_who_hangs_up_while_its_request_is_read_does_not_wait_for_ever(house, comes_back):
    reading = house.router._desk._executor = Later()
    house.say(b"one", submit(), "s")
    house.gone = {b"one"}
    house.router.sessions.sweep()
    if comes_back:
        house.inbox[b"three"] = []
        greet(lambda said: house.say(b"three", said)[-1], "token", key="one")
    reading.work()
    house.turn(b"two")
    while house.disk.waiting:
        house.disk.work()
    house.turn(b"two")
    (job,) = house.scheduler.jobs
    assert list(job.waiters) == ["one"], "it may come back for it"
    assert job.awaited is comes_back


def test_whoever_joins_a_job_waits_for_the_same_promise(house):
    for guest in GUESTS:
        assert house.say(guest, submit(), "s") == []
    house.disk.work()
    assert [house.kinds(guest) for guest in GUESTS] == [[Ack], [Ack]]


def test_a_job_that_ends_before_it_is_in_the_journal_is_acknowledged_first(house):
    house.say(b"one", submit(), "s")
    house.worker.be_ready()
    house.turn(b"one")
    run = house.worker.told[-1]["run"]
    house.worker.said.append(
        {"event": "done", "run": run, "chunks": 0, "size": 0, "digest": "", "report": {}}
    )
    assert house.turn(b"one") == []
    house.disk.work()
    assert house.kinds(b"one") == [Ack, Finished]


def test_a_job_that_cannot_be_journalled_is_refused_and_not_done(house, monkeypatch):
    def full(*_, **__):
        raise LivescapeError("disk_full", "There is no room left.")

    journal = house.scheduler._registry._journal._journal
    with monkeypatch.context() as patch:
        patch.setattr(type(journal), "save", full)
        for guest in GUESTS:
            house.say(guest, submit(), "s")
        while house.disk.waiting:
            house.disk.work()
        for guest in GUESTS:
            refusals = [e for e in house.turn(guest) if isinstance(e.message, Refused)]
            assert [e.message.error["code"] for e in refusals] == ["disk_full"]
        house.turn(b"one")
        assert [job.state for job in house.scheduler.jobs] == [State.CANCELLED]
        assert list((house.folder / "results").iterdir()) == []
        while house.disk.waiting:
            house.disk.work()
    house.say(b"one", submit(), "again")
    while house.disk.waiting:
        house.disk.work()
    assert Ack in house.kinds(b"one")
