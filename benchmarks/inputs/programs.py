"""Other programs that write and read splat files, installed from npm into ``build/npm``."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "npm"

PACKAGES = (
    "@playcanvas/splat-transform@2.7.1",
    "@mkkellogg/gaussian-splats-3d@0.4.7",
    "three@0.187.0",
)
"""All three under the MIT licence."""

_WRITE_KSPLAT = "write_ksplat.mjs"


def install() -> None:
    """Install what is not there yet.

    Raises:
        SystemExit: If there is no npm, or if it fails.
    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        message = "This benchmark needs node 20 or newer and npm."
        raise SystemExit(message)
    FOLDER.mkdir(parents=True, exist_ok=True)
    missing = [name for name in PACKAGES if not (_place(name) / "package.json").is_file()]
    if missing:
        _run(npm, "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund", *missing)
    shutil.copy2(Path(__file__).with_name(_WRITE_KSPLAT), FOLDER)


def _place(package: str) -> Path:
    return FOLDER / "node_modules" / package.rpartition("@")[0]


def splat_transform(source: Path, target: Path, *options: str) -> None:
    """Let PlayCanvas' splat-transform convert a file.

    Raises:
        RuntimeError: If it cannot; with what it said.
    """
    tool = _place(PACKAGES[0]) / "bin" / "cli.mjs"
    _run("node", str(tool), "-q", "-w", "-g", "cpu", *options, str(source), str(target))


def ksplat(source: Path, target: Path, level: int, degree: int) -> None:
    """Let GaussianSplats3D convert a PLY.

    Raises:
        RuntimeError: If it cannot; with what it said.
    """
    script = str(FOLDER / _WRITE_KSPLAT)
    _run("node", "--no-warnings", script, str(source), str(target), str(level), str(degree))


def _run(*command: str) -> None:
    environment = {**os.environ, "NO_COLOR": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=FOLDER, env=environment
    )
    if done.returncode:
        raise RuntimeError((done.stderr + done.stdout).strip()[-500:])
