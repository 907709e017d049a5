"""Online access off, and every socket that would leave this computer refused: all of it works."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.addon.conftest import backend_program
from tests.addon.test_own_server import PHOTO, SETTINGS

REACHES_OUT = """
import socket
for call in (lambda: socket.socket().connect(("192.0.2.1", 9)),
             lambda: socket.getaddrinfo("example.org", 80),
             lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"", ("192.0.2.1", 9)),
             lambda: socket.socket().bind(("0.0.0.0", 0))):
    try:
        call()
    except OSError:
        continue
    raise SystemExit("it was let out")
socket.create_server(("127.0.0.1", 0)).close()
"""


@pytest.fixture(scope="module")
def guard(tmp_path_factory):
    """The guard and the file that it writes to."""
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("no C compiler on Linux for what refuses sockets")
    library = tmp_path_factory.mktemp("guard") / "loopback_only.so"
    source = Path(__file__).with_name("loopback_only.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


def test_the_guard_refuses_and_tells(guard, tmp_path):
    log = tmp_path / "log.txt"
    environment = {**os.environ, "LD_PRELOAD": str(guard), "LOOPBACK_ONLY_LOG": str(log)}
    subprocess.run([sys.executable, "-c", REACHES_OUT], env=environment, check=True)
    said = [line.split()[0] for line in log.read_text().splitlines()]
    assert said == ["connect", "look", "sendto", "bind"]


def test_everything_local_works_and_nothing_tries(guard, blender, tmp_path, monkeypatch):
    python = backend_program(tmp_path)
    log = tmp_path / "log.txt"
    monkeypatch.setenv("LIVESCAPE_PYTHON", str(python))
    monkeypatch.setenv("LIVESCAPE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("LD_PRELOAD", str(guard))
    monkeypatch.setenv("LOOPBACK_ONLY_LOG", str(log))
    found = blender.run("loopback_only.py", tmp_path, photo=str(PHOTO), settings=SETTINGS)
    assert not found["online"]
    assert found["guarded"] == [True, True], "Blender and the server"
    well = {name: ["FINISHED"] for name in found["done"]}
    assert found["done"] == well
    assert not log.exists(), log.read_text()
