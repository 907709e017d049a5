"""The check of Blender's module, run on pretended installations."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from scripts.check_blender import INSTALLERS, PACKAGES

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "check_blender.py"

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ldd is Linux's")


def installation(folder, *, missing=(), module="__init__.so", works=True):
    """A python that finds a bpy of ours, and an ldd that knows what the system lacks."""
    (folder / "bpy").mkdir()
    (folder / "bpy" / module).write_text("" if works else "raise ImportError('torn bpy')")
    lines = [f"\t{name} => not found" for name in missing] + ["\tlibc.so.6 => /lib/libc.so.6 (0x0)"]
    ldd = folder / "ldd"
    ldd.write_text("#!/bin/sh\n/bin/cat <<'EOF'\n" + "\n".join(lines) + "\nEOF\n")
    ldd.chmod(0o755)
    return {**os.environ, "PYTHONPATH": str(folder), "PATH": f"{folder}:{os.environ['PATH']}"}


def check(environment):
    return subprocess.run(
        [sys.executable, str(SCRIPT), sys.executable],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("installer", "command"),
    [
        ("apt-get", "sudo apt-get install -y libice6 libsm6"),
        ("dnf", "sudo dnf install -y libICE libSM"),
        ("pacman", "sudo pacman -S --needed libice libsm"),
        ("another", "sudo apt-get install -y libice6 libsm6"),
    ],
)
def test_missing_libraries_are_named_with_what_brings_them_here(tmp_path, installer, command):
    environment = installation(tmp_path, missing=("libICE.so.6", "libSM.so.6", "libodd.so.1"))
    (tmp_path / installer).touch(mode=0o755)
    done = check({**environment, "PATH": str(tmp_path)})
    assert done.returncode == 1
    assert "libICE.so.6, libSM.so.6, libodd.so.1" in done.stderr
    assert done.stderr.strip().endswith(f"Install them: {command}")


def test_a_module_that_imports_is_fine(tmp_path):
    done = check(installation(tmp_path, module="__init__.py"))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_module_that_does_not_import_says_why(tmp_path):
    done = check(installation(tmp_path, module="__init__.py", works=False))
    assert done.returncode == 1
    assert "torn bpy" in done.stderr


def test_a_python_without_blender_is_told_so(tmp_path):
    done = check({**os.environ, "PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1
    assert done.stderr.startswith("Blender's module cannot be imported")
    assert "No module named 'bpy'" in done.stderr


@pytest.mark.parametrize("column", range(3))
def test_readme_names_what_the_check_would(column):
    readme = (SCRIPT.parents[1] / "README.md").read_text(encoding="utf-8")
    command = INSTALLERS[column][1].removesuffix(" -y")
    (line,) = re.findall(rf"`{command} ([^`]*)`", readme)
    assert {packages[column] for packages in PACKAGES.values()} <= set(line.split())
