"""Finding a server, starting one, and saying why it does not start."""

import os
import socket
import sys
from pathlib import Path

import pytest
from platformdirs import windows
from platformdirs.macos import MacOS
from tests.server.harness import JOB, Client, environment, follow, is_connected, wait_for

from bridge.launcher import Launch, find_server, log_tail, start_server, startup_file
from livescape.server.state_folder import ServerLock, claim_folder
from livescape_shared.connection import (
    ALREADY_RUNNING,
    ServerInfo,
    chosen_state_dir,
    connection_file,
    default_state_dir,
    read_connection_file,
    running_server,
    state_name,
)
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import PROTOCOL_VERSION
from livescape_shared.processes import own_environment


@pytest.fixture
def python(tmp_path):
    """A Python that finds the backend and the tests' own jobs by itself, as an installed one."""
    script = tmp_path / "python"
    paths = environment()["PYTHONPATH"]
    found = "${PYTHONPATH:+$PYTHONPATH:}"  # what reaches it comes first
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{found}{paths}" exec "{sys.executable}" "$@"\n')
    script.chmod(0o755)
    return script


def until_settled(launch):
    return wait_for(lambda: status if (status := launch.poll()).state != "starting" else None, 20)


def test_a_server_is_started_used_again_and_ends(python, tmp_path):
    state, log = tmp_path / "state", tmp_path / "logs" / "server.log"
    launch = Launch(python, state, log, arguments=("--job", JOB))
    assert launch.poll().state == "starting"
    status = until_settled(launch)
    try:
        assert status.state == "ready"
        assert status.info == find_server(state)
        with Client(lambda: find_server(state)) as client:
            follow(client, is_connected)
        again = Launch(Path("/no/such/python"), state, log)
        assert again.poll().info == status.info
        assert again.process is None
        assert "listens on" in log.read_text()
    finally:
        launch.process.terminate()
        assert launch.process.wait(10) == 0
    assert find_server(state) is None


def test_two_that_start_one_at_once_use_the_same(python, tmp_path):
    """The server of one finds the folder taken, by one that clients may not find yet."""
    state = tmp_path / "state"
    launches = [
        Launch(python, state, tmp_path / name, arguments=("--job", JOB)) for name in ("a", "b")
    ]
    for launch in launches:
        assert launch.poll().state == "starting"
    started = [launch.process for launch in launches]
    found = [until_settled(launch) for launch in launches]
    try:
        assert [status.state for status in found] == ["ready", "ready"]
        assert found[0].info.pid == found[1].info.pid
        wait_for(lambda: any(each.poll() is not None for each in started), 20)
        assert {each.poll() for each in started} == {None, ALREADY_RUNNING}
    finally:
        for process in started:
            process.terminate()
            process.wait(10)


def test_who_waits_for_a_server_that_another_has_started_does_not_wait_for_ever(python, tmp_path):
    state, now = tmp_path / "state", [0.0]
    with ServerLock(claim_folder(state)):
        launch = Launch(python, state, tmp_path / "log", clock=lambda: now[0])
        assert launch.poll().state == "starting"
        assert launch.process.wait(20) == ALREADY_RUNNING
        assert launch.poll().state == "starting"
        assert launch.process is None
        now[0] = 61.0
        status = launch.poll()
    assert (status.state, status.error.code) == ("failed", "server_start_failed")
    if launch.process is not None:
        launch.process.wait(10)


def test_a_missing_python_is_named(tmp_path):
    status = Launch(tmp_path / "python", tmp_path / "s", tmp_path / "log").poll()
    assert status.state == "failed"
    assert status.error.code == "server_start_failed"
    assert "preferences" in status.error.hint


