"""Eulerian integration in the image, exactly as defined: the reference for the faster forms.

Released codes look the motion up at the nearest pixel, so this can do that too.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.sampling import pixel_centres, sample_bilinear, sample_nearest

Float32Array = NDArray[np.float32]

LOOKUPS = {"bilinear": sample_bilinear, "nearest": sample_nearest}
"""How M is read between pixel centres."""


def displacements(
    motion: NDArray[np.floating],
    steps: int,
    *,
    backward: bool = False,
    lookup: str = "bilinear",
    positions: NDArray[np.floating] | None = None,
) -> Iterator[NDArray[np.floating]]:
    """Yield D_0, D_1, ... D_steps.

    Args:
        motion: [H, W, 2] pixels per frame.
        steps: Frames to integrate.
        backward: Integrate -M.
        lookup: A name in :data:`LOOKUPS`.
        positions: [..., 2] where trajectories start; all pixel centres, [H, W, 2], by default.

    Yields:
        [..., 2] pixels, in the type of ``positions``.
    """
    read = LOOKUPS[lookup]
    field = -motion if backward else motion
    start = pixel_centres(*motion.shape[:2]) if positions is None else positions
    position = start.copy()
    yield position - start
    for _ in range(steps):
        position = position + read(field, position)
        yield position - start


def integrate(
    motion: NDArray[np.floating], steps: int, *, backward: bool = False, lookup: str = "bilinear"
) -> Float32Array:
    """Return D_steps [H, W, 2] of :func:`displacements`."""
    *_, last = displacements(motion, steps, backward=backward, lookup=lookup)
    return np.asarray(last, dtype=np.float32)
