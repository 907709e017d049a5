"""A floor seen from straight above: where its texture is made, so that perspective is right."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.imaging.morphology import dilate, nearest_values
from livescape.imaging.sampling import sample_bilinear
from livescape.inpainting.fill import inpaint
from livescape.points.floor import Floor, grid_tangents
from livescape_shared.camera import Camera

Float32Image = NDArray[np.float32]
Float64Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

SOURCE_REACH = 1.8
"""The photo lends texture up to this distance, in units of its bottom border's: farther away it
shows less detail than is needed."""

DETAIL = 3.0
"""Cells over which a colour is averaged: what is left is detail."""

STRIP = 24
"""Cells of what is known, beside what is made, that lend it detail again and again."""

WHOLE = 0.999
"""Share of the photo's own pixels from which on a cell is known."""

LEAST_SOURCE = 400
"""Cells of a floor that the photo must show to lend its texture."""


@dataclass(frozen=True)
class Plan:
    """A square grid on a floor: to the right, and away from the camera up.

    Attributes:
        left: Metres to the right of the camera at which it begins.
        far: Metres away from the camera at which it begins.
        cell: Metres.
        shape: Rows and columns.
    """

    left: float
    far: float
    cell: float
    shape: tuple[int, int]

    def cells(self, places: Float64Array) -> Float64Array:
        """Return columns and rows [N, 2] of places [N, 2] on the floor."""
        return np.column_stack([places[:, 0] - self.left, self.far - places[:, 1]]) / self.cell

    def centres(self) -> Float64Array:
        """Return the places [R * C, 2] of all cells."""
        rows, columns = np.indices(self.shape)
        across = self.left + (columns.ravel() + 0.5) * self.cell
        return np.column_stack([across, self.far - (rows.ravel() + 0.5) * self.cell])


def places_on(floor: Floor, tangents: Float64Array) -> Float64Array:
    """Return the places [N, 2], right and away, where rays of ``tangents`` [N, 2] meet a floor."""
    distance = 1.0 / np.maximum(floor.disparity(tangents), 1e-9)
    return np.column_stack([tangents[:, 0] * distance, distance * _foreshortened(floor)])


def tangents_of(floor: Floor, places: Float64Array) -> Float64Array:
    """Return the tangents [N, 2] under which the photo's camera sees places [N, 2] on a floor."""
    distance = np.maximum(places[:, 1] / _foreshortened(floor), 1e-9)
    across = places[:, 0] / distance
    down = (1.0 / distance - floor.level - floor.slope[0] * across) / floor.slope[1]
    return np.column_stack([across, down])


def lends_texture(floor: Floor, camera: Camera, bottom: int) -> Mask:
    """Return [H, W] what of a floor is as near as that which lends its texture, or nearer.

    Args:
        floor: The plane.
        camera: Of the grown grid.
        bottom: The photo's last row on the grown grid.
    """
    disparity = floor.on_grid(camera)
    return np.asarray(disparity > disparity[bottom].max() / SOURCE_REACH)


def _foreshortened(floor: Floor) -> float:
    """Return metres along the floor per metre of depth."""
    # Straight ahead a point at depth z lies z (1/z - level) / slope below the axis.
    return float(np.hypot(1.0, floor.level / floor.slope[1]))


