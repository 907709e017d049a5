"""The photo as layers in depth: what is visible, what it hides, and a margin around the frame.

Content that the photo does not show is invented once, here, with one depth and one colour, so
that every view sees the same thing behind an edge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points
from livescape.context import Context
from livescape.imaging.morphology import dilate, disc
from livescape.imaging.smoothing import fill_smooth
from livescape.inpainting.fill import inpaint
from livescape.points.hidden import hidden_surface
from livescape_shared.camera import Camera

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

MIN_BAND, MAX_BAND = 4, 64
MIN_MARGIN, MAX_MARGIN = 0.04, 0.5
"""Least and most invented content on a side, as shares of the photo's long side."""

BORDER_PERCENTILES = (1, 25, 50, 75, 99)
"""Depths of a side that decide how wide its margin must be."""


@dataclass(frozen=True)
class Layer:
    """One surface layer on the padded photo grid.

    Attributes:
        name: ``front``, ``behind`` or ``sky``.
        image: [H, W, 3] display sRGB.
        depth: [H, W] metres along z.
        valid: [H, W] bool, where the layer has a surface.
        moving: [H, W] 0..1, how much the surface moves.
    """

    name: str
    image: Float32Image
    depth: Float32Image
    valid: Mask
    moving: Float32Image


@dataclass(frozen=True)
class LayeredPhoto:
    """All layers and the camera of their grid.

    Attributes:
        layers: Nearest first.
        camera: The photo camera, its image grown by ``margin`` on every side.
        margin: Pixels of invented content around the photo.
    """

    layers: tuple[Layer, ...]
    camera: Camera
    margin: int

    def layer(self, name: str) -> Layer:
        """Return the layer called ``name``."""
        return next(layer for layer in self.layers if layer.name == name)


def grown_camera(camera: Camera, margin: int) -> Camera:
    """Return ``camera`` with ``margin`` more pixels on every side."""
    K = camera.K.copy()
    K[:2, 2] += margin
    return Camera(camera.width + 2 * margin, camera.height + 2 * margin, K, camera.viewmat)


