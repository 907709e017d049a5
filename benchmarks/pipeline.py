"""Seconds of every stage and peak memory of a whole generation, on a fresh cache.

Run as ``python -m benchmarks.pipeline [--preset draft] [--photo demo/...jpg] [--long-side N]``;
writes ``out/bench/pipeline.json``. On a CUDA machine the same command measures the GPU.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from pathlib import Path

from benchmarks.measure import report

from livescape.cameras.default_path import default_path
from livescape.cameras.photo_camera import default_intrinsics
from livescape.context import Context
from livescape.engine.warmup import warmup
from livescape.gaussians.render import render
from livescape.imaging.decode import decode_photo
from livescape.imaging.sampling import working_size
from livescape.pipeline import living_scene
from livescape_shared.estimate import estimate
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import PRESETS, preset_settings

ROOT = Path(__file__).parents[1]


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--preset", default="draft", choices=PRESETS)
    parser.add_argument("--photo", type=Path, default=ROOT / "demo" / "chenonceau_river.jpg")
    parser.add_argument("--frames", type=int, default=60, help="frames of the camera path")
    options = parser.parse_args()
    settings = preset_settings(options.preset)
    data = options.photo.read_bytes()
    photo = decode_photo(data)
    width, height = working_size(*photo.size, settings.working_size)
    intrinsics = default_intrinsics(photo, width, height)
    path = default_path(intrinsics, width, height, options.frames)
    warmup()
    with tempfile.TemporaryDirectory() as cache:
        started = time.perf_counter()
        context = Context.make(cache_dir=Path(cache))
        scene = living_scene(context, GenerateRequest(path, settings, data))
        total = time.perf_counter() - started
    started = time.perf_counter()
    for frame, camera in zip(path.frames, path.cameras, strict=True):
        render(scene.at_frame(frame), camera, settings.blend, device=context.device)
    frame_ms = 1e3 * (time.perf_counter() - started) / len(path)
    figures = scene.report
    on_gpu = figures.get("peak_device_memory_mb", {})
    rows = [
        {"stage": name, "seconds": value}
        | ({"peak_device_memory_mb": on_gpu[name]} if name in on_gpu else {})
        for name, value in figures["seconds"].items()
    ]
    shown = ("reference_view_psnr", "motion_inside_px", "motion_outside_px", "gaussians",
             "gaussians_moving", "peak_memory_mb", "device", "working_size")  # fmt: skip
    summary = {name: figures.get(name) for name in shown}
    formula = estimate(settings, photo.size, options.frames, previews=False).memory / 2**20
    report(
        "pipeline",
        rows,
        {"preset": options.preset, "size": f"{width}x{height}", "total_seconds": total,
         "render_ms_per_frame": frame_ms, **summary,
         "memory_formula_mb": formula, "memory_ratio": figures["peak_memory_mb"] / formula},
    )  # fmt: skip


if __name__ == "__main__":
    main()
