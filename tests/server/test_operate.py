"""The commands for whoever runs a server, against real servers."""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest
from tests.server.harness import (
    connect,
    environment,
    follow,
    is_connected,
    is_finished,
    is_last_chunk,
    make_request,
    of,
    wait_for,
)

from bridge.events import Acked, ChunkArrived, Lost, Progressed
from livescape.commands import jobs as jobs_command
from livescape.commands.main import main
from livescape_shared.connection import connection_file


@pytest.fixture
def say(server, capsys):
    """Run a command against the shared server; return exit code, output and errors."""

    def run(*words, to=server):
        code = main([*words, "--state-dir", str(to.state_dir)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def made(client, request):
    """Let the server make a scene and return its job and chunks."""
    job = client.submit(request)
    return job, of(follow(client, is_last_chunk), ChunkArrived)


def test_status_and_jobs_say_what_there_is(say, client):
    job, _ = made(client, make_request("count#listed"))
    failed = client.submit(make_request("error#listed"))
    follow(client, is_finished)
    code, out, _ = say("status", "--json")
    status = json.loads(out)
    assert code == 0
    assert status["clients"] >= 1
    assert status["queue"]["done"] >= 1
    assert 0 < status["memory"]["free"] <= status["memory"]["total"]
    assert 0 < status["disk"]["free"] <= status["disk"]["total"]
    assert {"livescape", "protocol", "python"} <= status["versions"].keys()
    assert 0 < status["results"]["bytes"] < status["results"]["quota"]
    jobs = json.loads(say("jobs", "--json")[1])
    assert (jobs[job]["state"], jobs[job]["chunks"], jobs[job]["client"]) == ("done", 8, "test")
    assert jobs[failed]["error"]["code"] == "depth_failed"
    table = say("jobs")[1]
    assert job[:12] in table
    assert "depth_failed" in table
    assert "free of" in say("status")[1]


def test_a_job_is_watched_to_its_end_without_being_waited_for(say, client):
    job = client.submit(make_request("slow#watched", steps=20))
    follow(client, lambda event: isinstance(event, Progressed))
    assert json.loads(say("jobs", "--json")[1])[job]["waiting"] == 1
    code, _, err = say("watch", job[:10])
    assert (code, err.splitlines()[-1]) == (0, f"{job} is done")
    assert "counting" in err
    failed = client.submit(make_request("error#watched"))
    follow(client, lambda event: is_finished(event) and event.job == failed)
    code, _, err = say("watch", failed)
    assert code == 1
    assert "depth_failed: There is no depth." in err


def test_a_job_that_is_awaited_is_cancelled_only_by_force(say, client):
    job = client.submit(make_request("slow#forced", steps=2000))
    follow(client, lambda event: isinstance(event, Progressed))
    code, _, err = say("cancel", job)
    assert code == 2
    assert "job_awaited: 1 client waits" in err
    assert say("forget", job)[2].startswith("job_in_use")
    assert say("cancel", job, "--force")[0] == 0
    assert follow(client, is_finished)[-1].state == "cancelled"
    assert say("watch", job)[0] == 3


def test_a_result_is_fetched_begun_again_and_forgotten(say, client, tmp_path):
    job, chunks = made(client, make_request("count#fetched", frames=6))
    folder = tmp_path / "scene"
    assert say("fetch", job, str(folder))[0] == 0
    scene = json.loads((folder / "scene.json").read_text())
    assert scene["job"] == job
    assert scene["scene"] == dict(chunks[0].meta)
    for chunk in chunks[1:]:
        (path,) = folder.glob(f"{chunk.seq:06d}_{chunk.kind}.npz")
        with np.load(path) as arrays:
            assert {name: arrays[name].tobytes() for name in arrays} == {
                name: array.tobytes() for name, array in chunk.arrays.items()
            }
    for path in list(folder.iterdir())[4:]:
        if path.name > "000004":
            path.unlink()
    assert "parts copied" in say("fetch", job, str(folder))[2]
    assert len(list(folder.iterdir())) == len(chunks)
    assert say("fetch", job, str(folder))[2].startswith("0 of 10 parts")
    other, _ = made(client, make_request("count#other"))
    assert say("fetch", other, str(folder))[2].startswith("folder_differs")
    assert say("forget", job)[0] == 0
    assert say("fetch", job, str(folder))[2].startswith("job_unknown")


def test_a_fetch_that_is_killed_goes_on_where_it_was(server, client, tmp_path):
    job, chunks = made(client, make_request("count#killed fetch", frames=400))
    folder = tmp_path / "scene"
    command = [sys.executable, "-m", "livescape.commands.main", "fetch", job, str(folder)]
    command += ["--state-dir", str(server.state_dir)]
    first = subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)
    wait_for(lambda: len(list(folder.glob("*_frame.npz"))) > 5, 20)
    first.kill()
    first.wait(10)
    there = len(list(folder.glob("0*.npz")))
    assert there < len(chunks) - 1
    second = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60)
    assert second.returncode == 0
    copied = int(second.stderr.split()[0])
    assert copied == len(chunks) - 1 - there
    assert len(list(folder.iterdir())) == len(chunks), "nothing partial is left"
    last = chunks[-1]
    with np.load(folder / f"{last.seq:06d}_frame.npz") as arrays:
        assert arrays["means"].tobytes() == last.arrays["means"].tobytes()


