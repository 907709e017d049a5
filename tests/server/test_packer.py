"""Chunks for slow connections are packed beside the server's loop, one at a time for each client.

The thread that packs is one that works when the test says so; what it has to do is counted.
"""

import threading
from functools import partial

import numpy as np
import pytest
from tests.server.double_worker import DoubleWorker
from tests.server.harness import AtOnce, Later, greet, make_request, make_router

from livescape.server import journal_writer, removal
from livescape.server.bounds import Limits
from livescape.server.executor import Executor
from livescape.server.outbound import SendResult
from livescape.server.packer import PackingPlace
from livescape.server.results import ResultWriter, read_chunk
from livescape.server.runner import Runner
from livescape.server.scheduler import Scheduler
from livescape.server.threads import own_thread
from livescape_shared import codec
from livescape_shared.codec import decode, encode
from livescape_shared.messages import Chunk, Grant, Ping, Pong, Refused, Submit
from livescape_shared.packing import PLAIN, ZSTD, ZSTD_FLOAT16

LIMITS = Limits(free_disk_bytes=0)
CHUNKS = 5
PLENTY = 2**30


class House:
    """A router with finished jobs, and a packer that works when it is told to."""

    def __init__(self, folder, executor):
        self.executor, self.wakes = executor, 0
        self.blocked = False
        self.inbox = {}
        self.worker = DoubleWorker()
        runner = Runner(lambda: self.worker, folder, LIMITS)
        self.scheduler = Scheduler.open(folder, Executor([runner]), LIMITS)
        new_place = partial(PackingPlace, executor, lambda: self._wake())
        self.router = make_router(self._send, self.scheduler, folder, LIMITS, new_place=new_place)

    def _wake(self):
        self.wakes += 1

    def _send(self, guest, frames):
        if self.blocked:
            return SendResult.BLOCKED
        self.inbox.setdefault(guest, []).append([bytes(frame) for frame in frames])
        return SendResult.SENT

    def enter(self, guest=b"one"):
        greet(lambda said: decode(self.say(said, guest)[-1]), "token", key=guest.decode())

    def say(self, message, guest=b"one", message_id="m"):
        frames = [bytes(each) for each in encode(message, message_id=message_id)]
        self.router.handle(guest, frames)
        self.turn()
        return self.heard(guest)

    def turn(self):
        """Take a turn of the loop; return whether the next one should come at once."""
        self.router.deliver()
        return self.router.flush()

    def heard(self, guest=b"one"):
        return self.inbox.pop(guest, [])

    def chunks(self, guest=b"one"):
        """Return the numbers of the chunks that a guest has got."""
        messages = (decode(frames).message for frames in self.heard(guest))
        return [each.seq for each in messages if isinstance(each, Chunk)]

    def make(self, name="job"):
        """Let a job be done and return its id."""
        request = make_request(f"walk#{name}")
        self.say(Submit(request.body(), request.arrays()))
        self.worker.be_ready()
        self.turn()
        run = self.worker.told[-1]["run"]
        folder = self.scheduler.result(request.job_id()).folder
        writer = ResultWriter(folder, request.job_id())
        rng = np.random.default_rng(0)
        means = rng.normal(size=(500, 3)).astype(np.float32)
        for seq in range(CHUNKS):
            kind = "moving" if seq == 2 else "frame"
            moved = means + np.float32(seq * 0.01)
            writer.add(kind, seq, {}, {"means": moved, "few": np.arange(seq, dtype=np.int32)})
        done = {"chunks": CHUNKS, "size": writer.size, "digest": writer.digest, "report": {}}
        self.worker.said.append({"event": "done", "run": run, **done})
        self.turn()
        self.heard()
        return request.job_id()

    def grant(self, job, *, at=0, credit=PLENTY, start=True, encoding=ZSTD, guest=b"one"):
        said = Grant(job, at, credit, start=start, encoding=encoding)
        return self.say(said, guest, f"g{at}")


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    for module in (journal_writer, removal):
        monkeypatch.setattr(module, "own_thread", lambda _: AtOnce())


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path, Later())
    made.enter()
    yield made
    made.scheduler.close()


def test_the_loop_packs_nothing_and_serves_everybody_meanwhile(house, monkeypatch):
    packed = []
    pack = codec.pack
    monkeypatch.setattr(codec, "pack", lambda *said: packed.append(said) or pack(*said))
    job = house.make()
    house.enter(b"two")
    assert house.grant(job) == []
    for guest in (b"one", b"two"):
        assert isinstance(decode(house.say(Ping(), guest)[0]).message, Pong)
    plain = house.grant(job, encoding=PLAIN, guest=b"two")
    assert decode(plain[0]).message.seq == 0
    house.grant(job, at=CHUNKS, encoding=PLAIN, guest=b"two")
    assert packed == [], "whoever packs has not worked yet"
    assert not house.turn(), "the loop need not come back before it is woken"
    woken = house.wakes
    house.executor.work()
    assert len(packed) == 2
    assert house.wakes == woken + 1
    house.turn()
    assert house.chunks() == [0]


