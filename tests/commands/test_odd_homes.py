"""Folders and names of any script, terminals of any code page, and paths at home."""

import os
import subprocess
import sys

import pytest
from tests.rights import modes_bind_root
from tests.server.harness import ROOT, environment
from tests.shared.splat_samples import exchanged

from livescape.commands.main import main
from livescape.commands.movie import chosen_frames
from livescape.evaluate.clip_files import find_clips
from livescape.evaluate.holynski import find_scenes
from livescape_shared.annotation_files.given import read_given
from livescape_shared.camera_files.kinds import read_cameras
from livescape_shared.connection import read_connection_file
from livescape_shared.errors import LivescapeError
from livescape_shared.ply import write_ply

NAMES = ["\u666f\u8272", "\u0645\u0631\u062d\u0628\u0627", "\u0421\u0446\u0435\u043d\u0430 \u00fc",
         "e\u0301te\u0301", "\U0001f30a a b"]  # fmt: skip


def scene(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    splats = exchanged(20).in_axes("y_down")
    write_ply(path, splats.gaussians, splats.harmonics)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_names_of_any_script(tmp_path, name):
    source = scene(tmp_path / name / f"{name}.ply")
    target = tmp_path / name / "out" / f"{name}.spz"
    assert main(["convert", str(source), str(target)]) == 0
    assert target.stat().st_size > 100


@pytest.mark.parametrize("target", ["~/out/b.spz", "~/b.compressed.ply"])
def test_paths_at_home_that_the_shell_has_left_alone(monkeypatch, tmp_path, target):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    scene(tmp_path / "a.ply")
    assert main(["convert", "~/a.ply", target]) == 0
    assert (tmp_path / target[2:]).is_file()


TERMINALS = [
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "cp932"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
]


@pytest.mark.parametrize("terminal", TERMINALS)
@pytest.mark.parametrize("command", [["doctor"], ["status"], ["models"]])
def test_a_terminal_of_any_code_page_says_all_it_can(tmp_path, terminal, command):
    state = tmp_path / "".join(NAMES[:3])
    state.mkdir()
    said = subprocess.run(
        [sys.executable, "-m", "livescape", *command],
        env={**environment(), **terminal, "LIVESCAPE_STATE_DIR": os.fsdecode(state)},
        cwd=ROOT,
        capture_output=True,
        timeout=120,
    )
    assert b"Traceback" not in said.stderr, said.stderr[-600:]
    assert said.returncode in (0, 1, 2)
    assert said.stdout + said.stderr


@pytest.mark.parametrize("port", ["70000", "65536", "-1", "4e3", "\u0663", "x", "9" * 5000])
def test_a_port_that_does_not_exist_is_named(port, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["serve", f"--port={port}", "--state-dir", str(tmp_path)])
    assert ended.value.code == 2
    assert "is not a port" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("address", ["0.0.0.0:70000", "0.0.0.0:0x1", "0.0.0.0:-1"])
def test_so_is_one_of_other_machines(address, tmp_path, capsys):
    assert main(["serve", "--listen", address, "--state-dir", str(tmp_path)]) != 0
    assert "listen_invalid" in capsys.readouterr().err


def test_serve_says_where_it_listens(tmp_path):
    command = [sys.executable, "-m", "livescape", "serve", "--state-dir", str(tmp_path)]
    piped = {"stderr": subprocess.PIPE, "text": True, "env": environment()}
    with subprocess.Popen(command, **piped) as process:
        try:
            assert process.stderr is not None
            line = next(line for line in process.stderr if "listens on" in line)
            known = read_connection_file(tmp_path)
        finally:
            process.terminate()
            process.stderr.read()
    assert known is not None
    assert "127.0.0.1:" in line
    assert known.endpoint in line


LOOKS = {
    "splats": ("ply_invalid", lambda place: main(["convert", str(place / "a.ply"), "out.ply"])),
    "numbered splats": (
        "ply_invalid", lambda place: main(["convert", str(place / "a_1.ply"), "out.ply"])
    ),
    "cameras": ("cameras_unreadable", lambda place: code_of(read_cameras, place / "path.json")),
    "a model of COLMAP": ("cameras_unreadable", lambda place: code_of(read_cameras, place)),
    "hints": ("input_unreadable", lambda place: code_of(read_given, place / "masks", "p.jpg")),
    "frames": ("input_unreadable", lambda place: code_of(chosen_frames, place / "x", None)),
    "clips": ("input_unreadable", lambda place: code_of(find_clips, place / "x")),
    "scenes": ("input_unreadable", lambda place: code_of(find_scenes, place / "x")),
    "a server's line": (
        "server_not_paired", lambda place: main(["jobs", "--server", str(place / "box")])
    ),
    "paired servers": ("", lambda place: main(["servers", "--state-dir", str(place)])),
}  # fmt: skip


def code_of(call, *arguments):
    with pytest.raises(LivescapeError) as caught:
        call(*arguments)
    return caught.value.code


@pytest.mark.parametrize(("code", "look"), LOOKS.values(), ids=LOOKS)
@pytest.mark.parametrize("odd", ["locked", "x" * 300])
def test_what_may_not_be_looked_at_is_said(code, look, odd, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    locked = tmp_path / "locked"
    locked.mkdir(mode=0)
    try:
        with modes_bind_root():
            found = look(tmp_path / odd)
    finally:
        locked.chmod(0o700)
    if isinstance(found, int):
        assert found == (2 if code else 0)
        found = capsys.readouterr().err.partition(":")[0]
    assert found == code


def test_a_file_whose_folder_may_not_be_listed_is_read_by_itself(tmp_path):
    path = scene(tmp_path / "closed" / "a_1.ply")
    path.parent.chmod(0o300)
    try:
        with modes_bind_root():
            assert main(["convert", str(path), str(tmp_path / "b.ply")]) == 0
    finally:
        path.parent.chmod(0o700)


def test_a_file_that_may_not_be_read_is_said(tmp_path, capsys):
    path = scene(tmp_path / "a.ply")
    path.chmod(0)
    with modes_bind_root():
        assert main(["convert", str(path), str(tmp_path / "b.ply")]) == 2
    assert capsys.readouterr().err.startswith("ply_invalid: ")
