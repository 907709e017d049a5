"""A server that loads while the artist still works, and the generation that uses it."""

import sys
import time

import pytest
from tests.addon.conftest import backend_program

from livescape_shared.processes import process_alive


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell script")
def test_the_server_is_there_before_generate(blender, tmp_path, monkeypatch):
    python = backend_program(tmp_path, "--job tests.addon.jobs:generate")
    monkeypatch.setenv("LIVESCAPE_PYTHON", str(python))
    monkeypatch.setenv("LIVESCAPE_STATE_DIR", str(tmp_path / "state"))
    result = blender.run("early_server.py", tmp_path)
    assert result["without_a_backend"] == []
    assert result["early"] > 0
    assert result["outcome"] == ["FINISHED"]
    assert result["used"] == result["again"] == result["early"]
    assert result["started"] == 1
    deadline = time.monotonic() + 20.0
    while process_alive(result["early"]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not process_alive(result["early"])