@pytest.mark.parametrize("encoding", [ZSTD, ZSTD_FLOAT16])
def test_bytes_and_order_are_those_of_packing_at_once(house, encoding):
    job = house.make()
    house.grant(job, encoding=encoding)
    while house.executor.waiting:
        house.executor.work()
        while house.turn():
            pass
    folder = house.scheduler.result(job).folder
    wanted = [read_chunk(folder, seq, CHUNKS, "g0", encoding) for seq in range(CHUNKS)]
    assert house.heard() == [[bytes(frame) for frame in frames] for frames in wanted]


def test_no_more_is_packed_than_the_credit_allows(house):
    job = house.make()
    house.grant(job, credit=1)
    house.executor.work()
    house.turn()
    assert house.chunks() == [0]
    assert not house.turn()
    assert house.executor.waiting == []
    house.grant(job, at=1, credit=1, start=False)
    house.executor.work()
    house.turn()
    assert house.chunks() == [1]


def test_one_chunk_is_held_for_a_client_that_does_not_read(house):
    jobs = [house.make(name) for name in "abc"]
    for job in jobs:
        house.grant(job)
    house.blocked = True
    assert len(house.executor.waiting) == 1, "however many it has asked for"
    house.executor.work()
    for _ in range(50):
        house.turn()
    assert house.executor.waiting == [], "and it is not packed again for each attempt"
    house.blocked = False
    house.turn()
    assert house.chunks() == [0]


def test_streams_of_one_client_take_turns(house):
    jobs = [house.make(name) for name in "ab"]
    for job in jobs:
        house.grant(job)
    order = []
    while house.executor.waiting:
        house.executor.work()
        while house.turn():
            pass
        order += [(decode(frames).message.job, decode(frames).message.seq) for frames in
                  house.heard()]  # fmt: skip
    assert sorted(order) == sorted((job, seq) for job in jobs for seq in range(CHUNKS))
    assert [job for job, _ in order[:4]] == [jobs[0], jobs[1]] * 2


def test_a_stream_without_credit_does_not_hold_up_another(house):
    first, second = house.make("a"), house.make("b")
    house.grant(first)
    house.grant(second)
    house.grant(first, credit=0, start=False)
    while house.executor.waiting and not house.heard():
        house.executor.work()
        house.turn()
    house.grant(second, start=False)
    while house.executor.waiting:
        house.executor.work()
        while house.turn():
            pass
    assert house.chunks() == list(range(1, CHUNKS))


@pytest.mark.parametrize("packed", [False, True])
def test_a_stream_that_is_begun_again_begins_where_it_says(house, packed):
    job = house.make()
    house.grant(job)
    if packed:
        house.blocked = True
        house.executor.work()
        house.turn()
    house.grant(job, at=3)
    house.blocked = False
    while house.executor.waiting:
        house.executor.work()
        while house.turn():
            pass
    assert house.chunks() == [3, 4]


def test_nothing_is_packed_for_a_client_that_is_gone(house):
    job = house.make()
    house.grant(job)
    ((future, *_),) = house.executor.waiting
    house.enter(b"one")  # the same client on a new connection takes the place of the old one
    assert future.cancelled()
    house.executor.work()
    assert house.chunks() == []


def test_a_damaged_chunk_ends_its_stream_alone(house):
    bad, good = house.make("bad"), house.make("good")
    path = house.scheduler.result(bad).folder / "000000.chunk"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    path.write_bytes(data)
    house.grant(bad)
    house.grant(good)
    heard = []
    while house.executor.waiting:
        house.executor.work()
        while house.turn():
            pass
        heard += [decode(frames).message for frames in house.heard()]
    refusals = [each for each in heard if isinstance(each, Refused)]
    assert [each.error["code"] for each in refusals] == ["result_corrupt"]
    assert [each.seq for each in heard if isinstance(each, Chunk)] == list(range(CHUNKS))


def test_it_is_another_thread_that_packs(tmp_path, monkeypatch):
    threads, pack, woken = set(), codec.pack, threading.Semaphore(0)

    def noted(*said):
        threads.add(threading.current_thread())
        return pack(*said)

    monkeypatch.setattr(codec, "pack", noted)
    executor = own_thread("packer")
    house = House(tmp_path, executor)
    house._wake = woken.release
    try:
        house.enter()
        chunks = [decode(frames).message.seq for frames in house.grant(house.make())]
        while len(chunks) < CHUNKS:
            assert woken.acquire(timeout=30)
            while house.turn():
                pass
            chunks += house.chunks()
        assert chunks == list(range(CHUNKS))
        assert threads
        assert threading.main_thread() not in threads
    finally:
        executor.shutdown()
        house.scheduler.close()
