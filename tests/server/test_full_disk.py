"""A disk that is full, at every moment at which the server may meet it."""

import os
import shutil
import subprocess
import sys
from collections import Counter

import pytest
from tests.server.harness import (
    JOB,
    Server,
    connect,
    environment,
    follow,
    is_finished,
    is_last_chunk,
    make_request,
    of,
)

from bridge.events import ChunkArrived, Progressed, Refused
from livescape.server.computing import Unwritten, run_job
from livescape.server.results import write_request
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Submit

SIZE_MIB = 6


class Disk:
    """A small file system of its own."""

    def __init__(self, place):
        self.place = place
        self._ballast = place / "ballast"

    def fill(self):
        with self._ballast.open("ab", buffering=0) as stream:
            for size in (2**16, 2**10, 1):
                while True:
                    try:
                        stream.write(bytes(size))
                    except OSError:
                        break
        assert shutil.disk_usage(self.place).free == 0

    def free(self):
        self._ballast.unlink()


@pytest.fixture
def disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "livescape-test", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs the right to mount a file system")
    yield Disk(place)
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def server(disk):
    running = Server(disk.place, "--keep-free", "0")
    yield running
    if running.process.poll() is None:
        running.kill()


def names(folder):
    return Counter(path.name for path in folder.rglob("*"))


def test_a_start_on_a_full_disk_says_so(disk):
    disk.fill()
    state = disk.place / "state"
    command = [sys.executable, "-m", "livescape.server", "--job", JOB, "--state-dir", str(state)]
    end = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60)
    assert end.returncode == 1
    assert "disk_full" in end.stderr
    assert "Traceback" not in end.stderr
    disk.free()
    again = Server(disk.place, "--keep-free", "0")
    assert again.stop() == 0


def test_a_request_that_does_not_fit_is_refused_and_leaves_nothing(disk, server):
    with connect(server) as client:
        client.submit(make_request("count#first"))
        follow(client, is_last_chunk)
        before = names(server.folder / "results")
        disk.fill()
        request = make_request("count#second")
        client.submit(request)
        error = follow(client, lambda event: isinstance(event, Refused))[-1].error
        assert (error.code, error.stage, error.retryable) == ("disk_full", "submit", True)
        assert names(server.folder / "results") == before
        client.submit(make_request("count#first"))
        chunks = of(follow(client, is_last_chunk), ChunkArrived)
        assert chunks[-1].seq == chunks[-1].total - 1, "what is there is still read"
        disk.free()
        client.submit(request)
        assert follow(client, is_finished)[-1].state == "done"
    assert server.stop() == 0


def test_a_result_that_does_not_fit_is_written_when_there_is_room(disk, server):
    """And not computed again."""
    with connect(server) as client:
        request = make_request("slow#result", steps=8)
        client.submit(request)
        follow(client, lambda event: isinstance(event, Progressed))
        disk.fill()
        end = follow(client, is_finished)[-1]
        assert (end.state, end.error.code, end.error.stage) == ("failed", "disk_full", "result")
        # What is left is being taken away meanwhile: a folder may go while it is listed.
        left = [file for _, _, files in os.walk(server.folder / "results") for file in files]
        assert not [file for file in left if file.endswith(".chunk")]
        disk.free()
        client.submit(request)
        events = follow(client, is_last_chunk)
        assert of(events, Progressed) == []
        chunks = of(events, ChunkArrived)
        assert [chunk.seq for chunk in chunks] == list(range(chunks[0].total))
    assert server.stop() == 0


class Ear:
    """The worker's pipes, for one that runs here."""

    def __init__(self):
        self.said = []

    def say(self, event, **values):
        self.said.append({"event": event, **values})

    def cancelled(self, run):
        return False


class Made:
    report = ()


def test_only_the_same_job_takes_up_what_could_not_be_written(tmp_path):
    made, room = [], []
    request = make_request()

    def generate(request, **_):
        made.append(request)
        return Made()

    def chunks(result):
        yield "scene", 0, {}, {}
        if not room:
            raise LivescapeError("disk_full", "No room.")

    def run(job):
        ear, folder = Ear(), tmp_path / f"{job}{len(made)}{os.urandom(4).hex()}"
        write_request(folder, Submit(request.body(), request.arrays()))
        command = {
            "run": "r", "job": job, "folder": str(folder), "cache_dir": "", "free_bytes": 0,
            "progress_interval_s": 0.0,
        }  # fmt: skip
        run_job(command, ear, (generate, chunks), unwritten)
        return ear.said[-1]["event"]

    unwritten = Unwritten()
    assert [run("one"), run("one"), len(made)] == ["failed", "failed", 1]
    room.append(True)
    assert [run("one"), len(made)] == ["done", 1]
    assert [run("one"), len(made)] == ["done", 2], "what was written is not kept"
    room.clear()
    assert [run("one"), len(made)] == ["failed", 3]
    assert [run("two"), len(made)] == ["failed", 4]
    room.append(True)
    assert [run("one"), len(made)] == ["done", 5], "only the last one is kept"
