"""A scene's page in headless Chromium: its size, its picture against ours, frames per second.

Run as ``python -m benchmarks.page [--preset draft] [--photo FILE] [--seconds 20]``, after
``livescape viewer``; writes ``out/bench/page.json`` and the screenshot ``out/bench/page.png``.
Without a graphics card the browser draws in software: its frames per second are a processor's.
"""

from __future__ import annotations

import argparse
import base64
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from benchmarks.measure import report
from tests.page import browser

from livescape.commands.asked import camera_path_of
from livescape.context import Context
from livescape.engine.warmup import warmup
from livescape.evaluate.metrics import psnr
from livescape.gaussians.render import render
from livescape.output.page.write import write_page
from livescape.pipeline import living_scene
from livescape_shared.conventions import loop_time
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import PRESETS, preset_settings

ROOT = Path(__file__).parents[1]
WINDOW = (1280, 760)


def picture(page: browser.Page, index: int, width: int, height: int) -> np.ndarray:
    """Return what the page shows at a frame of the path, [H, W, 3] 0..1."""
    url = page.evaluate(f"livescape.picture({index}, {width}, {height})")
    data = np.frombuffer(base64.b64decode(url.split(",")[1]), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))[..., ::-1] / 255.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--preset", default="draft", choices=PRESETS)
    parser.add_argument("--photo", type=Path, default=ROOT / "demo" / "chenonceau_river.jpg")
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    settings, photo = preset_settings(options.preset), options.photo.read_bytes()
    warmup()
    with tempfile.TemporaryDirectory() as folder:
        context = Context.make(cache_dir=Path(folder) / "cache")
        path = camera_path_of(context, None, photo, settings)
        scene = living_scene(context, GenerateRequest(path, settings, photo))
        started = time.perf_counter()
        page = write_page(Path(folder) / "page.html", scene, path.cameras)
        wrote_s, size = time.perf_counter() - started, page.stat().st_size
        figures = {"gaussians": scene.meta.static + scene.meta.moving,
                   "moving": scene.meta.moving, "bytes": size, "write_s": wrote_s}  # fmt: skip
        with browser.page() as shown:
            figures |= watched(shown, page, options.seconds)
            meta = scene.meta
            for name, index in (("first", 0), ("middle", len(path.cameras) // 2)):
                camera = path.cameras[index]
                t = loop_time(index, 0, meta.loop_frames, loop=meta.loop)
                ours = render(scene.at_loop_frame(round(t * meta.loop_frames)), camera, meta.blend)
                theirs = picture(shown, index, camera.width, camera.height)
                figures[f"psnr_{name}"] = psnr(theirs, ours.image)
    report("page", [figures], {})


def watched(shown: browser.Page, page: Path, seconds: float) -> dict[str, float]:
    """Open the page and let it play."""
    started = time.perf_counter()
    shown.open(page, *WINDOW)
    shown.wait_for("window.livescape")
    opened_s = time.perf_counter() - started
    time.sleep(2.0)
    before, started = shown.evaluate("livescape.drawn"), time.perf_counter()
    time.sleep(seconds)
    drawn = shown.evaluate("livescape.drawn") - before
    passed = time.perf_counter() - started
    place = ROOT / "out" / "bench" / "page.png"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(base64.b64decode(shown.screenshot()))
    return {"open_s": opened_s, "frames_per_second": drawn / passed}


if __name__ == "__main__":
    main()