@dataclass(frozen=True)
class Margins:
    """Pixels of invented content on each side of the photo."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def largest(self) -> int:
        """Return the width of the widest side."""
        return max(self.left, self.top, self.right, self.bottom)


def needed_margins(
    camera: Camera,
    path: Sequence[Camera],
    depth: Float32Image,
    proceed: Callable[[], None] = lambda: None,
) -> Margins:
    """Return how far the path looks beyond each side of the photo, within reasonable limits.

    What enters the frame at a side lies about as far away as what the photo shows there: near
    ground at the bottom comes in sooner than the mountains in the middle of the picture.

    Args:
        camera: The photo camera.
        path: Every camera that will look at the scene.
        depth: [H, W] metres.
        proceed: Called before each camera is looked at; may raise to stop.
    """
    borders = (depth[:, 0], depth[0], depth[:, -1], depth[-1])
    distances = [np.percentile(border, BORDER_PERCENTILES) for border in borders]
    overshoot = np.zeros(4)
    for view in path:
        proceed()
        for side, near_and_far in enumerate(distances):
            for distance in near_and_far:
                positions, z = project_points(_frame_corners(view, float(distance)), camera)
                u, v = positions.T
                beyond = (-u, -v, u - camera.width, v - camera.height)[side]
                # A corner behind the photo camera lies beyond every margin.
                overshoot[side] = max(overshoot[side], np.where(z > 0, beyond, np.inf).max())
    long_side = max(camera.width, camera.height)
    margins = np.clip(overshoot, MIN_MARGIN * long_side, MAX_MARGIN * long_side)
    return Margins(*(int(margin) for margin in np.ceil(margins)))


def _frame_corners(camera: Camera, distance: float) -> Float32Image:
    """Return the four corners of the frame at ``distance`` in world axes [4, 3]."""
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * (camera.width, camera.height)
    rays = np.column_stack([corners, np.ones(4)]) @ np.linalg.inv(camera.K).T
    world = (rays * distance) @ camera.viewmat[:3, :3] + camera.position
    return np.asarray(world, dtype=np.float32)


def parallax_pixels(camera: Camera, path: Sequence[Camera], near: float) -> int:
    """Return how far, in pixels, a surface at ``near`` shifts against infinity on the path."""
    travel = max(float(np.linalg.norm(view.position - camera.position)) for view in path)
    shift = camera.K[0, 0] * travel / max(near, 1e-3)
    return int(np.clip(np.ceil(shift), MIN_BAND, MAX_BAND))


def build_layers(
    context: Context,
    image: Float32Image,
    depth: Float32Image,
    sky: Mask,
    moving: Float32Image,
    camera: Camera,
    path: Sequence[Camera],
    *,
    inpainting: str = "patchmatch",
) -> LayeredPhoto:
    """Split the photo into layers and invent what lies behind and around it.

    Args:
        context: For the inpainter.
        image: [H, W, 3] display sRGB.
        depth: [H, W] metres along z.
        sky: [H, W] bool.
        moving: [H, W] 0..1.
        camera: The photo camera at this size.
        path: Every camera that will look at the scene.
        inpainting: What fills holes, a name in :data:`~livescape.inpainting.fill.INPAINTERS`.

    Raises:
        LivescapeError: Those of :func:`~livescape.inpainting.fill.inpaint`.
    """
    margins = needed_margins(camera, path, depth, lambda: context.progress.step(0, 1))
    margin = margins.largest
    padded = grown_camera(camera, margin)
    inside = np.pad(np.ones(sky.shape, dtype=bool), margin)
    sky = np.pad(sky, margin, mode="edge")
    grown = np.pad(image, ((margin, margin), (margin, margin), (0, 0)))
    with context.progress.part(0.0, 0.4):
        full_image = inpaint(context, grown, ~inside, method=inpainting)
    full_depth = _extend_depth(depth, margin)
    full_moving = np.pad(moving, margin, mode="edge")

    ground = full_depth[~sky]
    near = float(np.percentile(ground, 5)) if ground.size else float(full_depth.min())
    band = parallax_pixels(camera, path, near)
    front = Layer("front", full_image, full_depth, ~sky, np.where(sky, 0.0, full_moving))
    with context.progress.part(0.4, 0.7):
        behind = _hidden_surface(context, full_image, full_depth, sky, band, inpainting)
    reach = band + round(0.12 * camera.height)
    with context.progress.part(0.7, 1.0):
        plate = _sky_plate(context, full_image, full_depth, sky, full_moving, reach, inpainting)
    needed = _within(margins, camera)
    cut = (replace(layer, valid=layer.valid & needed) for layer in (front, behind, plate))
    layers = tuple(layer for layer in cut if layer.valid.any())
    return LayeredPhoto(layers, padded, margin)


def _within(margins: Margins, camera: Camera) -> Mask:
    """Return which pixels of the padded grid lie on the photo or within the margin of a side."""
    outer = margins.largest
    within = np.zeros((camera.height + 2 * outer, camera.width + 2 * outer), dtype=bool)
    rows = slice(outer - margins.top, outer + camera.height + margins.bottom)
    within[rows, outer - margins.left : outer + camera.width + margins.right] = True
    return within


def _extend_depth(depth: Float32Image, margin: int) -> Float32Image:
    """Continue disparity beyond the frame: planes go on below, everything else stays level."""
    disparity = np.pad(1.0 / depth, ((0, 0), (margin, margin)), mode="edge")
    disparity = np.pad(disparity, ((margin, 0), (0, 0)), mode="edge")
    rows = depth.shape[0]
    below = np.pad(
        disparity, ((0, min(margin, rows - 1)), (0, 0)), mode="reflect", reflect_type="odd"
    )
    disparity = np.pad(below, ((0, rows + 2 * margin - below.shape[0]), (0, 0)), mode="edge")
    limit = 1.5 * float(1.0 / depth.min())
    return np.asarray(1.0 / np.clip(disparity, 1.0 / depth.max(), limit), dtype=np.float32)


def _hidden_surface(
    context: Context,
    image: Float32Image,
    depth: Float32Image,
    sky: Mask,
    band: int,
    inpainting: str,
) -> Layer:
    """Return the layer of what depth edges hide within ``band`` pixels."""
    disparity = np.where(sky, 0.0, 1.0 / depth).astype(np.float32)
    found = hidden_surface(disparity, sky, band)
    if found is None:
        return Layer("behind", image, depth, np.zeros_like(sky), np.zeros_like(depth))
    continued, hidden, sources = found
    colours = inpaint(context, image, hidden, sources, method=inpainting)
    behind = (1.0 / np.maximum(continued, 1.0 / depth.max())).astype(np.float32)
    return Layer("behind", colours, behind, hidden, np.zeros_like(depth))


def _sky_plate(
    context: Context,
    image: Float32Image,
    depth: Float32Image,
    sky: Mask,
    moving: Float32Image,
    reach: int,
    inpainting: str,
) -> Layer:
    """Continue the sky ``reach`` pixels behind whatever stands before it."""
    if not sky.any():
        return Layer("sky", image, depth, sky, np.zeros_like(depth))
    # Pixels on the skyline mix sky and land, so they are neither kept nor copied from.
    clean = np.asarray(cv2.erode(sky.astype(np.uint8), disc(1)), dtype=bool)
    clean = clean if clean.any() else sky
    plate = dilate(sky, reach)
    colours = inpaint(context, image, plate & ~clean, clean, method=inpainting)
    far = np.full_like(depth, float(np.median(depth[sky])))
    far[sky] = depth[sky]
    return Layer("sky", colours, far, plate, fill_smooth(moving, clean))
