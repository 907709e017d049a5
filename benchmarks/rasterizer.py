"""Forward and backward of one image: our engine, the torch pair list, and gsplat on CUDA.

Run as ``python -m benchmarks.rasterizer``; writes ``out/bench/rasterizer.json``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import torch
from benchmarks.measure import milliseconds, report, splat_scene
from benchmarks.torch_pairs import rasterize_pairs
from torch import Tensor

from livescape.engine.rasterize import rasterize
from livescape.engine.threads import cpu_threads, thread_count

SIZES = ((320, 180, 30_000), (320, 180, 100_000), (640, 360, 30_000), (640, 360, 100_000))
HEADLINE = SIZES[-1]
REPEATS = 15

Image = Callable[[list[Tensor], list[Tensor], int, int], Tensor]


def engine_image(gaussians: list[Tensor], cameras: list[Tensor], width: int, height: int) -> Tensor:
    """One image from the engine of the tensors' device."""
    means, quats, scales, opacities, colors = gaussians
    viewmats, Ks = cameras
    return rasterize(means, quats, scales, opacities, colors, viewmats, Ks, width, height).colors


def pairs_image(gaussians: list[Tensor], cameras: list[Tensor], width: int, height: int) -> Tensor:
    """One image from the torch pair list."""
    means, quats, scales, opacities, colors = gaussians
    viewmat, K = cameras[0][0], cameras[1][0]
    return rasterize_pairs(means, quats, scales, opacities, colors, viewmat, K, width, height)[0]


def measure(
    image: Image, count: int, width: int, height: int, repeats: int, device: str
) -> tuple[float, float]:
    """Milliseconds of forward, and of forward and backward together."""
    gaussians, cameras = splat_scene(count, width, height, device)
    parameters = [g.requires_grad_() for g in gaussians]
    upstream = torch.rand(height, width, 3, device=device)

    def forward() -> Tensor:
        return image(parameters, cameras, width, height).reshape(height, width, 3)

    def both() -> None:
        for parameter in parameters:
            parameter.grad = None
        torch.autograd.backward(forward(), upstream)

    return milliseconds(forward, repeats, device), milliseconds(both, repeats, device)


def row(engine: str, threads: int, size: tuple[int, int, int], times: Any) -> dict[str, Any]:
    width, height, count = size
    forward, both = times
    return {
        "engine": engine,
        "threads": threads,
        "width": width,
        "height": height,
        "gaussians": count,
        "forward_ms": forward,
        "both_ms": both,
    }


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    threads = thread_count()
    rows: list[dict[str, Any]] = []
    summary: dict[str, float] = {"threads": threads}
    with cpu_threads():
        for width, height, count in SIZES:
            times = measure(engine_image, count, width, height, REPEATS, "cpu")
            rows.append(row("cpu", threads, (width, height, count), times))
    summary["cpu_640x360_100k_ms"] = rows[-1]["both_ms"]
    width, height, count = HEADLINE
    torch.set_num_threads(threads)
    times = measure(pairs_image, count, width, height, 2, "cpu")
    rows.append(row("torch pairs", threads, HEADLINE, times))
    summary["speedup_vs_torch"] = times[1] / summary["cpu_640x360_100k_ms"]
    if torch.cuda.is_available():
        for width, height, count in (*SIZES, (1280, 720, 500_000)):
            times = measure(engine_image, count, width, height, REPEATS, "cuda")
            rows.append(row("cuda", 0, (width, height, count), times))
        summary["cuda_1280x720_500k_ms"] = rows[-1]["both_ms"]
    report("rasterizer", rows, summary)


if __name__ == "__main__":
    main()
