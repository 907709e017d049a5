"""A result of frames of random Gaussians, for a server's worker; the seed says how many of each.

``fit_iterations`` is the number of Gaussians, ``loop_frames`` the number of frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTHS = {"means": 3, "quats": 4, "scales": 3, "opacities": 1, "colors": 3}
"""The 14 numbers of a Gaussian."""

ChunkParts = tuple[str, int, dict[str, Any], dict[str, NDArray[Any]]]


@dataclass(frozen=True)
class Frames:
    """What is to be streamed."""

    rows: int
    frames: int
    report: dict[str, Any] = field(default_factory=dict)


def generate(request: Any, **_: Any) -> Frames:
    """Return what ``request`` asks for."""
    return Frames(request.settings.fit_iterations, request.settings.loop_frames)


def result_chunks(result: Frames) -> Iterator[ChunkParts]:
    """Yield every frame as a chunk."""
    for index in range(result.frames):
        yield "frame", index, {}, frame(index, result.rows)


def frame(index: int, rows: int) -> dict[str, NDArray[Any]]:
    """Return the arrays of one frame."""
    rng = np.random.default_rng(index)
    return {
        name: rng.standard_normal((rows, width), dtype=np.float32) for name, width in WIDTHS.items()
    }
