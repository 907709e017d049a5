"""The whole way, once: a photo, a keyframed Blender camera, a rendered and measured shot.

Builds the extension, lets Blender generate through it, renders the saved .blend in a Blender
without it, renders the same frames with the backend, and writes the comparison to report.json.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from livescape.evaluate.metrics import psnr
from livescape.imaging.decode import decode_photo
from livescape.imaging.png import Pixels, contact_sheet, read_png, to_pixels, write_png
from livescape.imaging.sampling import working_size
from livescape.imaging.video import write_video

ROOT = Path(__file__).resolve().parent.parent
FPS = 24.0
COMPARED = 3
"""Frames rendered by both Blender and the backend: first, middle, last."""


def parse_arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--photo", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "demo")
    parser.add_argument("--blender", type=Path, required=True, help="Python that has bpy")
    parser.add_argument("--preset", default="draft")
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--long-side", type=int, default=480, help="pixels of the rendered frames")
    return parser.parse_args()


class Steps:
    """Runs one program after the other and keeps the time of each."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.seconds: dict[str, float] = {}

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Say what happens and time it."""
        sys.stderr.write(f"== {name}\n")
        sys.stderr.flush()
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 1)

    def call(self, name: str, *command: object) -> None:
        """Run a program; stop the demo with its last words if it fails."""
        with self.timed(name):
            words = [str(word) for word in command]
            done = subprocess.run(
                words, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False
            )
        if done.returncode:
            sys.stderr.write((done.stdout + done.stderr)[-3000:])
            sys.exit(f"The demo stopped at: {name}")


def frame_size(photo: Path, long_side: int) -> tuple[int, int]:
    """Return the size of the rendered frames: the photo's shape."""
    return working_size(*decode_photo(photo.read_bytes()).size, long_side)


def make_shot(steps: Steps, options: argparse.Namespace, out: Path) -> None:
    """Photo to scene.blend, its cache and Blender's frames."""
    width, height = frame_size(options.photo, options.long_side)
    steps.call("build the extension", sys.executable, "build_addon.py", "--out", out / "extension")
    archive = next((out / "extension").glob("*.zip"))
    steps.call(
        "generate from Blender", options.blender, "scripts/demo_blender.py",
        "--zip", archive, "--photo", options.photo, "--out", out,
        "--backend-python", sys.executable, "--preset", options.preset,
        "--frames", options.frames, "--resolution", width, height,
    )  # fmt: skip
    steps.call(
        "render in Blender", options.blender, "scripts/render_shot.py",
        "--blend", out / "scene.blend", "--out", out / "frames",
    )  # fmt: skip


def render_backend(steps: Steps, options: argparse.Namespace, out: Path) -> list[int]:
    """Render some of the same frames with the backend's own rasterizer."""
    middle = (1 + options.frames) // 2
    numbers = sorted({1, middle, options.frames})[:COMPARED]
    steps.call(
        "render in the backend", sys.executable, "-m", "livescape", "run", options.photo,
        "--camera-path", out / "camera_path.json", "--preset", options.preset,
        "--cache-dir", out / "state" / "cache", "--out", out / "backend",
        "--render", out / "backend", "--frames", ",".join(map(str, numbers)),
    )  # fmt: skip
    return numbers


def write_pictures(options: argparse.Namespace, out: Path) -> None:
    """Write shot.mp4 and the contact sheet: the photo, then the shot."""
    frames = sorted((out / "frames").glob("*.png"))

    def pixels() -> Iterator[Pixels]:
        for path in frames:
            yield to_pixels(read_png(path))

    write_video(out / "shot.mp4", pixels(), FPS)
    chosen = [frames[round(i * (len(frames) - 1) / 4)] for i in range(5)]
    photo = to_pixels(decode_photo(options.photo.read_bytes()).image)
    sheet = contact_sheet([photo, *(to_pixels(read_png(path)) for path in chosen)], columns=3)
    write_png(out / "contact_sheet.png", sheet)


def write_report(steps: Steps, out: Path, numbers: list[int], started: float) -> dict[str, object]:
    """Add what the demo measured to the generation's own figures."""
    text = (out / "backend" / "report.json").read_text(encoding="utf-8")
    report: dict[str, Any] = json.loads(text)
    fidelity = {
        f"{number:04d}": round(
            psnr(
                read_png(out / "frames" / f"{number:04d}.png"),
                read_png(out / "backend" / f"{number:04d}.png"),
            ),
            2,
        )
        for number in numbers
    }
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**10
    report["blender_vs_backend_psnr"] = min(fidelity.values())
    report["blender_vs_backend_psnr_by_frame"] = fidelity
    report["demo_seconds"] = steps.seconds
    report["demo_total_seconds"] = round(time.perf_counter() - started, 1)
    report["demo_peak_memory_mb"] = round(max(children, report["peak_memory_mb"]), 1)
    (out / "report.json").write_text(json.dumps(report, indent=2), encoding="utf-8")
    return report


def main() -> int:
    """Run the demo; return the exit code."""
    started = time.perf_counter()
    options = parse_arguments()
    options.photo = options.photo.resolve()
    if not options.photo.is_file():
        sys.exit(f"There is no photo {options.photo}.")
    options.blender = options.blender.absolute()
    out = options.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    # A state folder of its own: the demo neither meets nor disturbs a server that already runs.
    environment = dict(os.environ, LIVESCAPE_STATE_DIR=str(out / "state"))
    steps = Steps(environment)
    make_shot(steps, options, out)
    numbers = render_backend(steps, options, out)
    with steps.timed("write video and contact sheet"):
        write_pictures(options, out)
    report = write_report(steps, out, numbers, started)
    for name in ("reference_view_psnr", "blender_vs_backend_psnr", "motion_inside_px",
                 "motion_outside_px", "demo_total_seconds"):  # fmt: skip
        sys.stderr.write(f"{name}: {report.get(name)}\n")
    sys.stderr.write(f"The shot is {out / 'shot.mp4'}; open {out / 'scene.blend'} in Blender.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
