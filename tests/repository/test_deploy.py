"""The files for servers that run by themselves name what exists, and their tools accept them."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from livescape.commands.main import COMMANDS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


@pytest.fixture
def unit():
    parser = configparser.ConfigParser(strict=True, interpolation=None)
    parser.optionxform = str
    parser.read(DEPLOY / "livescape-server.service")
    return parser


def test_the_service_starts_a_command_that_exists_and_is_stopped_in_order(unit):
    program, command, *options = shlex.split(unit["Service"]["ExecStart"])
    assert program.endswith("/bin/livescape")
    assert command in COMMANDS
    assert options == []
    assert unit["Service"]["KillSignal"] == "SIGTERM"
    assert "LIVESCAPE_STATE_DIR=%S/livescape" in unit["Service"]["Environment"]
    assert unit["Service"]["StateDirectory"] == "livescape"


def test_systemd_accepts_the_service(tmp_path):
    verify = shutil.which("systemd-analyze")
    if verify is None:  # another platform; what the unit names is tested above
        return
    text = (DEPLOY / "livescape-server.service").read_text(encoding="utf-8")
    copy = tmp_path / "livescape-server.service"
    program = "/usr/local/lib/livescape/bin/livescape"
    copy.write_text(text.replace(program, "/bin/sh"), encoding="utf-8")
    result = subprocess.run([verify, "verify", copy], capture_output=True, text=True, timeout=60)
    said = [line for line in result.stderr.splitlines() if "livescape-server.service" in line]
    assert (result.returncode, said) == (0, [])


def test_the_image_copies_what_exists_and_runs_commands_that_exist():
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    copied = [line.split()[1:-1] for line in text.splitlines() if line.startswith("COPY ")]
    assert copied
    assert [name for names in copied for name in names if not (ROOT / name).exists()] == []
    called = re.findall(r'CMD \["(?:livescape", ")?(\w+)"\]', text)
    assert called == ["status", "serve"]
    assert set(called) <= set(COMMANDS)


def test_the_linter_accepts_the_image():
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.exists():  # it comes with the test extra, on the platforms it is built for
        return
    result = subprocess.run(
        [linter, DEPLOY / "Containerfile"], capture_output=True, text=True, timeout=60
    )
    assert (result.returncode, result.stdout) == (0, "")
