"""Blenders under measurement: the extension installed in each, every script in its own process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
INSIDE = Path(__file__).parent / "inside"
TIMEOUT_S = 1800


class BlenderFailed(RuntimeError):
    """A script inside Blender ended badly; the message has its last words."""


class Blender:
    """One Blender as a Python module, with resources of its own.

    Args:
        python: The interpreter that has bpy.
        folder: Where its resources and results go.
        archive: The extension to install.
    """

    def __init__(self, python: Path, folder: Path, archive: Path) -> None:
        self.python = python
        self.folder = folder
        # an extension of the same version would keep the modules of the one before
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.version = str(self.run("install", archive=str(archive))["version"])

    def run(self, script: str, *, addon: bool = True, **arguments: Any) -> dict[str, Any]:
        """Run ``inside/<script>.py`` and return what it hands back.

        Args:
            script: Name of the script.
            addon: Whether the extension is there; without it, as on a render node.
            **arguments: What the script is told.

        Raises:
            BlenderFailed: If it ends with an error.
        """
        result = self.folder / f"{script}.json"
        result.unlink(missing_ok=True)
        resources = self.folder / ("resources" if addon else "bare")
        resources.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "BLENDER_USER_RESOURCES": str(resources),
            "PYTHONPATH": str(INSIDE),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        given = json.dumps({"folder": str(self.folder), "result": str(result), **arguments})
        done = subprocess.run(
            [str(self.python), str(INSIDE / f"{script}.py"), given],
            env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
        if done.returncode or not result.is_file():
            message = f"{script} in {self.python}:\n{(done.stdout + done.stderr)[-3000:]}"
            raise BlenderFailed(message)
        values: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return values


def default_blenders() -> list[Path]:
    """Return the interpreters of every ``.venv-blender*`` of this checkout, by name."""
    return sorted(ROOT.glob(".venv-blender*/bin/python"))


def build_extension(folder: Path) -> Path:
    """Build the extension into ``folder`` and return the archive."""
    command = [sys.executable, str(ROOT / "build_addon.py"), "--out", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("livescape-*.zip"))