def synthesised(
    context: Context,
    image: Float32Image,
    wanted: Mask,
    source: Mask,
    floor: Floor,
    camera: Camera,
    bottom: int,
    most_cells: int,
    inpainting: str,
) -> Float32Image | None:
    """Return the colours [N, 3] of the ``wanted`` pixels, made on the floor from ``source``.

    Args:
        context: For the inpainter.
        image: [H, W, 3] display sRGB on the grown grid.
        wanted: [H, W] N pixels that show the floor.
        source: [H, W] pixels of the photo that show the same kind of floor.
        floor: The plane.
        camera: Of the grown grid.
        bottom: The photo's last row on the grown grid.
        most_cells: Of the grid on the floor; a larger floor is made coarser.
        inpainting: What fills holes.

    Returns:
        None if the photo shows too little of this floor near its bottom border.
    """
    tangents = grid_tangents(camera)
    places = places_on(floor, tangents[wanted])
    lowest = floor.disparity(tangents[bottom]).max()
    plan = _plan(places, float(1.0 / lowest) * _foreshortened(floor), camera, most_cells)
    there = tangents_of(floor, plan.centres())
    pixels = there * camera.K[(0, 1), (0, 1)] + camera.K[:2, 2]
    # Known is only what no pixel beyond the border has a share in.
    lent = sample_bilinear(source[..., None].astype(np.float32), pixels.astype(np.float32))[:, 0]
    inside = ((pixels >= 0) & (pixels < (camera.width, camera.height))).all(axis=1)
    known = (inside & (lent > WHOLE)).reshape(plan.shape)
    if known.sum() < LEAST_SOURCE:
        return None
    colours = sample_bilinear(image, pixels.astype(np.float32)).reshape(*plan.shape, 3)
    at = plan.cells(places)
    column, row = np.clip(np.floor(at).astype(int), 0, np.array(plan.shape[::-1]) - 1).T
    holes = np.zeros(plan.shape, np.uint8)
    holes[row, column] = 1
    closed = cv2.morphologyEx(holes, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    wanted_cells = dilate(np.asarray(closed) > 0, 2)
    filled = inpaint(context, np.where(known[..., None], colours, 0.0).astype(np.float32),
                     ~known & wanted_cells, known, method=inpainting)  # fmt: skip
    filled = with_detail(filled, known, wanted_cells & ~known)
    return np.asarray(sample_bilinear(filled, at.astype(np.float32)), dtype=np.float32)


def with_detail(image: Float32Image, known: Mask, made: Mask) -> Float32Image:
    """Return a texture [R, C, 3] with as much detail where it is ``made`` as where it is known.

    An inpainter averages what it copies, most of all where a hole is open to one side. What is
    lacking is borrowed from the strip of what is known beside it, as far as it is lacking.
    """
    if not made.any():
        return image

    def even(values: Float32Image, part: Mask, sigma: float) -> Float32Image:
        weight = cv2.GaussianBlur(part.astype(np.float32), (0, 0), sigma)[..., None]
        total = cv2.GaussianBlur(values * part[..., None], (0, 0), sigma)
        return np.asarray(total.reshape(values.shape) / np.maximum(weight, 1e-6), np.float32)

    shown = known | made
    detail = (image - even(image, shown, DETAIL)) * shown[..., None]
    square = (detail**2).mean(axis=-1, keepdims=True)
    wanted = float(square[known].mean())
    own = even(square, made, 2.0 * DETAIL)
    lacking = np.sqrt(np.clip(1.0 - own / max(wanted, 1e-12), 0.0, 1.0))
    places = np.moveaxis(np.indices(known.shape), 0, -1).astype(np.float32)
    found = [
        nearest_values(np.ascontiguousarray(axis), known) for axis in np.moveaxis(places, -1, 0)
    ]
    distance, beside = found[0][0], np.stack([nearest for _, nearest in found], axis=-1)
    outward = (places - beside) / np.maximum(distance, 1e-6)[..., None]
    inward = STRIP - distance[..., None] % STRIP
    lent = np.rint(beside - inward * outward).astype(int)
    rows, columns = (np.clip(lent[..., axis], 0, known.shape[axis] - 1) for axis in (0, 1))
    borrowed = np.where(known[rows, columns][..., None], detail[rows, columns], 0.0)
    richer = (image + lacking * borrowed).clip(0.0, 1.0)
    return np.where(made[..., None], richer, image).astype(np.float32)


def _plan(places: Float64Array, border: float, camera: Camera, most_cells: int) -> Plan:
    """Return a grid that holds ``places`` and the floor just inside the photo beside them."""
    left, right = places[:, 0].min(), places[:, 0].max()
    near = max(float(places[:, 1].min()), 0.0)
    far = max(float(places[:, 1].max()), SOURCE_REACH * border)
    cell = border / float(camera.K[0, 0])
    area = (right - left) * (far - near) / cell**2
    cell *= max(1.0, float(np.sqrt(area / most_cells)))
    shape = int(np.ceil((far - near) / cell)) + 2, int(np.ceil((right - left) / cell)) + 2
    return Plan(float(left) - cell, far + cell, cell, shape)
