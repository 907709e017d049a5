"""Make docs/images/before_*.jpg: the same shots by an earlier checkout and by this one.

Landscapes come from ``scripts/truth``, the palm from ``scripts/pictures/palm``; they are told as
the tier ``hints`` is. Photographs are those of the tests that are in the public domain. Every shot
goes three times as far as usual.

    git worktree add ../before b6bdc22
    python scripts/pictures/before_after.py --before ../before --blender .venv-blender/bin/python
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sheets import Pixels, write_sheet

from livescape.cameras.default_path import default_path
from livescape.cameras.photo_camera import default_intrinsics
from livescape.evaluate.paths import path_cameras
from livescape.evaluate.tiers import request
from livescape.evaluate.truth import Generator, Place, near_distance, photo_view, truth_views
from livescape.imaging.decode import decode_photo
from livescape.imaging.png import read_pixels, to_pixels
from livescape.imaging.sampling import working_size
from livescape_shared.camera import Camera, CameraPath, write_camera_path
from livescape_shared.settings import preset_settings

LOGGER = logging.getLogger("before_after")
ROOT = Path(__file__).resolve().parents[2]
SIZE = (480, 270)
FRAMES, SHOWN = 30, 28
TRAVEL = 3.0
TILE = 400
PALM = "palm"
LEAF_SAMPLES = 16
"""Samples a pixel of the palm, whose leaves are thinner than pixels."""

INPUTS = ("photo", "depth", "mask", "hints")
SUFFIX = {"photo": ".png", "depth": ".npy", "mask": ".png", "hints": ".json"}


@dataclass(frozen=True)
class Shot:
    """One pair of pictures.

    Attributes:
        name: What it shows, and the name of its file.
        source: A landscape, or a photograph of the tests.
        path: How the camera moves before a landscape.
        part: Left, top, width and height of what is shown, as shares of the picture.
    """

    name: str
    source: str
    path: str
    part: tuple[float, float, float, float]


SHOTS = (
    Shot("posts", "sea", "sideways", (0.55, 0.35, 0.45, 0.65)),
    Shot("boats", "lake", "sideways", (0.1, 0.35, 0.6, 0.5)),
    Shot("clouds", "sea", "forward", (0.0, 0.0, 1.0, 0.5)),
    Shot("palm", PALM, "sideways", (0.0, 0.0, 0.7, 0.55)),
    Shot("canyon", "canyon", "sideways", (0.0, 0.0, 1.0, 1.0)),
    Shot("skyline", "mont_st_michel.jpg", "", (0.45, 0.05, 0.5, 0.62)),
)


def main() -> int:
    """Make them; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, required=True, help="checkout of an earlier state")
    parser.add_argument("--blender", type=Path, required=True, help="Python that has bpy")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--only", default=",".join(shot.name for shot in SHOTS))
    parser.add_argument("--truth", type=Path, help="folder that keeps rendered landscapes")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        generator = Generator(
            options.blender.absolute(), ROOT / "scripts" / "truth",
            ROOT / "demo" / "chenonceau_river.jpg", options.truth or Path(folder) / "truth",
        )  # fmt: skip
        for shot in SHOTS:
            if shot.name not in options.only.split(","):
                continue
            told = Path(folder) / shot.name
            told.mkdir()
            pictures = list(_pictures(shot, told, generator, options.before.absolute()))
            sheet = [(label, _part(shot, pixels)) for label, pixels in pictures]
            write_sheet(options.out / f"before_{shot.name}.jpg", sheet, len(sheet), TILE)
            LOGGER.info("before_%s.jpg", shot.name)
    return 0


def _pictures(
    shot: Shot, told: Path, generator: Generator, before: Path
) -> Iterator[tuple[str, Pixels]]:
    """Write what both are told, and yield what they show of it."""
    truth = None
    if "." in shot.source:
        _tell_photo(ROOT / "tests" / "data" / "photos" / shot.source, told)
    else:
        truth = _tell_landscape(shot, told, generator)
    for label, checkout in (("before", before), ("after", ROOT)):
        yield label, _rendered(told, checkout, told / label)
    if truth is not None:
        yield "truth", truth


def _tell_landscape(shot: Shot, told: Path, generator: Generator) -> Pixels:
    """Write what the tier ``hints`` is told into a folder; return what is really to be seen."""
    if shot.source == PALM:
        scripts = Path(__file__).with_name(PALM)
        generator = replace(generator, scripts=scripts, samples=LEAF_SAMPLES)
    place = Place(shot.source, 1, *SIZE)
    photo = photo_view(generator, place)
    cameras = path_cameras(shot.path, photo.camera, near_distance(photo), TRAVEL, FRAMES)
    asked = request("hints", photo, cameras, preset_settings("draft"), FRAMES)
    for name in INPUTS:
        data = getattr(asked, name)
        if data is not None:
            (told / f"{name}{SUFFIX[name]}").write_bytes(data)
    write_camera_path(told / "path.json", asked.camera_path)
    return to_pixels(truth_views(generator, place, [(SHOWN, cameras[SHOWN])])[0].image)


def _tell_photo(photo: Path, told: Path) -> None:
    """Write a photograph and the usual path, so many times as long, into a folder."""
    data = photo.read_bytes()
    (told / "photo.png").write_bytes(data)
    decoded = decode_photo(data)
    size = working_size(*decoded.size, preset_settings("draft").working_size)
    intrinsics = default_intrinsics(decoded, *size, 0.0)
    usual = default_path(intrinsics, *size, FRAMES)
    cameras = []
    for camera in usual.cameras:
        away = camera.position - usual.reference.position
        viewmat = camera.viewmat.copy()
        viewmat[:3, 3] = -viewmat[:3, :3] @ (usual.reference.position + TRAVEL * away)
        cameras.append(Camera(camera.width, camera.height, camera.K, viewmat))
    path = CameraPath(usual.reference, tuple(cameras), usual.frames, usual.fps)
    write_camera_path(told / "path.json", path)


def _rendered(told: Path, checkout: Path, out: Path) -> Pixels:
    """Return what a checkout makes of a folder of inputs."""
    command = [sys.executable, "-m", "livescape", "run", told / "photo.png"]
    for name in INPUTS[1:]:
        if (told / f"{name}{SUFFIX[name]}").exists():
            command += [f"--{name}", told / f"{name}{SUFFIX[name]}"]
    command += ["--camera-path", told / "path.json", "--frames", str(SHOWN + 1)]
    command += ["--render", out, "--cache-dir", out / "cache"]
    paths = os.pathsep.join(str(checkout / room) for room in ("backend", "shared"))
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(
        [str(word) for word in command], check=False, cwd=checkout, env=environment,
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    return read_pixels(sorted(out.glob("*.png"))[0])


def _part(shot: Shot, pixels: Pixels) -> Pixels:
    left, top, width, height = shot.part
    rows, columns = pixels.shape[:2]
    part = pixels[round(top * rows) : round((top + height) * rows)]
    return part[:, round(left * columns) : round((left + width) * columns)]


if __name__ == "__main__":
    sys.exit(main())