def test_a_python_without_livescape_shows_its_last_words(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    launch = Launch(
        Path(sys.executable), tmp_path / "s", tmp_path / "log", arguments=("--port", "x")
    )
    status = until_settled(launch)
    assert (status.state, status.error.code) == ("failed", "server_start_failed")
    assert status.details.strip()
    assert launch.poll() is status


MISLEADING = {
    "PYTHONPATH": "/broken",
    "PYTHONHOME": "/no/such/python",
    "PYTHONSTARTUP": "/broken/startup.py",
    "PYTHONINSPECT": "1",
    "PYTHONWARNINGS": "error",
    "CONDA_PREFIX": "/opt/conda/envs/other",
    "CONDA_DEFAULT_ENV": "other",
    "VIRTUAL_ENV": "/home/a/venv",
    "__PYVENV_LAUNCHER__": "/no/such/launcher",
}


def test_what_the_shell_says_of_other_pythons_does_not_reach_the_server(
    python, monkeypatch, tmp_path
):
    """Each would end it: a package of the wrong kind, no library, every warning an error."""
    broken = tmp_path / "broken"
    broken.mkdir()
    for name in ("msgpack", "zmq", "json", "encodings"):
        (broken / f"{name}.py").write_text("raise SystemExit('not this one')\n")
    for name, value in MISLEADING.items():
        monkeypatch.setenv(name, value.replace("/broken", str(broken)))
    launch = Launch(python, tmp_path / "state", tmp_path / "log", arguments=("--job", JOB))
    status = until_settled(launch)
    assert status.state == "ready", status.details
    launch.process.terminate()
    assert launch.process.wait(10) == 0


@pytest.mark.parametrize(
    ("variables", "kept"),
    [
        (
            {**MISLEADING, "HOME": "/home/a", "LD_LIBRARY_PATH": "/cuda"},
            {"HOME", "LD_LIBRARY_PATH"},
        ),
        ({"PythonPath": "C:\\x", "CONDA_SHLVL": "2", "_CE_CONDA": "", "TEMP": "t"}, {"TEMP"}),
        ({"PYENV_VERSION": "3.8", "CONDA_PREFIX_1": "/c", "PIPENV_ACTIVE": "1"}, set()),
        ({"LIVESCAPE_DEVICE": "cpu", "PIP_INDEX_URL": "u"}, {"LIVESCAPE_DEVICE", "PIP_INDEX_URL"}),
    ],
)
def test_only_what_concerns_other_pythons_is_left_out(variables, kept):
    assert set(own_environment(variables)) == kept


def test_folders_of_other_environments_leave_the_path():
    path = os.pathsep.join(["/opt/conda/envs/other/bin", "/usr/bin", "/opt/conda/envs/othermore"])
    found = own_environment({"PATH": path, "CONDA_PREFIX": "/opt/conda/envs/other"})
    assert found == {"PATH": os.pathsep.join(["/usr/bin", "/opt/conda/envs/othermore"])}
    assert own_environment({"PATH": "/usr/bin", "PYTHONHOME": "/usr"}) == {"PATH": "/usr/bin"}


def test_a_server_that_takes_too_long_is_ended(tmp_path):
    sleeper = tmp_path / "sleeper"
    sleeper.write_text("#!/bin/sh\necho still thinking\nexec sleep 60\n")
    sleeper.chmod(0o755)
    now = [0.0]
    launch = Launch(sleeper, tmp_path / "s", tmp_path / "log", clock=lambda: now[0])
    assert launch.poll().state == "starting"
    wait_for(lambda: "thinking" in log_tail(startup_file(tmp_path / "log")))
    now[0] = 61.0
    status = launch.poll()
    assert (status.state, status.details) == ("failed", "still thinking")
    assert launch.process.returncode is not None


def write_info(folder, pid, port):
    info = ServerInfo(f"tcp://127.0.0.1:{port}", "t", pid, "0.1.0", PROTOCOL_VERSION)
    connection_file(folder).parent.mkdir(exist_ok=True)
    connection_file(folder).write_text(info.to_json())
    return info


def test_the_file_of_a_dead_server_is_not_a_server(tmp_path):
    assert find_server(tmp_path) is None
    write_info(tmp_path, 2**31 - 1, 9)
    assert find_server(tmp_path) is None
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        info = write_info(tmp_path, os.getpid(), port)
        assert find_server(tmp_path) == info
    assert find_server(tmp_path) is None  # a living process, but nobody listens any more


def test_a_stale_file_is_replaced(python, tmp_path):
    claim_folder(tmp_path)
    write_info(tmp_path, 2**31 - 1, 9)
    launch = Launch(python, tmp_path, tmp_path / "log", arguments=("--job", JOB))
    status = until_settled(launch)
    launch.process.terminate()
    launch.process.wait(10)
    assert status.info.pid == launch.process.pid
    assert read_connection_file(tmp_path) is None


FOREIGN = ["", "{", '{"a": 1}', "[1, 2]", "\0\xff", '{"endpoint": "http://x", "pid": 1}']


@pytest.mark.parametrize("text", FOREIGN)
def test_a_damaged_or_foreign_file_is_no_server(tmp_path, text):
    connection_file(tmp_path).parent.mkdir()
    connection_file(tmp_path).write_text(text, encoding="utf-8")
    assert find_server(tmp_path) is None
    with pytest.raises(LivescapeError) as caught:
        running_server(tmp_path)
    assert caught.value.code == "server_unreachable"


def test_a_damaged_file_is_replaced_by_the_next_server_and_by_one_that_runs(python, tmp_path):
    claim_folder(tmp_path)
    connection_file(tmp_path).write_text("{}", encoding="utf-8")
    launch = Launch(python, tmp_path, tmp_path / "log", arguments=("--job", JOB))
    status = until_settled(launch)
    try:
        assert status.state == "ready", status.details
        for text in (*FOREIGN[:3], None):
            if text is None:
                connection_file(tmp_path).unlink()
            else:
                connection_file(tmp_path).write_text(text, encoding="utf-8")
            assert wait_for(lambda: find_server(tmp_path)) == status.info
    finally:
        launch.process.terminate()
        assert launch.process.wait(10) == 0
    assert not connection_file(tmp_path).exists()


def test_a_log_that_cannot_be_written_is_a_failed_start(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LivescapeError) as caught:
        start_server(Path(sys.executable), tmp_path, tmp_path / "file" / "log")
    assert caught.value.code == "server_start_failed"


def test_the_log_tail_is_short(tmp_path):
    log = tmp_path / "log"
    log.write_text("\n".join(f"line {number}" for number in range(100_000)))
    lines = log_tail(log).splitlines()
    assert lines[-1] == "line 99999"
    assert len(lines) == 12
    assert log_tail(tmp_path / "none") == ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of other platforms see below")
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LIVESCAPE_STATE_DIR": "/chosen"}, "/chosen"),
        ({"LIVESCAPE_STATE_DIR": "/chosen", "XDG_STATE_HOME": "/state"}, "/chosen"),
        ({"XDG_STATE_HOME": "/state"}, "/state/livescape"),
        ({"HOME": "/home/a"}, "/home/a/.local/state/livescape"),
    ],
)
def test_the_state_folder_is_where_it_was(monkeypatch, variables, expected):
    for name in ("LIVESCAPE_STATE_DIR", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert default_state_dir() == Path(expected)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [("~/x", "HOME/x"), ("~", "HOME"), ("made/here", "CWD/made/here"), ("./x", "CWD/x"),
     ("~nobody-is-called-so/x", "CWD/~nobody-is-called-so/x")],
)  # fmt: skip
def test_a_state_folder_may_be_relative_or_at_home(monkeypatch, tmp_path, chosen, expected):
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LIVESCAPE_STATE_DIR", chosen)
    wanted = Path(expected.replace("HOME", str(tmp_path / "home")).replace("CWD", str(tmp_path)))
    assert default_state_dir() == chosen_state_dir(None) == wanted
    assert chosen_state_dir(Path(chosen)) == wanted


def test_the_state_folder_of_other_platforms_is_where_it_was(monkeypatch):
    monkeypatch.setenv("HOME", "/Users/a")
    on_mac = MacOS(state_name("darwin"), appauthor=False).user_state_dir
    assert on_mac == "/Users/a/Library/Application Support/Livescape"
    monkeypatch.setattr(windows, "get_win_folder", lambda name: {"CSIDL_LOCAL_APPDATA": "L"}[name])
    on_windows = windows.Windows(state_name("win32"), appauthor=False).user_state_dir
    assert Path(on_windows) == Path("L") / "Livescape"
