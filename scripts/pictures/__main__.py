"""Make the pictures of README.md and docs/blender.md from the demo: ``make pictures``."""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from sheets import Image, Pixels, by_nearness, checkerboard, display, grey, write_sheet

from livescape.evaluate.metrics import psnr
from livescape.gaussians.render import render
from livescape.imaging.png import read_pixels
from livescape_shared.cache.manifest import read_manifest
from livescape_shared.cache.stored import read_moving, read_static
from livescape_shared.camera import Camera
from livescape_shared.conventions import SINCE_EVER
from livescape_shared.gaussians import Gaussians
from livescape_shared.settings import Blend

LOGGER = logging.getLogger("pictures")
ROOT = Path(__file__).resolve().parents[2]
WIDTH = 320
ENGINES = ("CYCLES", "EEVEE")
DEMO_QUALITY = 88


def parse_arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, default=ROOT / "out" / "demo", help="what demo made")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--blender", type=Path, required=True, help="Python that has bpy")
    parser.add_argument("--shots", type=Path, default=None, help="folder of shots made before")
    return parser.parse_args()


def shoot(options: argparse.Namespace, folder: Path) -> None:
    """Render all shots in Blender into ``folder``."""
    build = [sys.executable, ROOT / "build_addon.py", "--out", folder / "extension"]
    subprocess.run([str(word) for word in build], check=True, capture_output=True)
    archive = next((folder / "extension").glob("*.zip"))
    script = Path(__file__).with_name("blender_shots.py")
    command = [options.blender.absolute(), script, "--zip", archive, "--out", folder]
    command += ["--blend", options.demo / "scene.blend"]
    with (folder / "blender.log").open("w", encoding="utf-8") as log:
        done = subprocess.run([str(word) for word in command], stdout=log, stderr=log, check=False)
    if done.returncode:
        sys.exit((folder / "blender.log").read_text(encoding="utf-8")[-3000:])


class Shots:
    """The shots of one folder, and the backend's view of the first of them.

    Args:
        folder: Where Blender left them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shot = json.loads((folder / "shot.json").read_text(encoding="utf-8"))
        cache = Path(shot["cache"])
        manifest = read_manifest(cache)
        moving, static = read_moving(cache, manifest), read_static(cache, manifest)
        # at its first frame the loop is at rest: the incoming copies are not there yet
        outgoing = moving.gaussians[moving.windows[:, 0] == SINCE_EVER]
        self.at_rest = Gaussians.concatenate(outgoing, static.gaussians)
        self.camera = Camera.from_dict(shot["camera"])

    def __getitem__(self, name: str) -> Image:
        """Return a shot [H, W, 4], linear and premultiplied."""
        shot: Image = np.load(self.folder / f"{name}.npy")
        return shot

    def backend(self, blend: Blend) -> Pixels:
        """Return the backend's own rendering of the first frame."""
        return np.rint(render(self.at_rest, self.camera, blend).image * 255).astype(np.uint8)


def _decibels(pixels: Pixels, wanted: Pixels) -> str:
    one, other = (image.astype(np.float32) / 255.0 for image in (pixels, wanted))
    return f"{psnr(one, other):.1f} dB"


def write_sheets(shots: Shots, out: Path) -> None:
    """Write every sheet."""
    engines(shots, out / "engines.jpg")
    exact_srgb(shots, out / "srgb_compositing.jpg")
    sky = np.array([0.5, 0.55, 0.6])
    balls = [(f"{name.title()}", display(shots[f"ball_{name}"], sky)) for name in ENGINES]
    board = checkerboard(*shots["holdout"].shape[:2])
    balls.append(("Cycles, the ball a holdout", display(shots["holdout"], board)))
    write_sheet(out / "occlusion.jpg", balls, 3, WIDTH)
    blurs = [("sharp", display(shots["sharp"]))]
    blurs += [(f"{name.title()}", display(shots[f"blur_{name}"])) for name in ENGINES]
    write_sheet(out / "motion_blur.jpg", blurs, 3, WIDTH)
    depth = by_nearness(shots["depth"][..., 0], 4.0, 400.0)
    pictures = [("depth pass, 4 to 400 m", depth), ("fog made of it", display(shots["fog"]))]
    write_sheet(out / "depth_pass.jpg", pictures, 2, WIDTH)
    mattes(shots, out / "mattes.jpg")


def demo_sheet(demo: Path, path: Path) -> None:
    """The demo's contact sheet, as it opens README.md."""
    sheet = read_pixels(demo / "contact_sheet.png")[..., ::-1]
    _, data = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, DEMO_QUALITY])
    path.write_bytes(data.tobytes())


def engines(shots: Shots, path: Path) -> None:
    """The backend beside both engines."""
    wanted = shots.backend("linear")
    pictures = [("backend, linear blending", wanted)]
    for name in ENGINES:
        pixels = display(shots[f"plain_{name}"])
        pictures.append((f"{name.title()}: {_decibels(pixels, wanted)}", pixels))
    write_sheet(path, pictures, 3, WIDTH)


def exact_srgb(shots: Shots, path: Path) -> None:
    """The backend's sRGB blending beside Blender's with and without the set-up."""
    wanted = shots.backend("srgb")
    pictures = [("backend, sRGB blending", wanted)]
    for label, name in (("set up", "srgb"), ("not set up", "plain_CYCLES")):
        pixels = display(shots[name])
        pictures.append((f"{label}: {_decibels(pixels, wanted)}", pixels))
        error = np.abs(pixels.astype(np.float32) - wanted).max(axis=2) / 255.0
        pictures.append((f"{label}: error x 10", grey(np.clip(error * 10.0, 0.0, 1.0))))
    write_sheet(path, pictures, 3, WIDTH)


def mattes(shots: Shots, path: Path) -> None:
    """Cryptomatte of Cycles, and the matte of the depth pass for EEVEE."""
    labels = {
        "matte_ball": "Cryptomatte of the ball",
        "matte_gaussians": "Cryptomatte of the Gaussians",
        "matte_EEVEE": "EEVEE: matte of the depth pass",
    }
    pictures = [(label, grey(shots[name][..., 0])) for name, label in labels.items()]
    write_sheet(path, pictures, 3, WIDTH)


def main() -> int:
    """Make them; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = parse_arguments()
    if not (options.demo / "scene.blend").is_file():
        sys.exit("There is no demo scene; run: make demo")
    options.out.mkdir(parents=True, exist_ok=True)
    demo_sheet(options.demo, options.out / "demo.jpg")
    with tempfile.TemporaryDirectory() as folder:
        shots = options.shots or Path(folder)
        if options.shots is None:
            shoot(options, shots)
        write_sheets(Shots(shots), options.out)
    LOGGER.info("pictures in %s", options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
