"""Many jobs of several clients through a hostile proxy, while servers and workers are killed.

Used by the test of the suite and, for longer, by ``make bench NAME=chaos``.
"""

import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field, replace

from tests.server.chaos_proxy import ChaosProxy
from tests.server.harness import Client, Server, alive, make_request
from tests.server.worker_jobs import result_chunks as clean_chunks
from tests.server.worker_jobs import result_of

from bridge.events import ChunkArrived, Finished, Refused
from bridge.liveness import Timing

TIMING = Timing(
    ping=0.2, silent_after=3, lost_after=6, ack=1.0, recheck=1.0, connect=1.5, backoff=0.05,
    backoff_limit=0.5,
)  # fmt: skip
ODDS = {
    "drop": 0.006, "delay": 0.01, "duplicate": 0.006, "reorder": 0.006, "truncate": 0.002,
    "freeze": 0.002, "kill": 0.003,
}  # fmt: skip
OUTSTANDING = 5
"""Jobs that a client waits for at a time."""


@dataclass
class Wish:
    """A job that a client wants, and what has become of it.

    Attributes:
        name: What makes its request another than all others.
        cancel_at: Progress in seconds since it was asked for at which it is cancelled; None never.
        ends: The terminal states that its client was told.
        chunks: What has arrived.
    """

    name: str
    cancel_at: float | None
    ends: list[str] = field(default_factory=list)
    chunks: list[ChunkArrived] = field(default_factory=list)
    total: int = 0
    asked: float = 0.0
    cancelled: bool = False

    @property
    def request(self):
        return make_request(f"stages#{self.name}", steps=6, frames=5)

    @property
    def over(self):
        if not self.ends:
            return False
        return self.ends[0] != "done" or len(self.chunks) == self.total


class Artist:
    """One client: asks for its jobs in turn, changes its mind, is killed and comes back."""

    def __init__(self, number, locate, wishes):
        self._locate, self._number = locate, number
        self.wishes = wishes
        self.restarts = 0
        self.client = None
        self._open = {}
        self._next = 0
        self.start()

    def start(self):
        """Begin as a new process would: with nothing but the wishes that are not fulfilled."""
        name = f"artist {self._number}"
        self.client = Client(self._locate, name=name, timing=TIMING)
        for job, wish in self._open.items():
            wish.chunks.clear()
            wish.ends.clear()
            assert self.client.submit(wish.request) == job
            if wish.cancelled:
                self.client.cancel(job)

    def die(self):
        self.restarts += 1
        self.client._session.close()
        self.client.close()
        self.start()

    @property
    def over(self):
        return self._next == len(self.wishes) and not self._open

    def step(self):
        while self._next < len(self.wishes) and len(self._open) < OUTSTANDING:
            wish = self.wishes[self._next]
            self._next += 1
            wish.asked = time.monotonic()
            self._open[self.client.submit(wish.request)] = wish
        for job, wish in self._open.items():
            due = wish.cancel_at is not None and time.monotonic() > wish.asked + wish.cancel_at
            if due and not wish.cancelled and self.client._session.connected:
                wish.cancelled = True
                if wish.chunks or wish.ends:
                    continue  # it has come already
                self.client.cancel(job)
        for event in self.client.poll():
            self._on(event)
        for job in [job for job, wish in self._open.items() if wish.over]:
            del self._open[job]

    def _on(self, event):
        wish = self._open.get(getattr(event, "job", ""))
        match event:
            case Finished():
                assert wish is not None, f"the end of a job that has ended: {event}"
                wish.ends.append(event.state)
                wish.total = event.chunks
                if event.error is not None:
                    wish.ends[-1] += f" {event.error.code}"
            case ChunkArrived():
                wish.chunks.append(event)
            case Refused(error) if wish is not None:
                wish.ends.append(f"refused {error.code}")


