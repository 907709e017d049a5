"""The artist's hints in the world: spread over the surface they lie on, and seen in other views."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points, unproject_points
from livescape.imaging.morphology import nearest_values
from livescape.imaging.sampling import sample_bilinear
from livescape.motion.cloud_deck import spread_on_deck
from livescape.motion.falling import STEEP, gathered_speed
from livescape.motion.hints import densify_by_region, pixel_at
from livescape.points.floor import Floor, fit_floor
from livescape.points.hidden import depth_edges
from livescape_shared.annotation import FRAMES_PER_DRAG
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

# Change of depth in one frame beyond which a surface is seen too flat to tell motion along it.
_DEPTH_JUMP = 1.5

# Share of the width over which the slope of a surface is averaged: waves and noise are smaller.
_SMOOTH = 0.01

# Extents of that averaging beyond which the other side of a bend that a hint is drawn on, or just
# missed, has no part in it.
_ASIDE = 4.0

# Share of its speed along one surface at which a hint is taken to be drawn on another beside it.
_SLOWER = 0.5


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
    starts, ends = hints[:, 0].astype(np.float64), hints[:, 1].astype(np.float64)
    near = sample_bilinear(depth[..., None], starts)[:, 0].astype(np.float64)
    moved = starts + (ends - starts) / FRAMES_PER_DRAG
    after = near
    if normals is not None:
        there = [pixel_at(start, camera.width, camera.height)[::-1] for start in starts]
        across = np.array([normals[pixel] for pixel in there]).reshape(-1, 3)
        slopes = [(_rays(positions, camera) * across).sum(axis=1) for positions in (starts, moved)]
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = slopes[0] / slopes[1]
        sound = (factor > 1.0 / _DEPTH_JUMP) & (factor < _DEPTH_JUMP)
        after = near * np.where(sound, factor, 1.0)
    lifted = unproject_points(starts, near, camera)
    return LiftedHints(lifted, unproject_points(moved, after, camera) - lifted)


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
    beside it explains the hint by half the speed or less, the hint is moved there.

    Args:
        hints: [n, 2, 2] pixels.
        depth: [H, W] metres.
        camera: The photo's.
        normals: [H, W, 3] as :func:`surface_normals` returns them.
        mask: [H, W] what moves.
    """
    away = max(1, round(_ASIDE * _SMOOTH * camera.width))
    steps = away * np.array([(0, 0), (0, -1), (0, 1), (-1, 0), (1, 0)])
    moved = hints.astype(np.float64)
    for number, hint in enumerate(moved):
        lines = hint + steps[:, None]
        within = ((lines[:, 0] >= 0) & (lines[:, 0] < (camera.width, camera.height))).all(axis=1)
        pixels = [pixel_at(line[0], camera.width, camera.height)[::-1] for line in lines]
        usable = [mask[pixel] > 0 and bool(np.isfinite(depth[pixel])) for pixel in pixels]
        usable = within & usable
        usable[0] = True
        speeds = np.linalg.norm(lift_hints(lines, depth, camera, normals).motions, axis=1)
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
    normals = surface_normals(depth, camera, mask)
    surface = replace(surface, hints=beside_bends(surface.hints, depth, camera, normals, mask))
    lifted = lift_hints(surface.hints, depth, camera, normals)
    starts = surface.hints[:, 0].astype(np.float64)
    floor = _floor(surface, sky, mask)
    field, own = _gathered(surface, lifted, normals, known & ~sky, floor)
    motion = densify_by_region(
        starts, lifted.motions / own[:, None], mask, _surfaces(depth, mask), normals
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


def _surfaces(depth: NDArray[np.floating], mask: NDArray[np.floating]) -> NDArray[np.int32]:
    """Return [H, W] the number, from 1, of the surface each pixel of the mask lies on; 0 outside.

    Surfaces are what depth edges part completely.
    """
    edges = np.logical_or(*_sides_of_edges(depth))
    _, parts = cv2.connectedComponents(((mask > 0) & ~edges).astype(np.uint8))
    if not parts.any():
        return np.asarray(parts, dtype=np.int32)
    # A pixel at an edge is nearer to the rest of its own surface than to that beyond the edge.
    _, nearest = nearest_values(parts.astype(np.float32), parts > 0)
    return np.where(mask > 0, nearest, 0).astype(np.int32)


def _sides_of_edges(depth: NDArray[np.floating]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the pixels [H, W] on the nearer and on the farther side of depth edges."""
    seen = np.isfinite(depth)
    disparity = np.where(seen, 1.0 / np.where(seen, depth, 1.0), 0.0).astype(np.float32)
    return depth_edges(disparity, ~seen)


def surface_normals(
    depth: NDArray[np.floating], camera: Camera, mask: NDArray[np.floating]
) -> Float32Array:
    """Return unit normals [H, W, 3] in the camera's axes of what the mask shows.

    The inverse depth of a plane n . X = 1 is n . K^-1 (u, v, 1), linear in the image; so its
    slopes, averaged within the mask, give n, far away as well as near.
    """
    height, width = depth.shape
    known = (np.isfinite(depth) & (mask > 0)).astype(np.float32)
    inverse = np.where(known > 0, 1.0 / np.where(known > 0, depth, 1.0), 0.0).astype(np.float32)
    nearer, farther = (side.astype(np.int8) for side in _sides_of_edges(depth))
    slopes = []
    for axis in (1, 0):
        step, both = (
            np.diff(inverse, axis=axis),
            np.minimum(np.delete(known, 0, axis), np.delete(known, -1, axis)),
        )
        # From one side of a depth edge to the other there is no slope.
        both = both * (np.abs(np.diff(nearer - farther, axis=axis)) < 2)
        end = [(0, 0), (0, 0)]
        end[axis] = (0, 1)
        values, weight = (
            cv2.GaussianBlur(np.pad(part, end).astype(np.float32), (0, 0), _SMOOTH * width)
            for part in (step * both, both)
        )
        slopes.append(values / np.maximum(weight, 1e-6))
    u, v = np.arange(width) + 0.5, (np.arange(height) + 0.5)[:, None]
    matrix = camera.K
    rest = inverse - slopes[0] * (u - matrix[0, 2]) - slopes[1] * (v - matrix[1, 2])
    normals = np.stack([slopes[0] * matrix[0, 0], slopes[1] * matrix[1, 1], rest], axis=-1)
    length = np.linalg.norm(normals, axis=-1, keepdims=True)
    return np.asarray(normals / np.maximum(length, 1e-12), dtype=np.float32)
