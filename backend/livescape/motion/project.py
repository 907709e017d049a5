"""The artist's hints in the world: spread over the surface they lie on, and seen in other views."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points, unproject_points
from livescape.imaging.sampling import sample_bilinear
from livescape.motion.cloud_deck import spread_on_deck
from livescape.motion.falling import STEEP, gathered_speed
from livescape.motion.hint_reach import pixel_at
from livescape.motion.hints import densify_by_region
from livescape.motion.surfaces import SMOOTH, levelled, parted_surfaces, surface_normals
from livescape.points.floor import Floor, fit_floor
from livescape_shared.annotation import FRAMES_PER_DRAG
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

# Change of depth in one frame beyond which a surface is seen too flat to tell motion along it.
_DEPTH_JUMP = 1.5

# Extents of that averaging beyond which the other side of a bend that a hint is drawn on, or just
# missed, has no part in it.
_ASIDE = 4.0

# Share of its speed along one surface at which a hint is taken to be drawn on another beside it.
_SLOWER = 0.67


@dataclass(frozen=True)
class LiftedHints:
    """Hints in the world.

    Attributes:
        starts: [n, 3] world position in metres.
        motions: [n, 3] world motion in metres per frame.
    """

    starts: Float64Array
    motions: Float64Array


@dataclass(frozen=True)
class HintedSurface:
    """What the photo shows of the surfaces that hints are drawn on.

    Attributes:
        hints: [n, 2, 2] start and end in pixels of the camera's image.
        depth: [H, W] z-depth in metres; not finite where nothing is seen.
        camera: The photo's camera, of that size.
        sky: [H, W] what of it is sky; nothing if None.
        horizon_row: Row of the horizon in pixels, the middle if None; where ground or water is
            seen, its plane tells more.
    """

    hints: NDArray[np.floating]
    depth: NDArray[np.floating]
    camera: Camera
    sky: NDArray[np.bool_] | None = None
    horizon_row: float | None = None


def lift_hints(
    hints: NDArray[np.floating],
    depth: NDArray[np.floating],
    camera: Camera,
    normals: NDArray[np.floating] | None = None,
) -> LiftedHints:
    """Lift hint lines with the depth of the photo.

    What is drawn is the velocity at the start, along the surface that is there. How far away what
    the line ends on is says nothing of it: the line is as long as the way of fifty frames, and at
    the end of it there may be a rock or the bank.

    Args:
        hints: [n, 2, 2] start and end in pixels of the camera's image.
        depth: [H, W] z-depth in metres of that image.
        camera: The reference camera.
        normals: [H, W, 3] of what moves, as :func:`surface_normals` returns them, 0 elsewhere; all
            hints are parallel to the image if None.
    """
    if depth.shape != (camera.height, camera.width):
        raise ValueError(f"depth {depth.shape} is not the camera's image")
    if normals is None:
        return _lifted(hints, depth, camera, None)[0]
    there = [pixel_at(start, camera.width, camera.height)[::-1] for start in hints[:, 0]]
    across = np.array([normals[pixel] for pixel in there]).reshape(-1, 3)
    return _lifted(hints, depth, camera, across)[0]


def _lifted(
    hints: NDArray[np.floating],
    depth: NDArray[np.floating],
    camera: Camera,
    across: NDArray[np.floating] | None,
) -> tuple[LiftedHints, NDArray[np.bool_]]:
    """Return hints along surfaces of normals [n, 3], and which of these are not seen too flat."""
    starts, ends = hints[:, 0].astype(np.float64), hints[:, 1].astype(np.float64)
    near = sample_bilinear(depth[..., None], starts)[:, 0].astype(np.float64)
    moved = starts + (ends - starts) / FRAMES_PER_DRAG
    after, sound = near, np.ones(len(near), bool)
    if across is not None:
        slopes = [(_rays(positions, camera) * across).sum(axis=1) for positions in (starts, moved)]
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = slopes[0] / slopes[1]
        sound = (factor > 1.0 / _DEPTH_JUMP) & (factor < _DEPTH_JUMP)
        after = near * np.where(sound, factor, 1.0)
    lifted = unproject_points(starts, near, camera)
    return LiftedHints(lifted, unproject_points(moved, after, camera) - lifted), sound


def beside_bends(
    hints: NDArray[np.floating],
    depth: NDArray[np.floating],
    camera: Camera,
    normals: Float32Array,
    mask: NDArray[np.floating],
) -> Float64Array:
    """Return the hints [n, 2, 2] of which none starts on a bend, as of a fall into its pool.

    Such a hint may be drawn on either surface, and the few pixels around it do not tell. What falls
    by metres a second would race along a pool that is seen from the side; so where a surface right
    beside it explains the hint by two thirds of the speed or less, the hint is moved there.

    Args:
        hints: [n, 2, 2] pixels.
        depth: [H, W] metres.
        camera: The photo's.
        normals: [H, W, 3] as :func:`surface_normals` returns them.
        mask: [H, W] what moves.
    """
    away = max(1, round(_ASIDE * SMOOTH * camera.width))
    steps = away * np.array([(0, 0), (0, -1), (0, 1), (-1, 0), (1, 0)])
    moved = hints.astype(np.float64)
    for number, hint in enumerate(moved):
        lines = hint + steps[:, None]
        within = ((lines[:, 0] >= 0) & (lines[:, 0] < (camera.width, camera.height))).all(axis=1)
        pixels = [pixel_at(line[0], camera.width, camera.height)[::-1] for line in lines]
        usable = [mask[pixel] > 0 and bool(np.isfinite(depth[pixel])) for pixel in pixels]
        usable = within & usable
        usable[0] = True
        across = np.array([normals[pixel] for pixel in pixels])
        here = np.broadcast_to(hint, (len(steps), 2, 2))
        lifted, sound = _lifted(here, depth, camera, across)
        speeds = np.where(sound, np.linalg.norm(lifted.motions, axis=1), np.inf)
        slowest = int(np.where(usable, speeds, np.inf).argmin())
        if speeds[slowest] < _SLOWER * speeds[0]:
            moved[number] = lines[slowest]
    return moved


def _rays(positions: NDArray[np.floating], camera: Camera) -> Float64Array:
    """Return the directions [N, 3], of depth 1 in the camera's axes, of pixel positions [N, 2]."""
    homogeneous = np.concatenate((positions, np.ones((len(positions), 1))), axis=1)
    return np.asarray(homogeneous @ np.linalg.inv(camera.K).T)


