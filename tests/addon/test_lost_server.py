"""A server that dies under a generation: the add-on starts another, and nobody need do anything."""

import os
import sys

import pytest
from tests.addon.conftest import ROOT


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell script")
def test_a_generation_outlives_its_servers(blender, tmp_path, monkeypatch):
    python = tmp_path / "python"
    paths = os.pathsep.join(str(ROOT / part) for part in ("backend", "shared", "."))
    python.write_text(
        f'#!/bin/sh\nPYTHONPATH="{paths}" exec "{sys.executable}" "$@" '
        "--job tests.addon.jobs:generate\n"
    )
    python.chmod(0o755)
    monkeypatch.setenv("LIVESCAPE_PYTHON", str(python))
    monkeypatch.setenv("LIVESCAPE_STATE_DIR", str(tmp_path / "state"))
    result = blender.run("lost_server.py", tmp_path)
    assert (result["outcome"], result["note"]) == (
        ["FINISHED"],
        "Livescape: 1000 Gaussians, 400 moving",
    )
    assert len(set(result["killed"])) == 2
