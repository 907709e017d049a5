"""From the refined motion of single points to motion grids for moving Gaussians."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.deform.trajectories import MotionGrid
from livescape.imaging.morphology import dilate, disc
from livescape.imaging.smoothing import fill_smooth
from livescape.motion.handover import BENT, courses
from livescape.motion.surfaces import LEVEL
from livescape.points.cloud import PointCloud
from livescape.points.layers import MOVES, LayeredPhoto
from livescape.points.surfels import surface_normals

Float32Array = NDArray[np.float32]

CONFIDENT = 0.6
"""Mask above which the sky's motion is measured; the soft skyline would slow it down."""

SQUARE = np.ones((2, 2), np.uint8)
"""The smallest patch of an outline whose own motion is believed."""

OUTLINE = 2
"""Pixels along an outline whose measured motion is not trusted."""


def surface_grid(
    photo: LayeredPhoto,
    cloud: PointCloud,
    motion: Float32Array,
    moments: Float32Array | None = None,
) -> MotionGrid:
    """Return the motion of water and other surfaces, continued beyond the frame.

    It goes on under what stands in them, and ends where the mask ends.

    Args:
        photo: Gives the grid.
        cloud: Points [N].
        motion: [N, 3] metres per frame.
        moments: [h, w] on the photo itself, when copies hand over; None where nothing loops.
    """
    field, known = _scatter(photo, cloud, motion, ~cloud.sky)
    mask, changes = _mask(photo, sky=False), _grown(photo, moments)
    if known.any():
        field = _continued(field, known) * (mask > 0.0)[..., None]
        field = _along_hidden(field, photo, cloud)
    return MotionGrid(field, mask, photo.camera, changes)


def drawn_behind(photo: LayeredPhoto, surface: MotionGrid) -> MotionGrid:
    """Return the motion of what comes out from under things: the surface's, but drawn behind it.

    As far as it comes down in the picture, out from under a foot: what comes out at the side has
    never been below that.
    """
    behind = next((each.behind for each in photo.layers if each.behind is not None), None)
    if behind is None:
        return surface
    ahead = 1.0 + (behind - 1.0) * _downwards(surface)
    return replace(surface, behind=ahead.astype(np.float32))


def _downwards(grid: MotionGrid) -> Float32Array:
    """Return [H, W] how much of the motion leads down in the picture: its sine, or 0."""
    camera = grid.camera
    x, y, z = np.moveaxis(grid.motion @ camera.viewmat[:3, :3].T.astype(np.float32), -1, 0)
    columns, rows = np.arange(camera.width) + 0.5, np.arange(camera.height)[:, None] + 0.5
    right = camera.K[0, 0] * x - (columns - camera.K[0, 2]) * z
    down = camera.K[1, 1] * y - (rows - camera.K[1, 2]) * z
    share = down / np.maximum(np.hypot(right, down), 1e-12)
    return np.asarray(np.clip(share, 0.0, 1.0), dtype=np.float32)


def sky_grid(
    photo: LayeredPhoto,
    cloud: PointCloud,
    motion: Float32Array,
    moments: Float32Array | None = None,
) -> MotionGrid:
    """Return the motion of the sky, continued behind the skyline and beyond the frame.

    See :func:`surface_grid` for the arguments.
    """
    field, known = _scatter(photo, cloud, motion, cloud.sky & (cloud.moving > CONFIDENT))
    mask, changes = _mask(photo, sky=True), _grown(photo, moments)
    if not known.any():
        return MotionGrid(np.zeros_like(field), mask, photo.camera, changes, keeps_depth=True)
    extended = fill_smooth(field, known)
    flowing = extended * np.minimum(mask / CONFIDENT, 1.0)[..., None]
    return MotionGrid(flowing, mask, photo.camera, changes, keeps_depth=True)