class ChaosRun:
    """Everything together, decided by one seed as far as time allows.

    Args:
        folder: Where the server lives.
        seed: Of all decisions.
        jobs: How many wishes there are, all clients together.
        clients: How many clients.
        server_kills: How often the server is killed, and as often its worker.
        odds: Of the proxy's faults.
    """

    def __init__(self, folder, *, seed=0, jobs=200, clients=4, server_kills=20, worker_kills=0,
                 client_kills=8, odds=None):  # fmt: skip
        self.folder = folder
        self.rng = random.Random(seed)
        self.proxy = ChaosProxy(
            self._target, seed=seed, odds=ODDS if odds is None else odds, freeze_s=2.0
        )
        self.server = None
        self.kills = Counter()
        self.orphans_s = []
        wishes = [[] for _ in range(clients)]
        for number in range(jobs):
            owner = self.rng.randrange(clients)
            shared = number > clients and self.rng.random() < 0.25
            name = f"{self.rng.randrange(number)}" if shared else f"{number}"
            if any(wish.name == name for wish in wishes[owner]):
                name = f"{number}"
            cancel = self.rng.uniform(0.0, 1.5) if self.rng.random() < 0.2 else None
            wishes[owner].append(Wish(name, cancel))
        self._wishes = wishes
        self._plan = self._when(jobs, server_kills, "server")
        self._plan += self._when(jobs, worker_kills, "worker")
        self._plan += self._when(jobs, client_kills, "client")
        self._plan.sort()

    def _when(self, jobs, kills, what):
        """Spread kills over the run: after how many ended wishes each comes."""
        return [(self.rng.uniform(0.02, 0.95) * jobs, what) for _ in range(kills)]

    def _target(self):
        return self.server.info.endpoint if self.server is not None else None

    def _locate(self):
        server = self.server
        if server is None or server.process.poll() is not None:
            return None
        return replace(server.info, endpoint=self.proxy.endpoint)

    def run(self, timeout_s=600.0):
        """Go through all of it; raise AssertionError if it does not end."""
        began = time.monotonic()
        self.server = Server(self.folder)
        with self.proxy:
            artists = [Artist(n, self._locate, each) for n, each in enumerate(self._wishes)]
            try:
                while not all(artist.over for artist in artists):
                    assert time.monotonic() - began < timeout_s, self._unfulfilled()
                    for artist in artists:
                        artist.step()
                    self._kill_what_is_due(artists)
                    time.sleep(0.002)
            finally:
                for artist in artists:
                    artist.client.close()
        assert self.server.stop() == 0
        return {"wall_s": time.monotonic() - began, **self.outcome(artists)}

    def _unfulfilled(self):
        open_wishes = [wish for each in self._wishes for wish in each if not wish.over]
        return [(wish.name, wish.ends, len(wish.chunks), wish.total) for wish in open_wishes]

    def _kill_what_is_due(self, artists):
        ended = sum(wish.over for each in self._wishes for wish in each)
        while self._plan and self._plan[0][0] <= ended:
            _, what = self._plan.pop(0)
            self.kills[what] += 1
            if what == "client":
                self.rng.choice(artists).die()
            elif what == "worker":
                for pid in children(self.server.process.pid):
                    os.kill(pid, signal.SIGKILL)
            else:
                self._kill_server()

    def _kill_server(self):
        workers = children(self.server.process.pid)
        self.server.kill()
        died = time.monotonic()
        while any(map(alive, workers)) and time.monotonic() - died < 10:
            time.sleep(0.005)
        self.orphans_s.append(time.monotonic() - died)
        self.server = Server(self.folder)

    def outcome(self, artists):
        """Return what there is to report; every promise as a number that should be 0."""
        wishes = [wish for each in self._wishes for wish in each]
        ends = Counter(end for wish in wishes for end in wish.ends)
        left = [p for p in self.server.folder.rglob("*") if "partial" in p.name]
        return {
            "wishes": len(wishes),
            "ends": dict(ends),
            "lost": sum(not wish.ends for wish in wishes),
            "ended_twice": sum(len(wish.ends) > 1 for wish in wishes),
            "cancelled_unasked": sum(
                "cancelled" in wish.ends and not wish.cancelled for wish in wishes
            ),
            "differing": sum(wish.ends == ["done"] and not is_clean(wish) for wish in wishes),
            "bit_equal": sum(wish.ends == ["done"] and is_clean(wish) for wish in wishes),
            "kills": dict(self.kills),
            "faults": dict(self.proxy.done),
            "connections": self.proxy.connections,
            "partial_files_left": len(left),
            "orphan_s_max": max(self.orphans_s, default=0.0),
        }


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as listing:
            return [int(each) for each in listing.read().split()]
    except OSError:
        return []


def is_clean(wish):
    return is_clean_scene(wish.chunks, wish.request)


def is_clean_scene(chunks, request):
    """Whether what has arrived is, to the bit, what an undisturbed run makes."""
    expected = list(clean_chunks(result_of(request)))
    if [chunk.seq for chunk in chunks] != list(range(len(expected))):
        return False
    for chunk, (kind, index, meta, arrays) in zip(chunks, expected, strict=True):
        if (chunk.kind, chunk.index, dict(chunk.meta)) != (kind, index, dict(meta)):
            return False
        if chunk.arrays.keys() != arrays.keys():
            return False
        if any(chunk.arrays[name].tobytes() != arrays[name].tobytes() for name in arrays):
            return False
    return True