def project_hints(
    hints: LiftedHints, camera: Camera
) -> tuple[Float64Array, Float64Array, NDArray[np.bool_]]:
    """Return what lifted hints look like in a view.

    Returns:
        Positions [n, 2] in pixels, motions [n, 2] in pixels per frame, and whether each hint [n]
        is in front of the camera and within half an image of its frame (a hint just outside
        still tells how the content moves inside).
    """
    start, depth = project_points(hints.starts, camera)
    moved, moved_depth = project_points(hints.starts + hints.motions, camera)
    size = np.array([camera.width, camera.height])
    near = ((start > -0.5 * size) & (start < 1.5 * size)).all(axis=1)
    return start, moved - start, near & (depth > 0) & (moved_depth > 0)


def spread_on_surface(surface: HintedSurface, mask: NDArray[np.floating]) -> Float32Array:
    """Spread hints over a mask as motions in the world, which perspective then foreshortens.

    Water that flows at one speed moves many pixels in the foreground and few near the horizon;
    hints that were spread in pixels would move both alike. Hints are blended along a surface, not
    across its edges and bends: what lies before another has motions of its own, and so has a pool
    below its fall. What falls gathers speed, and clouds are a deck above the ground.

    Args:
        surface: With at least one hint.
        mask: [H, W] in 0..1.

    Returns:
        [H, W, 2] pixels per frame, zero outside the mask and where no surface is seen.
    """
    depth, camera = surface.depth, surface.camera
    known = np.isfinite(depth) & (mask > 0)
    sky = np.zeros(mask.shape, bool) if surface.sky is None else surface.sky
    floor = _floor(surface, sky, mask)
    normals = levelled(surface_normals(depth, camera, mask), floor, known & ~sky)
    surface = replace(surface, hints=beside_bends(surface.hints, depth, camera, normals, mask))
    lifted = lift_hints(surface.hints, depth, camera, normals)
    starts = surface.hints[:, 0].astype(np.float64)
    field, own = _gathered(surface, lifted, normals, known & ~sky, floor)
    motion = densify_by_region(
        starts, lifted.motions / own[:, None], mask, parted_surfaces(depth, mask), normals
    )
    # What comes round a bend goes on along the surface: into a pool, not through its bed.
    across = normals @ camera.viewmat[:3, :3]
    motion = motion - (motion * across).sum(axis=-1, keepdims=True) * across
    flow = np.zeros((*mask.shape, 2), np.float32)
    rows, columns = np.nonzero(known)
    pixels = np.column_stack([columns, rows]) + 0.5
    points = unproject_points(pixels, depth[known].astype(np.float64), camera)
    moved, after = project_points(points + (motion * field[..., None])[known], camera)
    flow[known] = np.where((after > 0)[:, None], moved - pixels, 0.0)
    drawn = (surface.hints[:, 1] - starts) / FRAMES_PER_DRAG
    clouds = spread_on_deck(starts, drawn, mask * sky, floor, camera) if sky.any() else None
    return flow if clouds is None else np.where(sky[..., None], clouds, flow)


def _floor(surface: HintedSurface, sky: NDArray[np.bool_], mask: NDArray[np.floating]) -> Floor:
    """Return the level plane under the camera; at any height where only the horizon is known."""
    camera = surface.camera
    depth = np.where(np.isfinite(surface.depth), surface.depth, 1e9).astype(np.float32)
    found = fit_floor(depth, sky, mask.astype(np.float32), camera)
    if found is not None:
        return found
    row = camera.height / 2 if surface.horizon_row is None else surface.horizon_row
    return Floor(float((camera.K[1, 2] - row) / camera.K[1, 1]), (0.0, 1.0))


def _gathered(
    surface: HintedSurface,
    lifted: LiftedHints,
    normals: Float32Array,
    known: NDArray[np.bool_],
    floor: Floor,
) -> tuple[Float64Array, Float64Array]:
    """Return how many times faster each pixel and each hint moves by what it has fallen."""
    camera = surface.camera
    up = -np.array([*floor.slope, floor.level])
    up /= np.linalg.norm(up)
    centres = np.moveaxis(np.indices(known.shape)[::-1], 0, -1).reshape(-1, 2) + 0.5
    level = (_rays(centres, camera) @ up).reshape(known.shape)
    heights = level * np.where(known, surface.depth, 0.0)
    steep = known & (np.abs(normals @ up) < np.cos(STEEP))
    downwards = -(lifted.motions @ camera.viewmat[:3, :3].T @ up)
    speeds = np.sign(downwards) * np.linalg.norm(lifted.motions, axis=1)
    return gathered_speed(surface.hints[:, 0], speeds, steep, heights)
