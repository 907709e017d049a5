"""Refined 3D motion to trajectories: Eulerian integration, basis coefficients, lifetimes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points
from livescape.deform.basis import MovingField, fit_coefficients
from livescape.deform.feet import short_of_feet
from livescape.engine.advect import integrate_3d
from livescape.imaging.sampling import sample_bilinear
from livescape.motion.handover import NEVER, courses, fade_length, handover, lifetimes
from livescape.points.feet import Feet
from livescape_shared.camera import Camera
from livescape_shared.conventions import FOR_EVER
from livescape_shared.gaussians import Gaussians

Float32Array = NDArray[np.float32]

CHUNK = 8_192
"""Gaussians followed at once: each has a place for every frame, forward and backward."""

NEAREST = 0.2
"""Share of its depth to which what keeps it may come near before that ends: it leaves the view."""


@dataclass(frozen=True)
class MotionGrid:
    """One 3D motion field on the padded photo grid, extended beyond where it was measured.

    Attributes:
        motion: [H, W, 3] metres per frame, world axes.
        mask: [H, W] 0..1, where it moves.
        camera: Camera of the grid.
        moments: [H, W] loop time at which copies hand over there; None where nothing loops.
        behind: [H, W] how many times as far what begins there is drawn; 1 if None.
        keeps_depth: Whether all is drawn at the depth at which it begins, as the sky is: so what is
            drawn before what stays the same, which decides what is seen where they overlap.
        feet: What stands beside what flows there, which that must not reach over.
    """

    motion: Float32Array
    mask: Float32Array
    camera: Camera
    moments: Float32Array | None = None
    behind: Float32Array | None = None
    keeps_depth: bool = False
    feet: Feet | None = None


def moving_field(
    gaussians: Gaussians,
    grid: MotionGrid,
    loop_frames: int,
    terms: int,
    *,
    device: str = "cpu",
    proceed: Callable[[], None] = lambda: None,
) -> MovingField:
    """Return ``gaussians`` that follow ``grid`` for a loop forward and a loop backward.

    Args:
        gaussians: M Gaussians at t = 0.
        grid: The motion they lie in.
        loop_frames: Frames of a loop.
        terms: K, basis functions of each trajectory.
        device: Where to integrate.
        proceed: Called between parts of the work; may raise to stop.
    """
    parts = []
    for start in range(0, max(len(gaussians), 1), CHUNK):
        proceed()
        own = gaussians[start : start + CHUNK]
        parts.append(_moving_part(own, grid, loop_frames, terms, device))
    return MovingField.concatenate(*parts)


def _moving_part(
    gaussians: Gaussians, grid: MotionGrid, loop_frames: int, terms: int, device: str
) -> MovingField:
    """Return some of :func:`moving_field`, all at once."""
    eye, fade = grid.camera.position.astype(np.float32), fade_length(loop_frames)
    positions = integrate_3d(gaussians.means, grid.motion, grid.camera, loop_frames, device=device)
    lives = lives_and_handover(positions, grid, loop_frames)
    shown = straight_on(positions, lives.surface)
    # Seen from the grid's camera, what is drawn farther away is where it was.
    farther = _farther(shown, grid)
    drawn = eye + (shown - eye) * farther[..., None]
    middle = len(drawn) // 2
    if grid.behind is not None:
        scales = gaussians.scales * farther[middle, :, None]
        gaussians = replace(gaussians, means=drawn[middle], scales=scales)
    if grid.feet is not None:
        phases = _phases(lives.handover, fade)
        scales = short_of_feet(gaussians, drawn, phases, grid.feet, grid.camera)
        gaussians = replace(gaussians, scales=scales)
    along = fit_coefficients(drawn - drawn[middle], terms)
    return MovingField(gaussians, along, lives.life, lives.handover, fade, eye)


def _phases(handover: Float32Array, fade: float) -> Float32Array:
    """Return the phases [M, 2] between which a copy is shown that hands over at [M, 2]."""
    first, last = (handover + np.array([-1.0 - fade / 2, fade / 2], np.float32)).T
    return np.column_stack([np.minimum(first, 0.0), np.maximum(last, 0.0)])


def _farther(positions: Float32Array, grid: MotionGrid) -> Float32Array:
    """Return how many times as far [S, M] as they are the grid has positions [S, M, 3] drawn."""
    shape = positions.shape[:2]
    if grid.behind is None and not grid.keeps_depth:
        return np.ones(shape, np.float32)
    pixels, depth = project_points(positions.reshape(-1, 3), grid.camera)
    if grid.behind is None:
        depth = depth.reshape(shape)
        home = depth[len(depth) // 2]
        return np.asarray(home / np.maximum(depth, NEAREST * home), dtype=np.float32)
    found = sample_bilinear(grid.behind[..., None], pixels)
    return np.asarray(found.reshape(shape), dtype=np.float32)


class Lives(NamedTuple):
    """How long M trajectories stay, and when their copies come and go.

    Attributes:
        surface: [M, 2] phases between which each is on its surface and in its region.
        life: [M, 2] the same with the moment for which it lingers on the next surface.
        handover: [M, 2] of :func:`livescape.motion.handover.handover`.
    """

    surface: Float32Array
    life: Float32Array
    handover: Float32Array


def lives_and_handover(positions: Float32Array, grid: MotionGrid, loop_frames: int) -> Lives:
    """Return how long trajectories stay, and when their copies come and go.

    Args:
        positions: [S, M, 3] of M trajectories at S phases evenly from -1 to 1.
        grid: The motion that they follow.
        loop_frames: Frames of a loop.
    """
    mask, within, moments = _places(positions, grid)
    fade, course = fade_length(loop_frames), courses(_velocities(positions))
    surface, life = (lifetimes(mask, within, course, lingers) for lingers in (0.0, fade))
    return Lives(surface, life, handover(life, moments, fade))


def straight_on(positions: Float32Array, life: Float32Array) -> Float32Array:
    """Return positions [S, M, 3] that go straight on where a life [M, 2] in phases ends.

    No copy is shown there for longer than it fades. A few smooth functions follow a way the more
    exactly the straighter it is: round the bend at its foot, they would slow a fall down long
    before it. And what fades goes on into the pool, which hides it, instead of standing on it.
    """
    middle = len(positions) // 2
    steps = np.arange(len(positions))[:, None] - middle
    first, last = (np.rint(life * middle).astype(int).clip(-middle, middle)).T
    ends = np.stack([np.minimum(first, -1), np.maximum(last, 1)])
    inner = ends - np.array([[-1], [1]])
    columns = np.arange(positions.shape[1])
    end, before = (positions[middle + step, columns] for step in (ends, inner))
    straight = positions
    for number, beyond in enumerate((steps < ends[:1], steps > ends[1:])):
        way = end[number] - before[number]
        on = end[number] + np.abs(steps - ends[number])[..., None] * way
        straight = np.where(beyond[..., None], on, straight)
    return straight.astype(np.float32)


def extrapolated_field(
    gaussians: Gaussians, grid: MotionGrid, loop_frames: int, *, device: str = "cpu"
) -> MovingField:
    """Return ``gaussians`` on straight lines, at the constant velocity of their first frame.

    This is the advection of the released 3D-MOM code: k times the motion after k frames.
    """
    steps = integrate_3d(gaussians.means, grid.motion, grid.camera, 1, device=device)
    line = (steps[2] - steps[1])[None] * np.float32(loop_frames)
    life = np.tile(np.array([-2.0, 2.0], np.float32), (len(gaussians), 1))
    single = np.tile(np.array([NEVER, FOR_EVER], np.float32), (len(gaussians), 1))
    eye = grid.camera.position.astype(np.float32)
    return MovingField(gaussians, line, life, single, fade_length(loop_frames), eye)


def _velocities(positions: Float32Array) -> Float32Array:
    """Return the motion [S, M, 3] at positions [S, M, 3] of Euler steps away from s = 0.

    At both ends, where no step follows, it is that of the place before.
    """
    steps = np.diff(positions, axis=0)
    middle = len(positions) // 2
    before, after = steps[:middle], steps[middle:]
    return np.concatenate([before[:1], before, after[1:], after[-1:]])


def _places(
    positions: Float32Array, grid: MotionGrid
) -> tuple[Float32Array, NDArray[np.bool_], Float32Array | None]:
    """Return what the grid says of positions [S, M, 3].

    Returns:
        [S, M] what moves there, [S, M] whether the grid knows the place, and [S, M] its moment.
    """
    pixels, depth = project_points(positions.reshape(-1, 3), grid.camera)
    size = (grid.camera.width, grid.camera.height)
    within = np.all((pixels >= 0.0) & (pixels <= size), axis=1) & (depth > 0.0)
    shape = positions.shape[:2]
    mask = sample_bilinear(grid.mask[..., None], pixels).reshape(shape)
    within = within.reshape(shape)
    if grid.moments is None:
        return mask, within, None
    return mask, within, sample_bilinear(grid.moments[..., None], pixels).reshape(shape)
