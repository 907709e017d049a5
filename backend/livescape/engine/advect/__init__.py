"""Eulerian motion over time: what stands at x moves by M(x) a frame, whatever stood there before.

Plain definition (Holynski et al., "Animating Pictures with Eulerian Motion Fields"):
D_0 = 0, D_{k+1}(x) = D_k(x) + M(x + D_k(x)); backward in time the same with -M. Released codes
look M up at the nearest pixel; here it is interpolated by default, which keeps trajectories
smooth. A trajectory that leaves the frame goes on with the motion of the frame's edge, so that
content keeps streaming in and out instead of piling up there.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from livescape.engine.jit import exact_helper, exact_kernel
from livescape.engine.threads import PIECES, run_pieces
from livescape.imaging.sampling import pixel_centres, sample_bilinear, sample_nearest
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]

LOOKUPS = {"bilinear": sample_bilinear, "nearest": sample_nearest}
"""How M is read between pixel centres."""

NEAR = 1e-3
"""Depth in metres below which a point counts as behind the camera."""


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


def integrate_3d(
    means: NDArray[np.floating], motion: NDArray[np.floating], camera: Camera, steps: int
) -> Float32Array:
    """Carry points through a steady 3D motion: X_{k+1} = X_k + F(pi(X_k)), and back with -F.

    F is interpolated. A point that moves off the image goes on with the motion of the image's
    edge; one behind the camera stays.

    Args:
        means: [M, 3] world positions at s = 0.
        motion: [H, W, 3] metres per frame, world axes, on the image of ``camera``.
        camera: The reference camera.
        steps: Frames to each side.

    Returns:
        [2 * steps + 1, M, 3] positions at s = -steps .. steps.
    """
    check_integrable(means, motion, camera)
    positions = np.empty((2 * steps + 1, len(means), 3), np.float32)
    positions[steps] = means
    projection = camera.K @ camera.viewmat[:3]
    field = np.ascontiguousarray(motion, dtype=np.float32)
    run_pieces(_carry, PIECES, positions, field, projection, steps)
    return positions


def check_integrable(
    means: NDArray[np.floating], motion: NDArray[np.floating], camera: Camera
) -> None:
    """Check the shapes of what `integrate_3d` takes.

    Raises:
        ValueError: Naming the wrong shape.
    """
    if motion.shape != (camera.height, camera.width, 3):
        raise ValueError(f"motion {motion.shape} is not on the camera's image")
    if means.ndim != 2 or means.shape[1] != 3:
        raise ValueError(f"means are [M, 3], not {means.shape}")


@exact_kernel
def _carry(
    piece: int,
    pieces: int,
    positions: Float32Array,
    field: Float32Array,
    projection: NDArray[np.float64],
    steps: int,
) -> None:
    """Fill ``positions`` from its middle row outward."""
    height, width = field.shape[:2]
    # Tuples stay in registers; the array would be read again after every write to positions.
    U, V, W = _row(projection, 0), _row(projection, 1), _row(projection, 2)
    count = positions.shape[1]
    for point in range(piece * count // pieces, (piece + 1) * count // pieces):
        for sign in (1, -1):
            x, y, z = positions[steps, point]
            for step in range(1, steps + 1):
                depth = W[0] * x + W[1] * y + W[2] * z + W[3]
                if depth > NEAR:
                    u = (U[0] * x + U[1] * y + U[2] * z + U[3]) / depth - 0.5
                    v = (V[0] * x + V[1] * y + V[2] * z + V[3]) / depth - 0.5
                    u, v = min(max(u, 0.0), width - 1.0), min(max(v, 0.0), height - 1.0)
                    left, top = int(u), int(v)
                    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
                    a, b = u - left, v - top
                    p, q = field[top, left], field[top, right]
                    r, s = field[bottom, left], field[bottom, right]
                    wp, wq = sign * (1 - a) * (1 - b), sign * a * (1 - b)
                    wr, ws = sign * (1 - a) * b, sign * a * b
                    x += wp * p[0] + wq * q[0] + wr * r[0] + ws * s[0]
                    y += wp * p[1] + wq * q[1] + wr * r[1] + ws * s[1]
                    z += wp * p[2] + wq * q[2] + wr * r[2] + ws * s[2]
                row = steps + sign * step
                positions[row, point, 0] = x
                positions[row, point, 1] = y
                positions[row, point, 2] = z


@exact_helper
def _row(matrix: NDArray[np.float64], row: int) -> tuple[float, float, float, float]:
    return matrix[row, 0], matrix[row, 1], matrix[row, 2], matrix[row, 3]
