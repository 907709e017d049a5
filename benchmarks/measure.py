"""What the benchmarks share: repeated timing, scenes, and where results go."""

from __future__ import annotations

import json
import logging
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from livescape.context.progress import peak_memory_mb

LOGGER = logging.getLogger(__name__)

OUT = Path(__file__).parents[1] / "out" / "bench"


def milliseconds(work: Callable[[], Any], repeats: int, device: str = "cpu") -> float:
    """Median wall time of `work` after one warm-up call."""
    times = []
    for _ in range(repeats + 1):
        started = time.perf_counter()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - started)
    return 1e3 * sorted(times[1:])[len(times[1:]) // 2]


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    cuda = torch.cuda.get_device_name(0) if torch.cuda.is_available() else None
    return {
        "machine": platform.machine(),
        "processor": processor_name(),
        "torch": torch.__version__,
        "cuda": cuda,
    }


def processor_name() -> str:
    """The processor's marketing name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def resident_mb() -> float:
    """Memory this process holds now, in MiB; the most it has held where only that is told."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return peak_memory_mb()
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def report(
    name: str,
    rows: list[dict[str, Any]],
    summary: dict[str, Any],
    details: dict[str, Any] | None = None,
) -> Path:
    """Print a table and the summary; write both, and the details, to `out/bench/NAME.json`."""
    lines = [table(rows)]
    lines += [f"{key}: {_text(value)}" for key, value in summary.items()]
    LOGGER.info("%s\n%s", name, "\n".join(lines))
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / f"{name}.json"
    result = {**summary, "rows": rows, **(details or {}), **machine()}
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return path


def table(rows: list[dict[str, Any]]) -> str:
    """Return rows with the same keys as aligned columns under their names."""
    columns = list(rows[0])
    widths = [max(len(c), *(len(_text(row[c])) for row in rows)) for c in columns]
    lines = ["  ".join(c.rjust(w) for c, w in zip(columns, widths, strict=True))]
    for row in rows:
        cells = zip(columns, widths, strict=True)
        lines.append("  ".join(_text(row[c]).rjust(w) for c, w in cells))
    return "\n".join(lines)


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.2f}" if abs(value) >= 1.0 else f"{value:.2g}"
    return str(value)


def splat_scene(
    count: int, width: int, height: int, device: str = "cpu"
) -> tuple[list[Tensor], list[Tensor]]:
    """Random Gaussians that fill one camera's view about 70 times over, and the camera.

    Their size follows their number, so that images of one size cost about the same per splat
    whatever the count: (means, quats, scales, opacities, colors), (viewmats, Ks).
    """
    generator = torch.Generator().manual_seed(1)
    focal = 0.9 * width
    z = 1.0 + 9.0 * torch.rand(count, generator=generator)
    x = (torch.rand(count, generator=generator) - 0.5) * 1.05 * width / focal * z
    y = (torch.rand(count, generator=generator) - 0.5) * 1.05 * height / focal * z
    pixels = 1.6 * (width / 640) * (1e5 / count) ** 0.5
    spread = torch.exp(0.5 * torch.randn(count, 3, generator=generator))
    gaussians = [
        torch.stack([x, y, z], dim=1),
        torch.randn(count, 4, generator=generator),
        spread * pixels / focal * z[:, None],
        torch.sigmoid(1.0 + 1.5 * torch.randn(count, generator=generator)),
        torch.rand(count, 3, generator=generator),
    ]
    K = torch.tensor([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1.0]])
    cameras = [torch.eye(4)[None], K[None]]
    return [g.to(device) for g in gaussians], [c.to(device) for c in cameras]