def test_a_server_that_does_not_run_and_a_job_that_is_not_there_are_named(say, tmp_path, capsys):
    assert main(["jobs", "--state-dir", str(tmp_path)]) == 2
    assert "server_unreachable" in capsys.readouterr().err
    for prefix in ("ffff", "", "f"):
        code, _, err = say("watch", prefix)
        assert (code, err.split(":")[0]) == (2, "job_unknown")


def test_a_stopped_server_says_goodbye_and_the_next_one_goes_on(start):
    first = start()
    with connect(first) as client:
        job = client.submit(make_request("slow#stopped", steps=40))
        follow(client, lambda event: isinstance(event, Progressed))
        first.process.terminate()
        lost = follow(client, lambda event: isinstance(event, Lost))[-1]
        assert lost.error.code == "server_stopped"
        assert "asked to stop" in lost.error.message
        assert first.process.wait(10) == 0
        assert not connection_file(first.state_dir).exists()
        second = start()
        client._session._locate = second.locate
        events = follow(client, lambda event: is_finished(event))
        assert events[-1].state == "done"
        assert of(events, Acked)[0].job == job


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
def test_a_server_that_is_let_go_ends_when_nobody_uses_it(start):
    server = start()
    with connect(server) as client:
        follow(client, is_connected)
        server.process.send_signal(signal.SIGHUP)
        client.submit(make_request("slow#let go", steps=20))
        assert follow(client, is_finished)[-1].state == "done"
        follow(client, is_last_chunk)
        assert server.process.poll() is None
    assert server.process.wait(10) == 0


def test_logs_rotate_and_hold_what_the_worker_says(start, tmp_path):
    log = tmp_path / "logs" / "livescape.log"
    server = start("--log-file", str(log), "--log-size", "0.002")
    with connect(server) as client:
        for number in range(60):
            client.submit(make_request(f"print#{number}"))
            follow(client, is_finished)
    assert server.stop() == 0
    files = sorted(path.name for path in log.parent.iterdir())
    assert files == ["livescape.log", "livescape.log.1", "livescape.log.2", "livescape.log.3"]
    assert all((log.parent / name).stat().st_size <= 3_000 for name in files)
    assert "not an event" in "".join((log.parent / name).read_text() for name in files)
    assert "not an event" not in server.log()


def test_all_lines_of_what_a_worker_says_reach_the_log(start):
    server = start()
    with connect(server) as client:
        for number in range(20):  # some four hundred lines of tracebacks
            client.submit(make_request(f"fault#{number}"))
            follow(client, is_finished)
    assert server.stop() == 0
    assert server.log().count("KeyError: 'no such key'") >= 20


def test_a_log_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    command = [sys.executable, "-m", "livescape.server", "--state-dir", str(tmp_path / "state")]
    command += ["--log-file", str(tmp_path / "file" / "log")]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=20)
    assert (result.returncode, result.stderr.split(":")[0]) == (1, "log_not_writable")


def test_times_and_sizes_are_said_as_people_do():
    said = [jobs_command.span(seconds) for seconds in (0, 119, 120, 7200, 3e5, -4)]
    assert said == ["0 s", "119 s", "2 min", "2 h", "3 d", "0 s"]
    sizes = [jobs_command.bytes_text(count) for count in (7, 1500, 2.5e6, 3.21e9, 7e12)]
    assert sizes == ["7 B", "2 kB", "2 MB", "3.2 GB", "7000.0 GB"]
