"""Starting, stopping and dying: nothing is left behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.server.harness import (
    ROOT,
    alive,
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
from tests.server.worker_jobs import Result, result_chunks

from bridge.events import ChunkArrived, Finished, Lost, Progressed, Refused
from livescape.server.lifetime import ORPHAN_IDLE_S, Lifetime
from livescape.server.results import ResultWriter
from livescape_shared.connection import (
    ALREADY_RUNNING,
    ServerInfo,
    connection_file,
    read_connection_file,
)
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import PROTOCOL_VERSION
from livescape_shared.processes import process_alive


def worker_pid(client):
    client.submit(make_request("count#who"))
    return of(follow(client, is_last_chunk), Finished)[0].report["pid"]


def test_a_stopped_server_cleans_up(start):
    server = start()
    with connect(server) as client:
        worker = worker_pid(client)
    assert server.stop() == 0
    assert not connection_file(server.state_dir).exists()
    wait_for(lambda: not alive(worker), what="the worker's end")


def test_a_killed_server_takes_its_worker_along_and_is_replaced(start):
    server = start()
    with connect(server) as client:
        worker = worker_pid(client)
        job = client.submit(make_request("hang", steps=1))
        follow(client, lambda event: isinstance(event, Progressed))
        server.kill()
        lost = follow(client, lambda event: isinstance(event, Lost))[-1]
        assert lost.error.code in ("server_unreachable", "server_silent")
        assert client.state == "lost"
        wait_for(lambda: not alive(worker), what="the worker's end")
        assert connection_file(server.state_dir).exists()  # stale, as kill -9 leaves it
        client.cancel(job)
        assert [(e.job, e.state) for e in client.poll() if is_finished(e)] == [(job, "cancelled")]
        second = start()
        assert second.info.token != server.info.token
        client._session._locate = second.locate
        follow(client, is_connected)
        client.submit(make_request("count#second"))
        events = follow(client, is_last_chunk)
        assert [end.state for end in of(events, Finished)] == ["done"]
        assert not of(events, Refused)


def test_a_job_is_taken_up_by_a_new_server(start):
    servers = [start()]
    with connect(servers[0]) as client:
        client._session._locate = lambda: servers[-1].locate()
        client.submit(make_request("slow#survivor", steps=8))
        follow(client, lambda event: isinstance(event, Progressed))
        servers[0].kill()
        follow(client, lambda event: isinstance(event, Lost))
        servers.append(start())
        events = follow(client, is_last_chunk)
    assert len(of(events, Finished)) == 1
    chunks = of(events, ChunkArrived)
    assert [chunk.seq for chunk in chunks] == list(range(chunks[0].total))


def test_one_server_a_folder(start):
    server = start()
    command = [sys.executable, "-m", "livescape.server", "--state-dir", str(server.state_dir)]
    second = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=20)
    assert second.returncode == ALREADY_RUNNING
    assert "server_already_running" in second.stderr
    assert read_connection_file(server.state_dir) == server.info


def test_a_port_in_use_is_named(start, tmp_path):
    port = start().info.endpoint.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "livescape.server", "--port", port]
    command += ["--state-dir", str(tmp_path / "other")]
    second = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=20)
    assert second.returncode == 1
    assert "port_unavailable" in second.stderr
    assert not connection_file(tmp_path / "other").exists()


def test_the_network_is_refused_on_the_command_line(tmp_path):
    command = [sys.executable, "-m", "livescape.server", "--host", "0.0.0.0"]
    command += ["--state-dir", str(tmp_path)]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=20)
    assert result.returncode == 1
    assert "server_not_loopback" in result.stderr


@pytest.mark.parametrize("orphaned", [False, True], ids=["child", "stranger"])
def test_the_server_ends_with_its_parent(tmp_path, orphaned):
    """The parent is a process of its own that starts the server and is then killed."""
    sleeper = "import time; time.sleep(60)"
    options = [sys.executable, "-m", "livescape.server", "--state-dir", str(tmp_path / "state")]
    options += ["--job", "tests.server.worker_jobs:generate", "--parent-pid"]
    starter = (
        "import os, subprocess, sys, time\n"
        f"subprocess.Popen({options!r} + [str(os.getpid())], start_new_session=True)\n"
        "time.sleep(60)"
    )
    log = (tmp_path / "log").open("wb")
    code = sleeper if orphaned else starter
    parent = subprocess.Popen([sys.executable, "-c", code], env=environment(), stderr=log)
    server = None
    if orphaned:
        command = [*options, str(parent.pid)]
        server = subprocess.Popen(command, env=environment(), stderr=log)
    try:
        info = wait_for(lambda: read_connection_file(tmp_path / "state"), 20, "the server")
        assert alive(info.pid)
        parent.kill()
        parent.wait(10)
        wait_for(lambda: not alive(info.pid), what="the server's end", timeout_s=20)
        assert not connection_file(tmp_path / "state").exists()
    finally:
        parent.kill()
        log.close()
        if server is not None:
            server.wait(10)


def test_an_unused_server_ends_and_a_used_one_does_not(start):
    server = start("--idle-shutdown", "0.6")
    with connect(server) as client:
        client.submit(make_request("slow#long", steps=25))
        events = follow(client, is_last_chunk)
        assert of(events, Finished)[0].state == "done"
        assert server.process.poll() is None
    assert server.process.wait(10) == 0


def nobody():
    return False


def test_use_and_work_keep_a_server_alive(monkeypatch):
    monkeypatch.setattr("signal.signal", lambda *_: None)
    now = [100.0]
    life = Lifetime(0, 60.0, clock=lambda: now[0])
    seen = 100.0
    for active, passed, over in [
        (False, 60.0, False),
        (True, 1000.0, False),
        (False, 60.0, False),
        (False, 0.1, True),
    ]:
        now[0] += passed
        assert life.over(active=active, last_seen=seen, connected=nobody) is over
    assert not life.over(active=False, last_seen=now[0] - 60.0, connected=nobody)
    assert not life.over(active=False, last_seen=0.0, connected=lambda: True)
    for_ever = Lifetime(0, 0.0, clock=lambda: now[0])
    assert not for_ever.over(active=False, last_seen=0.0, connected=nobody)


def test_a_server_outlives_its_parent_for_as_long_as_it_is_used(monkeypatch):
    monkeypatch.setattr("signal.signal", lambda *_: None)
    now = [100.0]
    life = Lifetime(2**31 - 1, 0.0, clock=lambda: now[0])
    for used in [
        {"active": True, "last_seen": 0.0, "connected": nobody},
        {"active": False, "last_seen": 0.0, "connected": lambda: True},
    ]:
        now[0] += 1000.0
        assert not life.over(**used)
    assert not life.over(active=False, last_seen=now[0], connected=nobody)
    now[0] += ORPHAN_IDLE_S + 0.1
    assert life.over(active=False, last_seen=now[0] - ORPHAN_IDLE_S - 0.1, connected=nobody)


def test_a_missing_backend_is_explained(start):
    server = start("--job", "livescape.no_such_module:generate")
    with connect(server) as client:
        for number in range(2):
            client.submit(make_request(f"count#{number}"))
            end = follow(client, is_finished)[-1]
            assert end.error.code == "backend_incomplete"
            assert "livescape[backend]" in end.error.hint


def test_a_hung_worker_is_replaced(start):
    server = start("--stall-timeout", "1.5")
    with connect(server) as client:
        client.submit(make_request("hang", steps=1))
        end = follow(client, is_finished)[-1]
        assert (end.error.code, end.error.retryable) == ("worker_hung", True)
        client.submit(make_request("count#next"))
        assert follow(client, is_finished)[-1].state == "done"


def test_old_results_make_room(start, tmp_path):
    writer = ResultWriter(tmp_path / "measured", "j" * 32)
    for part in result_chunks(Result(make_request("count").settings.loop_frames)):
        writer.add(*part)
    server = start("--results-quota", str(2.5 * writer.size / 2**30))
    with connect(server) as client:
        for number in range(5):
            client.submit(make_request(f"count#{number}"))
            follow(client, is_last_chunk)
        wait_for(lambda: len(list((server.folder / "results").iterdir())) <= 2)
        folders = {path.name for path in (server.folder / "results").iterdir()}
        jobs = [make_request(f"count#{number}").job_id() for number in range(5)]
        kept = [any(name.startswith(job) for name in folders) for job in jobs]
        assert kept == [False, False, False, True, True]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux's /proc")
def test_threads_of_the_worker_sleep_while_they_wait(start):
    server = start()
    with connect(server) as client:
        follow(client, is_connected)
        variables = Path(f"/proc/{worker_pid(client)}/environ").read_bytes().split(b"\0")
    assert b"OMP_WAIT_POLICY=PASSIVE" in variables


GOOD = {
    "endpoint": "tcp://127.0.0.1:9",
    "token": "t",
    "pid": 3,
    "version": "0.1.0",
    "protocol": [3, 0],
}
WRONG = [
    ("endpoint", 7),
    ("endpoint", "tcp://127.0.0.1:nonsense"),
    ("endpoint", "tcp://127.0.0.1:99999"),
    ("endpoint", "tcp://127.0.0.1"),
    ("endpoint", "tcp://[::1"),
    ("endpoint", "ipc:///tmp/x"),
    ("endpoint", ""),
    ("token", None),
    ("token", ["t"]),
    ("pid", "3"),
    ("pid", 2.0),
    ("pid", True),
    ("pid", 0),
    ("pid", -1),
    ("pid", 2**80),
    ("pid", float("inf")),
    ("version", {}),
    ("protocol", [1]),
    ("protocol", [2.0, 0]),
    ("protocol", "10"),
    ("protocol", {"1": 0}),
    ("protocol", 1),
]


def invalid_connection(folder, text):
    connection_file(folder).parent.mkdir()
    connection_file(folder).write_text(text, encoding="utf-8")
    with pytest.raises(LivescapeError) as caught:
        read_connection_file(folder)
    return caught.value.code == "connection_file_invalid"


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": 3}', "\0\xff", "[" * 60_000])
def test_a_damaged_connection_file_is_named(tmp_path, text):
    assert invalid_connection(tmp_path, text)


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_connection_file_with_an_impossible_value_is_named(tmp_path, name, value):
    assert ServerInfo.from_json(json.dumps(GOOD)).pid == 3
    assert invalid_connection(tmp_path, json.dumps({**GOOD, name: value}))


def test_the_connection_record_survives_the_file_and_newer_fields(tmp_path):
    info = ServerInfo("tcp://127.0.0.1:1", "t", 7, "0.1.0", PROTOCOL_VERSION)
    assert ServerInfo.from_json(json.dumps({**json.loads(info.to_json()), "more": 1})) == info
    assert read_connection_file(tmp_path) is None


def test_living_and_dead_processes_are_told_apart():
    assert process_alive(os.getpid())
    assert not process_alive(0)
    assert not process_alive(-5)
    assert not process_alive(2**31 - 1)
    assert not process_alive(2**80)


def test_the_command_line_and_the_module_are_one(tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "livescape.server", "--help"],
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert result.returncode == 0
    for option in ("--port", "--state-dir", "--parent-pid", "--idle-shutdown"):
        assert option in result.stdout
