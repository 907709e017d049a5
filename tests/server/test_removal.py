"""What is removed is out of the way at once, and gone without the server's loop waiting for it."""

import os
import shutil
import threading

import pytest

from livescape.server import removal
from livescape.server.removal import GONE, Remover


@pytest.fixture
def place(tmp_path):
    (tmp_path / "run" / "deep").mkdir(parents=True)
    (tmp_path / "run" / "deep" / "chunk").write_text("x")
    (tmp_path / "run" / "request").write_text("x")
    (tmp_path / "kept").write_text("x")
    return tmp_path


@pytest.fixture
def remover(place):
    made = Remover(place)
    yield made
    made.close()


def test_files_and_folders_go_and_links_are_not_followed(place, remover):
    (place / "link").symlink_to(place / "kept")
    for name in ("run/request", "run", "link", "nothing"):
        remover.remove(place / name)
        assert not os.path.lexists(place / name)
    remover.wait()
    assert [path.name for path in place.iterdir()] == ["kept"]


def test_the_caller_does_not_wait(place, remover, monkeypatch):
    going, threads = threading.Event(), []

    def slow(path, **_):
        threads.append(threading.current_thread())
        assert going.wait(10)
        real(path)

    real = shutil.rmtree
    monkeypatch.setattr(removal.shutil, "rmtree", slow)
    remover.remove(place / "run")
    assert not (place / "run").exists()
    assert [path.name[: len(GONE)] for path in place.iterdir() if path.is_dir()] == [GONE]
    going.set()
    remover.wait()
    assert threading.main_thread() not in threads
    assert [path.name for path in place.iterdir()] == ["kept"]


def test_what_cannot_be_put_aside_is_removed_where_it_is(place, remover, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(removal.os, "replace", full)
    remover.remove(place / "run")
    remover.wait()
    assert [path.name for path in place.iterdir()] == ["kept"]
