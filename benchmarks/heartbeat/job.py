"""A job that makes 100 000 random Gaussians, half of them moving, in a moment.

On the way it shows a quarter of them standing still, then moving, then all of them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from livescape_shared.conventions import FOR_EVER, SINCE_EVER
from livescape_shared.request import GenerateRequest
from livescape_shared.scene import SceneMeta

COUNT = int(os.environ.get("HEARTBEAT_GAUSSIANS", "100000"))


@dataclass(frozen=True)
class Result:
    """What :func:`result_chunks` sends."""

    meta: SceneMeta
    report: dict[str, Any] = field(default_factory=dict)


def generate(
    request: GenerateRequest,
    *,
    report: Callable[[str, int, int, float], None],
    cancelled: Callable[[], bool],
    cache_dir: Path,
    show: Callable[[Result], None] | None = None,
) -> Result:
    """Return a description of the scene."""
    frames, start = request.settings.loop_frames, request.camera_path.frames[0]

    def of(static: int, moving: int) -> Result:
        return Result(SceneMeta(static, moving, frames, True, 0.3, start, 24.0, "linear"))

    whole = of(COUNT // 2, COUNT // 2)
    for early in (of(COUNT // 4, 0), of(COUNT // 8, COUNT // 8), whole):
        if show is not None:
            show(early)
        for step in range(20):
            report("working", step, 20, step / 20)
            time.sleep(0.15 if show is not None else 0.02)
    return whole


def result_chunks(
    result: Result,
) -> Iterator[tuple[str, int, dict[str, Any], dict[str, Any]]]:
    """Yield the parts of the scene."""
    yield "scene", 0, result.meta.to_dict(), {}
    yield "static", 0, {}, _cloud(0, result.meta.static)
    moving = _cloud(1, result.meta.moving)
    count = len(moving["means"])
    windows = np.tile(np.array([[SINCE_EVER, FOR_EVER]], np.float32), (count, 1))
    yield "moving", 0, {}, {**moving, "windows": windows}
    for index in range(result.meta.loop_frames + 1 if result.meta.moving else 0):
        means = moving["means"] + np.float32(0.01 * index)
        arrays = {"means": means, "quats": moving["quats"], "scales": moving["scales"]}
        yield "frame", index, {}, arrays


def _cloud(seed: int, count: int) -> dict[str, Any]:
    generator = np.random.default_rng(seed)
    arrays = {
        "means": generator.uniform((-8, 5, -4), (8, 30, 4), (count, 3)),
        "quats": generator.normal(size=(count, 4)),
        "scales": generator.uniform(0.01, 0.1, (count, 3)),
        "opacities": generator.uniform(0.1, 0.9, count),
        "colors": generator.uniform(0, 1, (count, 3)),
    }
    return {name: values.astype(np.float32) for name, values in arrays.items()}
