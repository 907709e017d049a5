"""Euler integration as the published codes do it, to reproduce and to compare them.

All look the motion M up at the nearest pixel, and are equal to the plain definition of
:mod:`livescape.engine.advect` as long as a trajectory stays in the frame, but for ``cine``:

* ``plain``: D_{k+1}(x) = D_k(x) + M(x + D_k(x)); beyond the frame the edge's motion goes on.
* ``slr``: SLR-SFS and Holynski et al. A trajectory that leaves the frame once is lost for good: its
  displacement is max(H, W) + 1 along both axes, so that splatting drops it.
* ``scg``: StyleCineGAN. A lost trajectory stays where it started, with no displacement.
* ``cine``: 3D-Cinemagraphy. Sums M at x_1 .. x_N where the others sum it at x_0 .. x_{N-1}, so that
  the motion of the start never counts; a lost trajectory drifts on with the motion of its start.

Sources: ``euler_integration_manipulator.py`` of simon3dv/SLR-SFS, ``cinemagraph_utils.py`` of
jeolpyeoni/StyleCineGAN, ``euler_integration.py`` of xingyi-li/3d-cinemagraphy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.engine.advect.reference import integrate
from livescape.imaging.sampling import pixel_centres, sample_nearest

Float32Array = NDArray[np.float32]

EULER_VARIANTS = ("plain", "slr", "scg", "cine")


def integrate_variant(
    motion: NDArray[np.floating], steps: int, variant: str = "plain", *, backward: bool = False
) -> tuple[Float32Array, NDArray[np.bool_]]:
    """Integrate over ``steps`` frames.

    Args:
        motion: [H, W, 2] pixels per frame.
        steps: Frames.
        variant: A name in :data:`EULER_VARIANTS`.
        backward: Integrate -M.

    Returns:
        Displacements [H, W, 2] in pixels, and whether each trajectory [H, W] has never left the
        frame.
    """
    if variant not in EULER_VARIANTS:
        raise ValueError(f"variant {variant!r} is none of {EULER_VARIANTS}")
    place, summed, visible = _walk(-motion if backward else motion, steps)
    if variant == "plain":
        return integrate(motion, steps, backward=backward, lookup="nearest"), visible
    if variant == "cine":
        return summed, visible
    lost = float(max(motion.shape[:2]) + 1) if variant == "slr" else 0.0
    return np.where(visible[..., None], place, np.float32(lost)), visible


def _walk(
    motion: NDArray[np.floating], steps: int
) -> tuple[Float32Array, Float32Array, NDArray[np.bool_]]:
    """Return displacements x_N - x_0, sums of M at x_1 .. x_N, both [H, W, 2], and who is left.

    A trajectory that leaves the frame is put back to its start, and again after every step.
    """
    height, width = motion.shape[:2]
    # Whole numbers, as the codes count pixels: rounding to the nearest one depends on them.
    start = pixel_centres(height, width) - np.float32(0.5)
    place, ahead = start.copy(), start.copy()
    visible = np.ones((height, width), bool)
    for _ in range(steps):
        place = place + sample_nearest(motion, place + np.float32(0.5))
        outside = (place < 0).any(-1) | (place > (width - 1, height - 1)).any(-1)
        visible &= ~outside
        place = np.where(visible[..., None], place, start)
        ahead = ahead + sample_nearest(motion, place + np.float32(0.5))
    return place - start, ahead - start, visible
