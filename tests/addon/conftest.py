"""The extension as a user gets it: built, installed into a Blender of its own, run there."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = Path(__file__).parent / "blender"
TIMEOUT_S = 240
STARTUP_S = 60.0

_INSTALL = """
import bpy, os, sys
bpy.ops.extensions.package_install_files(
    filepath=sys.argv[1], repo="user_default", enable_on_install=True)
assert "bl_ext.user_default.livescape" in bpy.context.preferences.addons
os._exit(0)
"""


class Blender:
    """A Blender with the extension installed; each script runs in a fresh process."""

    def __init__(self, python: Path, resources: Path, zip_path: Path, folder: Path) -> None:
        self.python, self.resources, self.zip_path = python, resources, zip_path
        self.folder = folder

    def run(self, script, folder: Path, *, resources: Path | None = None, **arguments):
        """Run a script of ``tests/addon/blender`` and return what it hands back."""
        result = folder / f"{Path(script).stem}.result.json"
        result.unlink(missing_ok=True)
        given = json.dumps({"folder": str(folder), "result": str(result), **arguments})
        run_blender(self.python, resources or self.resources, SCRIPTS / script, given)
        return json.loads(result.read_text())


def run_blender(python: Path, resources: Path, *command) -> None:
    environment = {
        **os.environ,
        "BLENDER_USER_RESOURCES": str(resources),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(SCRIPTS)]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [str(python), *map(str, command)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, f"Blender failed:\n{(done.stdout + done.stderr)[-6000:]}"


def install(python: Path, addon_zip: Path, tmp_path_factory) -> Blender:
    """Return a Blender of its own into which the extension is installed."""
    resources = tmp_path_factory.mktemp("resources")
    run_blender(python, resources, "-c", _INSTALL, addon_zip)
    return Blender(python, resources, addon_zip, tmp_path_factory.mktemp("blender"))


@pytest.fixture(scope="session")
def blender_python() -> Path:
    named = os.environ.get("LIVESCAPE_BLENDER_PYTHON")
    python = Path(named) if named else ROOT / ".venv-blender" / "bin" / "python"
    if not python.is_file():
        pytest.skip("no Python with Blender as a module: set LIVESCAPE_BLENDER_PYTHON")
    return python


@pytest.fixture(scope="session")
def addon_zip(blender_python, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, str(ROOT / "build_addon.py"), "--out", str(out)]
    command += ["--blender-python", str(blender_python)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "valid for Blender" in done.stderr
    return next(out.glob("livescape-*.zip"))


@pytest.fixture(scope="session")
def blender(blender_python, addon_zip, tmp_path_factory) -> Blender:
    return install(blender_python, addon_zip, tmp_path_factory)


@pytest.fixture(scope="module")
def job_server(tmp_path_factory):
    """The state folder of a real server that does the jobs of ``tests/addon/jobs.py``."""
    state_dir = tmp_path_factory.mktemp("state")
    paths = [str(ROOT / "backend"), str(ROOT / "shared"), str(ROOT)]
    command = [sys.executable, "-m", "livescape.server", "--state-dir", str(state_dir)]
    command += ["--job", "tests.addon.jobs:generate", "--parent-pid", str(os.getpid())]
    with (state_dir / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + STARTUP_S
        while not (state_dir / "server" / "server.json").exists() and time.monotonic() < deadline:
            assert process.poll() is None, (state_dir / "log.txt").read_text()
            time.sleep(0.05)
        yield state_dir
    finally:
        process.terminate()
        process.wait(20)


def backend_program(folder: Path, *options: str) -> Path:
    """Write what the add-on takes for its backend's Python: this one, with these options behind.

    It needs a shell.
    """
    program = folder / "python"
    paths = os.pathsep.join(str(ROOT / part) for part in ("backend", "shared", "."))
    words = " ".join(options)
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{paths}" exec "{sys.executable}" "$@" {words}\n')
    program.chmod(0o755)
    return program


@pytest.fixture(scope="module")
def environment(job_server):
    """Blender uses the server of ``job_server``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVESCAPE_STATE_DIR", str(job_server))
        patch.delenv("LIVESCAPE_PYTHON", raising=False)
        yield
