"""A server that dies under a generation: the add-on starts another, and nobody need do anything."""

import sys

import pytest
from tests.addon.conftest import backend_program


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell script")
def test_a_generation_outlives_its_servers(blender, tmp_path, monkeypatch):
    python = backend_program(tmp_path, "--job tests.addon.jobs:generate")
    monkeypatch.setenv("LIVESCAPE_PYTHON", str(python))
    monkeypatch.setenv("LIVESCAPE_STATE_DIR", str(tmp_path / "state"))
    result = blender.run("lost_server.py", tmp_path)
    assert (result["outcome"], result["note"]) == (
        ["FINISHED"],
        "Livescape: 1000 Gaussians, 400 moving",
    )
    assert len(set(result["killed"])) == 2
