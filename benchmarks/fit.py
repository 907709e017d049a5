"""Fitting 40 k Gaussians to nine synthetic views of 320 x 180: quality and seconds.

Run as ``python -m benchmarks.fit``; writes ``out/bench/fit.json``.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import numpy as np
import torch
from benchmarks.measure import report
from tests.gaussians.terrain import TerrainSet, terrain_set

from livescape.engine.threads import thread_count
from livescape.engine.warmup import warmup
from livescape.evaluate.metrics import psnr
from livescape.gaussians.optimise import VIEWS_PER_STEP_CUDA, FitSettings, fit
from livescape.gaussians.render import render
from livescape_shared.gaussians import Gaussians
from livescape_shared.settings import Blend

WIDTH, HEIGHT = 320, 180
TRUTH, INITIAL, ITERATIONS = 160_000, 40_000, 200
ONE_VIEW: list[tuple[int, int, Blend]] = [
    (ITERATIONS, 1, "linear"),
    (ITERATIONS, 1, "srgb"),
    (50, 1, "linear"),
]
CASES = {
    "cpu": ONE_VIEW,
    "cuda": [
        *ONE_VIEW,
        (ITERATIONS, VIEWS_PER_STEP_CUDA, "linear"),
        (50, VIEWS_PER_STEP_CUDA, "linear"),
    ],
}
TRAIN, HELD_OUT = [0, 1, 2, 3, 5, 6, 8], [4, 7]


def mean_psnr(
    gaussians: Gaussians, terrain: TerrainSet, settings: FitSettings, which: list[int]
) -> float:
    scores = []
    for i in which:
        view = render(gaussians, terrain.cameras[i], settings.blend, device=settings.device)
        scores.append(psnr(view.image, terrain.images[i]))
    return float(np.mean(scores))


def measure(terrain: TerrainSet, settings: FitSettings) -> dict[str, Any]:
    views = terrain.views(TRAIN)
    fit(terrain.initial, views, FitSettings(iterations=2, device=settings.device))
    started, busy = time.perf_counter(), time.process_time()
    result = fit(terrain.initial, views, settings)
    seconds, busy = time.perf_counter() - started, time.process_time() - busy
    return {
        "device": settings.device,
        "blend": settings.blend,
        "iterations": settings.iterations,
        "views_per_step": settings.views_per_step,
        "train_psnr": mean_psnr(result.gaussians, terrain, settings, TRAIN),
        "held_out_psnr": mean_psnr(result.gaussians, terrain, settings, HELD_OUT),
        "seconds": seconds,
        "cpu_seconds": busy,
        "ms_per_iteration": 1e3 * seconds / settings.iterations,
    }


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    warmup()
    terrain = terrain_set(WIDTH, HEIGHT, TRUTH, INITIAL)
    devices = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]
    rows = [
        measure(terrain, FitSettings(iterations, views_per_step, blend=blend, device=device))
        for device in devices
        for iterations, views_per_step, blend in CASES[device]
    ]
    first = rows[0]
    summary = {
        "threads": thread_count(),
        "gaussians": INITIAL,
        "psnr": first["train_psnr"],
        "held_out_psnr": first["held_out_psnr"],
        "seconds": first["seconds"],
        "ms_per_iteration": first["ms_per_iteration"],
    }
    report("fit", rows, summary)


if __name__ == "__main__":
    main()
