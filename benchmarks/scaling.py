"""How cost grows with Gaussians, pixels and frames: fitted exponents, peak memory and its formula.

Run as ``python -m benchmarks.scaling``; writes ``out/bench/scaling.json``. Each point runs in a
process of its own, so that its peak memory is its own: ``step_memory_mb`` is what forward and
backward need beyond the process and its inputs, on the device that computes.
"""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from benchmarks.measure import milliseconds, report, resident_mb, splat_scene

from livescape.context.progress import peak_memory_mb
from livescape.deform.basis import MovingField
from livescape.engine.rasterize import rasterize
from livescape.engine.threads import cpu_threads
from livescape.engine.warmup import warmup
from livescape_shared.gaussians import Gaussians

GAUSSIANS = (10_000, 30_000, 100_000, 300_000, 1_000_000)
SIZES = ((320, 180), (640, 360), (1280, 720), (1920, 1080))
FRAMES = (24, 60, 120, 240)
SIZE, COUNT, MOVING, TERMS = (640, 360), 100_000, 50_000, 8
FIXED, PER_GAUSSIAN, PER_PIXEL = 4e6, 320.0, 95.0
"""Bytes of the memory formula, see docs/performance.md."""


def formula_mb(count: int, width: int, height: int) -> float:
    """What a step of the CPU engine with three colours needs beyond its inputs."""
    return (FIXED + PER_GAUSSIAN * count + PER_PIXEL * width * height) / 2**20


def rasterize_cost(count: int, width: int, height: int) -> dict[str, float | None]:
    """Milliseconds of forward and backward, peak memory, and what the formula says of it."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    gaussians, cameras = splat_scene(count, width, height, device)
    leaves = [tensor.requires_grad_() for tensor in gaussians]

    def step() -> None:
        means, quats, scales, opacities, colors = leaves
        viewmats, Ks = cameras
        image = rasterize(
            means, quats, scales, opacities, colors, viewmats, Ks, width, height
        ).colors
        image.square().mean().backward()

    warmup()  # loads the kernels
    before = torch.cuda.memory_allocated() / 2**20 if device == "cuda" else resident_mb()
    with cpu_threads():
        costs = _costs(milliseconds(step, 3, device))
    peak = torch.cuda.max_memory_allocated() / 2**20 if device == "cuda" else peak_memory_mb()
    needed = peak - before
    if device == "cuda":
        return {**costs, "step_memory_mb": needed}
    formula = formula_mb(count, width, height)
    return {**costs, "step_memory_mb": needed, "formula_mb": formula, "ratio": needed / formula}


def _costs(ms: float) -> dict[str, float | None]:
    """A row's columns, those that a point does not measure left empty."""
    empty = dict.fromkeys(("step_memory_mb", "formula_mb", "ratio"))
    return {"ms": ms, "peak_memory_mb": peak_memory_mb(), **empty}


def bake_cost(frames: int) -> dict[str, float | None]:
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
    life = np.tile(np.array([-2.0, 2.0], np.float32), (MOVING, 1))
    halfway = np.full((MOVING, 2), 0.5, np.float32)
    eye = np.zeros(3, np.float32)
    field = MovingField(gaussians, numbers(TERMS, MOVING, 3), life, halfway, 0.1, eye)
    field.frame(0, frames)
    started = time.perf_counter()
    for index in range(frames + 1):
        field.frame(index, frames)
    return _costs(1e3 * (time.perf_counter() - started))


def exponent(sizes: list[float], milliseconds_each: list[float]) -> float:
    """Slope of time over size in double-logarithmic scale."""
    return float(np.polyfit(np.log(sizes), np.log(milliseconds_each), 1)[0])


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    tasks: dict[str, list[tuple[float, Callable[..., Any], tuple[int, ...]]]] = {
        "gaussians": [(float(n), rasterize_cost, (n, *SIZE)) for n in GAUSSIANS],
        "pixels": [(float(w * h), rasterize_cost, (COUNT, w, h)) for w, h in SIZES],
        "frames": [(float(n), bake_cost, (n,)) for n in FRAMES],
    }
    warmup()  # a process that compiles kernels needs more memory than one that loads them
    context = multiprocessing.get_context("spawn")
    rows: list[dict[str, Any]] = []
    exponents: dict[str, float] = {}
    for axis, points in tasks.items():
        for size, work, arguments in points:
            with context.Pool(1) as pool:
                rows.append({"axis": axis, "size": size, **pool.apply(work, arguments)})
        mine = [row for row in rows if row["axis"] == axis]
        exponents[axis] = exponent([r["size"] for r in mine], [r["ms"] for r in mine])
    ratios = [row["ratio"] for row in rows if row["ratio"] is not None]
    worst = max((abs(ratio - 1.0) for ratio in ratios), default=None)
    report("scaling", rows, {"exponents": exponents, "memory_formula_worst_error": worst})


if __name__ == "__main__":
    main()
