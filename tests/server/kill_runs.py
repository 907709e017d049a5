"""``kill -9`` of a worker, a server or a client at random moments, and what is left of it.

Used by the tests of the suite and, for more moments, by ``make bench NAME=chaos``.
"""

import os
import random
import re
import signal
import subprocess
import sys
import time

import numpy as np
from tests.server.chaos_run import children, is_clean_scene
from tests.server.harness import (
    Server,
    alive,
    connect,
    environment,
    follow,
    is_last_chunk,
    make_request,
    of,
)
from tests.server.worker_jobs import STAGES, result_chunks, result_of

from bridge.events import ChunkArrived, Finished, Refused

STEPS = 30
FRAMES = 150


def kill_workers(folder, times, seed=0):
    """Kill the worker while it computes; the job is done by another without being asked again."""
    rng, server = random.Random(seed), Server(folder)
    found = _nothing_yet()
    with connect(server) as client:
        for number in range(times):
            request = make_request(f"stages#worker {number}", steps=STEPS)
            client.submit(request)
            _poll_for(client, rng.uniform(0.0, 0.6), found)
            workers = children(server.process.pid)
            for pid in workers:
                os.kill(pid, signal.SIGKILL)
            _finish(client, request, server, found)
    _leave(server, found)
    return found


def kill_servers(folder, times, seed=0):
    """Kill the server while it computes or streams, and start another."""
    rng, server = random.Random(seed), Server(folder)
    found = _nothing_yet()
    with connect(server) as client:
        for number in range(times):
            request = make_request(f"stages#server {number}", steps=STEPS)
            client.submit(request)
            _poll_for(client, rng.uniform(0.0, 0.9), found)
            workers = children(server.process.pid)
            server.kill()
            died = time.monotonic()
            while any(map(alive, workers)) and time.monotonic() - died < 10:
                time.sleep(0.002)
            found["orphan_s_max"] = max(found["orphan_s_max"], time.monotonic() - died)
            server = Server(folder)
            client._session._locate = server.locate
            _finish(client, request, server, found)
    _leave(server, found)
    return found


def kill_clients(folder, times, seed=0):
    """Kill a client in the middle of a stream; the next goes on where it was."""
    rng, server = random.Random(seed), Server(folder)
    found = _nothing_yet()
    with connect(server) as client:
        for number in range(times):
            request = make_request(f"stages#client {number}", steps=1, frames=FRAMES)
            job = client.submit(request)
            follow(client, is_last_chunk, 60)
            place = folder / f"scene {number}"
            command = [sys.executable, "-m", "livescape.commands.main", "fetch", job, str(place)]
            command += ["--state-dir", str(server.state_dir)]
            first = subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)
            while first.poll() is None and not (place / "scene.json").exists():
                time.sleep(0.001)
            time.sleep(rng.uniform(0.0, 0.3))
            first.kill()
            first.wait(10)
            there = len(list(place.glob("0*.npz"))) + (place / "scene.json").exists()
            again = subprocess.run(command, env=environment(), capture_output=True, text=True)
            copied = int(again.stderr.split()[0]) if again.returncode == 0 else 0
            found["parts_sent_twice"] += max(0, there + copied - (FRAMES + 4))
            found["done"] += again.returncode == 0
            found["bit_equal"] += again.returncode == 0 and _fetched(place, request)
            found["partial_files_left"] += sum("partial" in p.name for p in place.iterdir())
    _leave(server, found)
    return found


def resumed(server):
    """Return how many jobs went on with another worker or server, as the log says."""
    log = server.log()
    by_servers = re.findall(r"jobs of earlier servers, (\d+) of them go on", log)
    return log.count("is given to another worker") + sum(map(int, by_servers))


def _nothing_yet():
    return {
        "done": 0, "bit_equal": 0, "refused": 0, "finished_stages_computed_again": 0,
        "parts_sent_twice": 0, "orphan_s_max": 0.0, "partial_files_left": 0, "chunks": [],
    }  # fmt: skip


def _poll_for(client, seconds, found):
    end = time.monotonic() + seconds
    found["chunks"] = []
    while time.monotonic() < end:
        found["chunks"] += client.poll(wait_s=0.01)


def _finish(client, request, server, found):
    """Follow the job to its last chunk and compare it with an undisturbed run."""
    events, found["chunks"] = found["chunks"], []
    if not any(map(is_last_chunk, events)):
        events += follow(client, is_last_chunk, 60)
    found["done"] += [end.state for end in of(events, Finished)] == ["done"]
    found["bit_equal"] += is_clean_scene(of(events, ChunkArrived), request)
    found["refused"] += len(of(events, Refused))
    cache = server.state_dir / "cache" / request.job_id()
    for stage in STAGES:
        times = (cache / f"{stage}.times").read_text()
        found["finished_stages_computed_again"] += len(times) - 1


def _fetched(place, request):
    """Whether the files are, to the bit, what an undisturbed run makes."""
    for seq, (kind, _, _, arrays) in enumerate(result_chunks(result_of(request))):
        if seq == 0:
            continue
        with np.load(place / f"{seq:06d}_{kind}.npz") as kept:
            if any(kept[name].tobytes() != arrays[name].tobytes() for name in arrays):
                return False
    return True


def _leave(server, found):
    found["partial_files_left"] += sum("partial" in p.name for p in server.folder.rglob("*"))
    found["jobs_resumed"] = resumed(server)
    del found["chunks"]
    assert server.stop() == 0
