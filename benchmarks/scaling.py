"""How cost grows with Gaussians, pixels and frames: fitted exponents and peak memory.

Run as ``python -m benchmarks.scaling``; writes ``out/bench/scaling.json``. Each point runs in a
process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import time
from typing import Any

import numpy as np
import torch
from benchmarks.measure import milliseconds, report, splat_scene

from livescape.deform.basis import MovingField
from livescape.gaussians.cpu.threads import cpu_threads
from livescape.gaussians.rasterize import rasterize
from livescape.run import peak_memory_mb
from livescape_shared.gaussians import Gaussians

GAUSSIANS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
SIZES = ((320, 180), (640, 360), (1280, 720), (1920, 1080))
FRAMES = (24, 60, 120, 240)
SIZE, COUNT, MOVING, TERMS = (640, 360), 100_000, 50_000, 8


def rasterize_cost(count: int, width: int, height: int) -> dict[str, float]:
    """Milliseconds of forward and backward, and peak memory."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    gaussians, cameras = splat_scene(count, width, height, device)
    leaves = [tensor.requires_grad_() for tensor in gaussians]

    def step() -> None:
        image = rasterize(*leaves, *cameras, width, height).colors
        image.square().mean().backward()

    with cpu_threads():
        return {"ms": milliseconds(step, 3, device), "peak_memory_mb": peak_memory_mb()}


def bake_cost(frames: int) -> dict[str, float]:
    """Milliseconds to bake a whole loop, and peak memory."""
    generator = np.random.default_rng(0)

    def numbers(*shape: int) -> Any:
        return generator.random(shape, dtype=np.float32)

    gaussians = Gaussians(
        numbers(MOVING, 3),
        numbers(MOVING, 4),
        numbers(MOVING, 3),
        numbers(MOVING),
        numbers(MOVING, 3),
    )
    life = np.tile(np.float32([-2.0, 2.0]), (MOVING, 1))
    field = MovingField(gaussians, numbers(TERMS, MOVING, 3), life, np.zeros(3, np.float32))
    started = time.perf_counter()
    for index in range(frames + 1):
        field.frame(index, frames)
    return {"ms": 1e3 * (time.perf_counter() - started), "peak_memory_mb": peak_memory_mb()}


def exponent(sizes: list[float], milliseconds_each: list[float]) -> float:
    """Slope of time over size in double-logarithmic scale."""
    return float(np.polyfit(np.log(sizes), np.log(milliseconds_each), 1)[0])


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    tasks = {
        "gaussians": [(float(n), rasterize_cost, (n, *SIZE)) for n in GAUSSIANS],
        "pixels": [(float(w * h), rasterize_cost, (COUNT, w, h)) for w, h in SIZES],
        "frames": [(float(n), bake_cost, (n,)) for n in FRAMES],
    }
    context = multiprocessing.get_context("spawn")
    rows: list[dict[str, Any]] = []
    exponents: dict[str, float] = {}
    for axis, points in tasks.items():
        for size, work, arguments in points:
            with context.Pool(1) as pool:
                rows.append({"axis": axis, "size": size, **pool.apply(work, arguments)})
        mine = [row for row in rows if row["axis"] == axis]
        exponents[axis] = exponent([r["size"] for r in mine], [r["ms"] for r in mine])
    report("scaling", rows, {"exponents": exponents})
    logging.info(json.dumps(exponents))


if __name__ == "__main__":
    main()
