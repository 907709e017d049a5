"""A test that leaves something behind fails, and says what it left."""

import os
import socket
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
import zmq
from tests import leftovers

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="open files are counted where /proc is"
)


@pytest.fixture
def left(monkeypatch):
    """Return what is left, without the grace that it would be given."""
    monkeypatch.setattr(leftovers, "GRACE_S", 0.0)
    before = leftovers.inventory()
    return lambda: leftovers.left_since(before)


def test_nothing_is_nothing(left):
    assert left() == []


def test_a_thread_is_found(left):
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, name="forgotten")
    thread.start()
    try:
        assert left() == ["thread forgotten"]
    finally:
        stop.set()
        thread.join()
    assert left() == []


@needs_proc
def test_files_sockets_and_children_are_found(left, tmp_path):
    with (tmp_path / "a").open("w"), (tmp_path / "a").open("r"):
        assert left() == [f"open {tmp_path / 'a'}"] * 2
    with closing(socket.socket()):
        (found,) = left()
        assert found.startswith("open socket:")
    with zmq.Context() as context, context.socket(zmq.DEALER):
        assert left()
        assert all("anon_inode" in found for found in left())
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert f"child process {child.pid}" in left()
    finally:
        child.communicate()
    assert left() == []


@needs_proc
def test_a_dead_child_that_nobody_collected_is_found(left):
    pid = os.posix_spawn("/bin/true", ["true"], os.environ)
    assert left() == [f"child process {pid}"]
    os.waitpid(pid, 0)
    assert left() == []