def grown_moments(photo: LayeredPhoto, moments: Float32Array) -> Float32Array:
    """Return moments on the grown grid: beyond the photo from those of its edge to the middle.

    So what lies beyond does not change all at once either.

    Args:
        photo: Gives the grid.
        moments: [h, w] on the photo itself, when copies hand over.
    """
    around = (photo.margins.rows, photo.margins.columns)
    grown = np.pad(moments, around, mode="linear_ramp", end_values=0.5)
    return np.asarray(grown, dtype=np.float32)


def _grown(photo: LayeredPhoto, moments: Float32Array | None) -> Float32Array | None:
    return None if moments is None else grown_moments(photo, moments)


def _along_hidden(field: Float32Array, photo: LayeredPhoto, cloud: PointCloud) -> Float32Array:
    """Return motion [H, W, 3] of which nothing leaves the surfaces under what stands.

    It comes from what is seen around them. Where a fall ends behind a rock, pool and fall are, and
    halfway between both motions nothing flows.
    """
    places = cloud.pixels - photo.margins.corner
    inner = field[photo.margins.photo(field.shape[:2])].shape[1::-1]
    hidden = ~cloud.seen & ~cloud.sky & (cloud.moving > MOVES)
    hidden &= ((places >= 0) & (places < inner)).all(axis=1)
    if not hidden.any():
        return field
    normals = surface_normals(photo, hidden)
    columns, rows = cloud.pixels[hidden].T
    along = field.copy()
    there = field[rows, columns]
    along[rows, columns] = there - (there * normals).sum(axis=1, keepdims=True) * normals
    return along


def _scatter(
    photo: LayeredPhoto, cloud: PointCloud, motion: Float32Array, chosen: NDArray[np.bool_]
) -> tuple[Float32Array, NDArray[np.bool_]]:
    shape = (photo.camera.height, photo.camera.width)
    field = np.zeros((*shape, 3), dtype=np.float32)
    known = np.zeros(shape, dtype=bool)
    chosen = chosen & cloud.seen & (cloud.moving > 0)
    columns, rows = cloud.pixels[chosen].T
    field[rows, columns] = motion[chosen]
    known[rows, columns] = True
    return field, known


def _continued(field: Float32Array, known: NDArray[np.bool_]) -> Float32Array:
    """Return motion [H, W, 3] of which the outermost pixels and all around follow what is inside.

    A pool of which a row or two show between the foot of a fall and a rock is all outline. It would
    follow the fall, and its water would come back down that in a loop.
    """
    trusted = _within(known)
    followed = fill_smooth(field, trusted)
    own, others = (np.abs(courses(motion)[..., 0]) for motion in (field, followed))
    level = known & field.any(axis=-1) & (own < LEVEL) & (others > own + BENT)
    squares = cv2.erode(level.astype(np.uint8), SQUARE, anchor=(0, 0), borderValue=0)
    level = cv2.dilate(squares, SQUARE, anchor=(1, 1)) > 0
    if not level.any():
        return followed
    return fill_smooth(np.where(level[..., None], field, followed), known)


def _within(known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the pixels whose neighbours are known too, and all of what is too thin to have such.

    The motion of the outermost pixels is uncertain: normals are measured across the outline.
    """
    inner = np.asarray(cv2.erode(known.astype(np.uint8), disc(OUTLINE)), dtype=bool)
    return inner | (known & ~dilate(inner, 2 * OUTLINE))


def _mask(photo: LayeredPhoto, *, sky: bool) -> Float32Array:
    """Return the motion mask of the sky plate or of all surfaces on the padded grid.

    A line between what is seen to move and what moves on under a rock is neither; it is closed, for
    what has to pass it would stop there.
    """
    mask = np.zeros((photo.camera.height, photo.camera.width), dtype=np.float32)
    for layer in photo.layers:
        if (layer.name == "sky") == sky:
            mask = np.maximum(mask, np.where(layer.valid, layer.moving, 0.0))
    closed = cv2.morphologyEx(mask.astype(np.float32), cv2.MORPH_CLOSE, disc(OUTLINE))
    return np.asarray(closed, dtype=np.float32)
