"""Real Blender windows on a virtual screen: the modal path by clicks, and pictures of the panels.

``python scripts/gui/play.py --blender .venv-blender/bin/python [SCENARIO ...]`` builds the
extension, installs it into a Blender of its own, plays every scenario of ``scripts/gui/scenarios``
in a window under Xvfb, and writes screenshots, a contact sheet and ``gui.json`` into ``out/gui``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from livescape.imaging.png import contact_sheet, read_pixels, write_png

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCREEN = (1280, 800)
LIMIT_S = 1800.0
LONG_S = {"whole_route": 7200.0}
"""Those that are played by their name alone, and how long they may take. What they work with stays
in ``kept`` beside their screenshots, so that ``--begin`` can go on after any step."""

PHOTO = ROOT / "demo" / "chenonceau_river.jpg"
SMALL = (512, 384)
WITHOUT_BACKEND = {"whole_route"}
"""Scenarios that set the backend up themselves."""

NEEDED = ("Xvfb", "xdotool", "import")
PACKAGES = "xvfb, xdotool, imagemagick and libgl1-mesa-dri"

_INSTALL = """
import bpy, os, sys
bpy.ops.extensions.package_install_files(
    filepath=sys.argv[1], repo="user_default", enable_on_install=True)
own = bpy.context.preferences.addons["bl_ext.user_default.livescape"].preferences
own.backend_python = sys.argv[2]
bpy.ops.wm.save_userpref()
os._exit(0)
"""


def main() -> int:
    """Play the scenarios; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--blender", type=Path, required=True, help="a Python with bpy")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "gui")
    parser.add_argument("--wheels", type=Path, help="folder that Set Up takes packages from")
    parser.add_argument("--begin", default="", help="step of a long scenario, kept by earlier runs")
    parser.add_argument("scenario", nargs="*", help="by default, all short ones")
    options = parser.parse_args()
    if missing := [name for name in NEEDED if shutil.which(name) is None]:
        sys.stdout.write(f"skipped: {', '.join(missing)} missing; install {PACKAGES}\n")
        return 0
    found = {path.stem for path in (HERE / "scenarios").glob("[a-z]*.py")}
    known = sorted(found - LONG_S.keys())
    out = options.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    results = {}
    with tempfile.TemporaryDirectory() as place:
        zip_path = built(Path(place))
        for name in options.scenario or known:
            python = "" if name in WITHOUT_BACKEND else sys.executable
            work = out / "kept" / name if name in LONG_S else Path(place) / name
            if not options.begin:
                shutil.rmtree(work, ignore_errors=True)
            resources = work / "resources"
            installed(options.blender.absolute(), zip_path, resources, python)
            given = {"wheels": str(options.wheels.absolute()) if options.wheels else "",
                     "begin": options.begin, "stages": str(work / "stages")}  # fmt: skip
            results[name] = played(name, options.blender.absolute(), work, out, given)
            problem = results[name]["problem"]
            sys.stdout.write(f"{name}: {problem or 'well'}\n")
            sys.stdout.flush()
    shots = [shot for result in results.values() for shot in result.get("shots", ())]
    if shots:
        sheet = contact_sheet([read_pixels(out / shot) for shot in shots], columns=3, width=640)
        write_png(out / "contact_sheet.png", sheet)
    (out / "gui.json").write_text(json.dumps(results, indent=2))
    return 1 if any(result["problem"] for result in results.values()) else 0


def built(place: Path) -> Path:
    """Build the extension; return its zip."""
    build = [sys.executable, ROOT / "build_addon.py", "--out", place]
    subprocess.run([str(word) for word in build], check=True, stdout=subprocess.DEVNULL)
    return next(place.glob("*linux*.zip"))


def installed(blender: Path, zip_path: Path, resources: Path, python: str) -> None:
    """Install the extension into user folders of its own, with a backend."""
    resources.mkdir(parents=True, exist_ok=True)
    # Blender unpacks a wheel once for each version, and ours have changed within one.
    shutil.rmtree(resources / "extensions" / ".local", ignore_errors=True)
    subprocess.run(
        [str(blender), "-c", _INSTALL, str(zip_path), python],
        env={**os.environ, "BLENDER_USER_RESOURCES": str(resources)},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def played(
    name: str, blender: Path, work: Path, out: Path, given: dict[str, str]
) -> dict[str, Any]:
    """Play one scenario in a window of its own; return what it says."""
    folder, answer = work / "files", work / "answer.json"
    shutil.rmtree(folder, ignore_errors=True)
    answer.unlink(missing_ok=True)
    folder.mkdir()
    with screen() as display:
        limit = LONG_S.get(name, LIMIT_S)
        small = folder / "photo.jpg"
        with Image.open(PHOTO) as photo:
            photo.resize(SMALL).save(small, quality=95)
        asked = {
            "scenario": name,
            "out": str(out),
            "answer": str(answer),
            "arguments": {"folder": str(folder), "photo": str(PHOTO), "small": str(small),
                          "blender": str(blender), **given},
        }  # fmt: skip
        environment = {
            **os.environ,
            "DISPLAY": display,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "BLENDER_USER_RESOURCES": str(work / "resources"),
            "LIVESCAPE_STATE_DIR": str(folder / "state"),
            "LIVESCAPE_GUI": json.dumps(asked),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        environment.pop("WAYLAND_DISPLAY", None)
        with (out / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(blender), str(HERE / "module_window.py")],
                env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            try:
                process.wait(limit)
            except subprocess.TimeoutExpired:
                process.kill()
                return {"problem": f"it took longer than {limit:g} s"}
        if not answer.exists():
            return {"problem": f"Blender ended with {process.returncode}, see {name}.log"}
        found: dict[str, Any] = json.loads(answer.read_text())
        return found


@contextmanager
def screen() -> Iterator[str]:
    """Run a virtual screen; yield its name."""
    size = "x".join(map(str, SCREEN))
    with tempfile.TemporaryFile() as log:
        reading, writing = os.pipe()
        process = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24", "+extension",
             "GLX", "-nolisten", "tcp", "-noreset"],
            pass_fds=[writing], stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        os.close(writing)
        try:
            with os.fdopen(reading) as stream:
                number = stream.readline().strip()
            if not number:
                raise RuntimeError("Xvfb did not start")
            time.sleep(0.2)
            yield f":{number}"
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
