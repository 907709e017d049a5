"""Files that are there whole or not at all."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from livescape_shared import files
from livescape_shared.errors import LivescapeError
from livescape_shared.files import partial_path, remove_abandoned, whole_file, whole_stream


@pytest.fixture(params=[whole_file, whole_stream], ids=["path", "stream"])
def writing(request):
    """Write bytes by either of the two, failing on the way if wanted."""

    def write(path, data, fault=None, **options):
        with request.param(path, **options) as target:
            if isinstance(target, Path):
                target.write_bytes(data)
            else:
                target.write(data)
            if fault is not None:
                raise fault

    return write


@pytest.fixture
def ended_pid():
    """Return the id of a process that has ended and has been collected."""
    return int(subprocess.check_output([sys.executable, "-c", "import os; print(os.getpid())"]))


def listed(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("durable", [False, True])
def test_the_file_is_there_and_nothing_else(tmp_path, writing, durable):
    writing(tmp_path / "new" / "a.npy", b"content", durable=durable)
    assert (tmp_path / "new" / "a.npy").read_bytes() == b"content"
    assert listed(tmp_path / "new") == ["a.npy"]


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, MemoryError, OSError])
def test_a_failure_leaves_what_was_there(tmp_path, writing, fault):
    (tmp_path / "a").write_bytes(b"before")
    with pytest.raises((fault, LivescapeError)):
        writing(tmp_path / "a", b"half", fault())
    assert (tmp_path / "a").read_bytes() == b"before"
    assert listed(tmp_path) == ["a"]


def test_a_full_disk_is_named(tmp_path, writing, monkeypatch):
    resource = pytest.importorskip("resource", reason="a limit on file sizes stands for the disk")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(LivescapeError) as caught:
            writing(tmp_path / "a", b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.code == "disk_full"
    assert listed(tmp_path) == []


def test_a_folder_that_is_none_is_named(tmp_path, writing):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "a", tmp_path / ("x" * 300), Path(tmp_path.anchor), Path()):
        with pytest.raises(LivescapeError) as caught:
            writing(path, b"x")
        assert caught.value.code == "output_not_writable"
    assert listed(tmp_path) == ["file"]


def test_the_error_is_the_callers_choice(tmp_path, writing):
    (tmp_path / "folder").mkdir()
    with pytest.raises(KeyError, match="folder is in the way"):
        writing(
            tmp_path / "folder",
            b"x",
            refusal=lambda path, error: KeyError(f"{path.name} is in the way"),
        )


def test_permissions_are_right_from_the_first_moment(tmp_path):
    before = os.umask(0o022)
    try:
        for mode, expected in ((0o600, 0o600), (0o666, 0o644)):
            with whole_file(tmp_path / "a", mode=mode) as partial:
                assert stat.S_IMODE(partial.stat().st_mode) == expected
            assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == expected
    finally:
        os.umask(before)


def test_names_cannot_be_guessed_and_fit_long_ones(tmp_path):
    names = {partial_path(tmp_path / "a.png").name for _ in range(100)}
    assert len(names) == 100
    assert all(name.endswith(".partial.png") for name in names)
    with whole_file(tmp_path / ("x" * 250 + ".npy")) as partial:
        partial.write_bytes(b"x")


def test_a_link_laid_in_the_way_is_not_followed(tmp_path, monkeypatch):
    """Even one whose maker guessed the name, which only a broken random source allows."""
    monkeypatch.setattr(files.secrets, "token_hex", lambda size: "0" * 2 * size)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    partial_path(tmp_path / "a").symlink_to(victim)
    with pytest.raises(LivescapeError), whole_file(tmp_path / "a") as partial:
        partial.write_text("overwritten")
    assert victim.read_text() == "precious"


def test_what_ended_processes_left_is_removed(tmp_path, ended_pid, monkeypatch):
    ours = partial_path(tmp_path / "ours.npy")
    monkeypatch.setattr(os, "getpid", lambda: ended_pid)
    left = [partial_path(tmp_path / name) for name in ("a.npy", "b", "folder")]
    monkeypatch.undo()
    for path in (ours, *left[:2]):
        path.write_text("half")
    left[2].mkdir()
    (left[2] / "inside").write_text("half")
    foreign = tmp_path / left[0].name.replace(files.machine_mark(), "0badcafe")
    foreign.write_text("half")
    lookalike = tmp_path / ".livescape-notes.partial"
    lookalike.write_text("not ours")
    with whole_file(tmp_path / "new") as partial:
        partial.write_text("x")
    kept = sorted(["new", ours.name, foreign.name, lookalike.name])
    assert listed(tmp_path) == kept
    os.utime(foreign, (0, 0))
    remove_abandoned(tmp_path)
    assert listed(tmp_path) == sorted(set(kept) - {foreign.name})


def test_a_link_among_the_abandoned_is_removed_and_not_followed(tmp_path, ended_pid, monkeypatch):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("x")
    monkeypatch.setattr(os, "getpid", lambda: ended_pid)
    partial_path(tmp_path / "a").symlink_to(tmp_path / "precious")
    monkeypatch.undo()
    remove_abandoned(tmp_path)
    assert listed(tmp_path) == ["precious"]
    assert listed(tmp_path / "precious") == ["file"]
