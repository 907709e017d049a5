"""The server uses a folder of its own and harms nothing that is not its own."""

import os
import socket
import stat
import subprocess
import sys

import pytest
from tests.server.harness import JOB, environment

from livescape.server.state_folder import (
    MARKER,
    ServerLock,
    claim_folder,
    make_cache_dir,
    publish,
    results_folder,
    withdraw,
)
from livescape_shared.connection import ServerInfo, connection_file, server_folder
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import PROTOCOL_VERSION

INFO = ServerInfo("tcp://127.0.0.1:9", "t", 7, "0.1.0", PROTOCOL_VERSION)


def code(function, *arguments):
    with pytest.raises(LivescapeError) as caught:
        function(*arguments)
    assert caught.value.hint
    return caught.value.code


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def full(tmp_path):
    """A folder of the user's that holds what a server might take for its own."""
    folder = tmp_path / "documents"
    for name in ("results/thesis.txt", "cache/a", "letter.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("precious")
    folder.chmod(0o755)
    return folder


@pytest.mark.parametrize("through_link", [False, True])
def test_a_users_folder_is_left_as_it_was(full, through_link):
    before = tree(full)
    named = full
    if through_link:
        named = full.with_name("link")
        named.symlink_to(full)
    folder = claim_folder(named)
    with ServerLock(folder):
        results_folder(folder)
        publish(named, INFO)
        withdraw(named, INFO)
    assert mode(full) == 0o755
    after = tree(full)
    assert {name: after[name] for name in before} == before
    assert {name.split("/")[0] for name in after.keys() - before.keys()} == {"server"}


def test_the_folder_is_the_users_alone_and_used_again(tmp_path):
    folder = claim_folder(tmp_path / "new" / "state")
    assert mode(folder) == 0o700
    folder.chmod(0o777)
    assert claim_folder(tmp_path / "new" / "state") == folder
    assert mode(folder) == 0o700


def test_what_a_dead_server_has_left_stays(tmp_path):
    results = results_folder(claim_folder(tmp_path))
    (results / "job").mkdir()
    (results / "job" / "000000.chunk").write_text("old")
    assert results_folder(claim_folder(tmp_path)) == results
    assert (results / "job" / "000000.chunk").read_text() == "old"


def test_a_folder_without_our_mark_is_refused(full):
    (full / "results").rename(server_folder(full))
    before = tree(full)
    assert code(claim_folder, full) == "state_dir_unsafe"
    assert tree(full) == before


@pytest.mark.parametrize("what", ["link", "dangling link", "file"])
def test_what_is_no_folder_of_ours_is_refused(full, what):
    folder = server_folder(full)
    if what == "file":
        folder.write_text("precious")
    else:
        folder.symlink_to(full / ("results" if what == "link" else "nowhere"))
    before = tree(full)
    assert code(claim_folder, full) == "state_dir_unsafe"
    assert tree(full) == before


def test_a_link_to_another_users_marked_folder_is_refused(tmp_path, full):
    marked = claim_folder(tmp_path / "other")
    server_folder(full).symlink_to(marked)
    assert code(claim_folder, full) == "state_dir_unsafe"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("name", [".", "results"])
def test_a_folder_of_someone_else_is_not_used(tmp_path, name):
    folder = claim_folder(tmp_path)
    results_folder(folder)
    (folder / "results" / "kept").write_text("x")
    os.chown(folder / name, 12345, 12345)
    assert code(
        claim_folder if name == "." else results_folder, tmp_path if name == "." else folder
    )
    assert (folder / "results" / "kept").exists()


@pytest.mark.parametrize("what", ["link", "file"])
def test_results_that_are_no_folder_are_refused(full, what):
    folder = claim_folder(full)
    if what == "link":
        (folder / "results").symlink_to(full / "results")
    else:
        (folder / "results").write_text("precious")
    before = tree(full)
    assert code(results_folder, folder) == "state_dir_unsafe"
    assert tree(full) == before


def lay_folder(path):
    path.mkdir()


def lay_link(path):
    path.symlink_to(path.parent.parent / "letter.txt")


def lay_socket(path):
    with socket.socket(socket.AF_UNIX) as laid:
        laid.bind(str(path))


@pytest.mark.parametrize("lay", [lay_folder, lay_link, lay_socket])
@pytest.mark.parametrize("name", ["server.lock", "server.json"])
def test_files_of_the_server_that_are_something_else(full, name, lay, monkeypatch):
    folder = claim_folder(full)
    monkeypatch.chdir(folder)  # paths of sockets are short
    lay(folder / name)
    if name == "server.lock":
        assert code(ServerLock(folder).__enter__) == "state_dir_unusable"
    elif lay is lay_folder:
        assert code(publish, full, INFO) == "state_dir_unusable"
    else:  # replaced, not written through
        publish(full, INFO)
        assert connection_file(full).is_file()
    assert (full / "letter.txt").read_text() == "precious"


def test_two_servers_do_not_share_a_folder(tmp_path):
    folder = claim_folder(tmp_path)
    with ServerLock(folder):
        assert code(ServerLock(folder).__enter__) == "server_already_running"
    with ServerLock(folder):
        pass


def test_a_cache_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    assert code(make_cache_dir, tmp_path / "file" / "cache") == "cache_not_writable"


def serve(state_dir, *options, **run):
    command = [sys.executable, "-m", "livescape.server", "--job", JOB, "--state-dir"]
    return subprocess.run(
        [*command, str(state_dir), *options],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=30,
        **run,
    )


def lay_results_link(folder):
    (folder / "results").symlink_to(folder.parent)


def lay_lock_folder(folder):
    (folder / "server.lock").mkdir()


def lay_connection_folder(folder):
    (folder / "server.json").mkdir()


def take_mark_away(folder):
    (folder / MARKER).rename(folder / "something")


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lay_results_link, "state_dir_unsafe"),
        (lay_lock_folder, "state_dir_unusable"),
        (lay_connection_folder, "state_dir_unusable"),
        (take_mark_away, "state_dir_unsafe"),
    ],
)
def test_the_command_says_one_sentence(tmp_path, spoil, expected):
    spoil(claim_folder(tmp_path))
    result = serve(tmp_path)
    assert result.returncode == 1
    assert expected in result.stderr
    assert "Traceback" not in result.stderr


def test_a_start_on_a_full_disk_is_a_sentence(tmp_path):
    resource = pytest.importorskip("resource", reason="a limit on file sizes stands for the disk")
    result = serve(tmp_path, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
    assert result.returncode == 1
    assert "disk_full" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder no one can write to")
@pytest.mark.parametrize("option", ["--state-dir", "--cache-dir"])
def test_a_start_on_a_read_only_disk_is_a_sentence(tmp_path, option):
    result = serve(tmp_path, option, "/proc/self/livescape")
    assert result.returncode == 1
    code = "state_dir_unusable" if option == "--state-dir" else "cache_not_writable"
    assert code in result.stderr
    assert "Traceback" not in result.stderr
