"""Folders and names of any script, terminals of any code page, and paths at home."""

import os
import subprocess
import sys

import pytest
from tests.server.harness import ROOT, environment
from tests.shared.splat_samples import exchanged

from livescape.commands.main import main
from livescape_shared.connection import read_connection_file
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
