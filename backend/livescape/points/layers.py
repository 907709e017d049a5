"""The photo as layers in depth: what is visible, what it hides, and a margin around the frame.

Content that the photo does not show is invented once, here, with one depth and one colour, so
that every view sees the same thing behind an edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import unproject_image
from livescape.context import Context
from livescape.imaging.morphology import dilate, disc, within_reach
from livescape.imaging.smoothing import fill_smooth
from livescape.inpainting.fill import inpaint
from livescape.points.beyond import surroundings
from livescape.points.displacement import displacement
from livescape.points.floor import fit_floor
from livescape.points.hidden import hidden_surface, sides_of_moving
from livescape.points.kinds import Surroundings
from livescape.points.margins import Margins, grown_camera, looked_at, needed_margins
from livescape.points.matting import Matte
from livescape.points.rows import mirrored_rows
from livescape.points.standing_edges import beside_standing, edge_of_moving
from livescape.points.surround_colours import surrounding_colours
from livescape.points.under import moving_under, shore
from livescape_shared.camera import Camera

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

SKY_OVERLAP = 0.12
"""Share of the photo's height by which the sky goes on behind what stands before it, besides
what the path reveals: it may drift."""

MOVES = 0.1
"""Least motion mask at which a surface is given moving Gaussians."""

LOOK_STEP = 4
"""Pixels between those that decide where a camera looks."""


@dataclass(frozen=True)
class Layer:
    """One surface layer on the padded photo grid.

    Attributes:
        name: ``front``, ``behind``, ``under`` or ``sky``.
        image: [H, W, 3] display sRGB.
        depth: [H, W] metres along z.
        valid: [H, W] bool, where the layer has a surface.
        moving: [H, W] 0..1, how much the surface moves.
        highlights: [H, W, 3] linear light beyond white, if the photo shows any.
        coverage: [H, W] 0..1, how much of each pixel the surface covers; all of it if None.
        behind: [H, W] how many times as far what moves there is drawn; as far as it is if None.
    """

    name: str
    image: Float32Image
    depth: Float32Image
    valid: Mask
    moving: Float32Image
    highlights: Float32Image | None = None
    coverage: Float32Image | None = None
    behind: Float32Image | None = None


@dataclass(frozen=True)
class LayeredPhoto:
    """All layers and the camera of their grid.

    Attributes:
        layers: Nearest first.
        camera: The photo camera, its image grown by ``margins``.
        margins: Pixels of invented content around the photo.
    """

    layers: tuple[Layer, ...]
    camera: Camera
    margins: Margins

    def layer(self, name: str) -> Layer:
        """Return the layer called ``name``."""
        return next(layer for layer in self.layers if layer.name == name)


def parallax(camera: Camera, path: Sequence[Camera]) -> float:
    """Return by how many pixels per unit of disparity (1 / metres) things shift on the path."""
    travel = max(float(np.linalg.norm(view.position - camera.position)) for view in path)
    return float(camera.K[0, 0]) * travel


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
    matte: Matte | None = None,
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
        matte: What mixed pixels are mixed of, which belong to what is in front.

    Raises:
        LivescapeError: Those of :func:`~livescape.inpainting.fill.inpaint`.
    """
    floor = fit_floor(depth, sky, moving, camera)
    margins = needed_margins(camera, path, depth, floor, lambda: context.progress.step(0, 1))
    grown = grown_camera(camera, margins)
    around = surroundings(depth, sky, moving, floor, camera, margins)
    needed = _needed(around, grown, path, margins)
    with context.progress.part(0.0, 0.4):
        pure = image if matte is None else matte.pure
        full_image = surrounding_colours(
            context, pure, around, needed, floor, grown, margins, inpainting
        )
    full_depth, full_moving, sky = around.depth, around.moving, around.sky
    # What stands at a border decides how it goes on, with the outline that depth gives it.
    if matte is not None:
        full_image[margins.photo(sky.shape)] = image
        shown, matte = full_image, matte.grown(margins, full_image, full_depth)
        full_image, full_depth = matte.front, matte.depth
        full_moving, sky = matte.standing(full_moving, sky)

    shift = parallax(camera, path)
    front = Layer("front", full_image, full_depth, ~sky, np.where(sky, 0.0, full_moving))
    long_side = max(camera.width, camera.height)
    with context.progress.part(0.4, 0.6):
        behind = _hidden_surfaces(context, front, sky, needed, shift, inpainting)
    with context.progress.part(0.6, 0.7):
        under = _moving_under(context, front, sky, needed, long_side, inpainting)
    beside, foot, upright = beside_standing(front.depth, front.moving > MOVES, sky, under.depth)
    under = replace(under, valid=under.valid & ~foot)
    behind = replace(
        behind,
        valid=behind.valid & ~(under.valid & ~beside),
        depth=np.where(under.valid, upright, behind.depth),
    )
    parting = shore(
        front.depth,
        front.moving,
        sky,
        MOVES,
        long_side,
        lambda there: displacement(front.depth, there & needed, grown, path),
    )
    if parting is not None:
        front = replace(front, depth=parting.nearer(front.depth, sky))
        under = replace(under, behind=parting.behind(under.depth))
    overlap = round(SKY_OVERLAP * camera.height)
    with context.progress.part(0.7, 1.0):
        plate = _sky_plate(
            context, full_image, full_depth, sky, needed, full_moving, shift, overlap, inpainting
        )
    if matte is not None:
        front, behind, under, plate = _parted(matte, shown, front, behind, under, plate)
    cut = (replace(layer, valid=layer.valid & needed) for layer in (front, behind, under, plate))
    layers = tuple(layer for layer in cut if layer.valid.any())
    return LayeredPhoto(layers, grown, margins)


def _parted(
    matte: Matte, shown: Float32Image, front: Layer, behind: Layer, under: Layer, plate: Layer
) -> tuple[Layer, Layer, Layer, Layer]:
    """Return the layers with mixed pixels as both sides are; as ``shown`` where nothing is behind.

    Args:
        matte: On the grown grid.
        shown: [H, W, 3] the photo and what surrounds it.
        front: Has the colours of what is in front.
        behind: What else may be behind it.
        under: What moves behind it.
        plate: The sky.
    """
    land, sky = matte.mixed & ~matte.on_sky, matte.mixed & matte.on_sky

    def seen_through(layer: Layer, there: Mask) -> Layer:
        through = (there & layer.valid)[..., None]
        return replace(layer, image=np.where(through, matte.back, layer.image))

    whole = matte.mixed & ~np.where(sky, plate.valid, behind.valid | under.valid)
    coverage = np.where(whole, np.float32(1.0), matte.coverage)
    image = np.where(whole[..., None], shown, front.image)
    front = replace(front, image=image, coverage=coverage)
    return front, seen_through(behind, land), seen_through(under, land), seen_through(plate, sky)


def _needed(around: Surroundings, grown: Camera, path: Sequence[Camera], margins: Margins) -> Mask:
    """Return which pixels of the grown grid lie on the photo or where some camera looks."""
    step = LOOK_STEP
    seen = np.zeros(around.depth[::step, ::step].shape, dtype=bool)
    # What lies hidden far behind shifts less than what stands before it.
    for depth in (around.depth, np.full_like(around.depth, around.depth.max())):
        points = unproject_image(depth, grown)[::step, ::step].reshape(-1, 3)
        footprint = step * depth[::step, ::step].reshape(-1) / grown.K[0, 0]
        seen |= looked_at(points, path, footprint).reshape(seen.shape)
    wide = seen.astype(np.uint8).repeat(step, axis=0).repeat(step, axis=1)
    needed = dilate(wide[: grown.height, : grown.width] > 0, step)
    needed[margins.photo(needed.shape)] = True
    return needed


def _hidden_surfaces(
    context: Context, front: Layer, sky: Mask, needed: Mask, shift: float, inpainting: str
) -> Layer:
    """Return the layer of what depth edges hide and a parallax of ``shift`` reveals.

    What moves and what stands are continued each by itself: a post goes on behind a post, and the
    water beside it is neither at its depth nor of its colour.
    """
    disparity = np.where(sky, 0.0, 1.0 / front.depth).astype(np.float32)
    moves = front.moving > MOVES
    sides = sides_of_moving(disparity, sky, moves, shift)
    of_moving, own_edge = edge_of_moving(disparity, moves, sky, sides)
    valid = np.zeros_like(sky)
    colours, depth = front.image, front.depth
    for here, own in ((~of_moving, ~moves), (of_moving, moves)):
        found = hidden_surface(disparity, sky, shift, own, sides) if here.any() else None
        if found is None:
            continue
        continued, hidden, sources = found
        hidden, sources = hidden & needed & here & own_edge, sources & needed
        filled = inpaint(context, front.image, hidden, sources, method=inpainting)
        behind = 1.0 / np.maximum(continued, 1.0 / front.depth.max())
        colours = np.where(hidden[..., None], filled, colours)
        depth = np.where(hidden, behind, depth).astype(np.float32)
        valid |= hidden
    return Layer("behind", colours, depth, valid, np.zeros_like(depth))


def _moving_under(
    context: Context, front: Layer, sky: Mask, needed: Mask, long_side: int, inpainting: str
) -> Layer:
    """Return the layer of moving surfaces under what stands in them."""
    disparity = np.where(sky, 0.0, 1.0 / front.depth).astype(np.float32)
    found = moving_under(disparity, sky, front.moving, MOVES, long_side)
    if found is None:
        return replace(front, name="under", valid=np.zeros_like(sky))
    continued, moving, hidden, sources = found
    hidden, sources = hidden & needed, sources & needed
    colours = inpaint(context, front.image, hidden, sources, method=inpainting)
    colours = mirrored_rows(colours, hidden, sources)
    depth = (1.0 / np.maximum(continued, 1.0 / front.depth.max())).astype(np.float32)
    return Layer("under", colours, depth, hidden, moving)


def _sky_plate(
    context: Context,
    image: Float32Image,
    depth: Float32Image,
    sky: Mask,
    needed: Mask,
    moving: Float32Image,
    shift: float,
    overlap: int,
    inpainting: str,
) -> Layer:
    """Continue the sky behind whatever stands before it, as far as the path reveals it."""
    if not sky.any():
        return Layer("sky", image, depth, sky, np.zeros_like(depth))
    # Pixels on the skyline mix sky and land, so they are neither kept nor copied from.
    clean = np.asarray(cv2.erode(sky.astype(np.uint8), disc(1)), dtype=bool)
    clean = clean if clean.any() else sky
    plate = _behind_skyline(depth, sky, shift, overlap) & needed
    colours = inpaint(context, image, plate & ~clean, clean & needed, method=inpainting)
    far = np.full_like(depth, float(np.median(depth[sky])))
    far[sky] = depth[sky]
    return Layer("sky", colours, far, plate, fill_smooth(moving, clean))


def _behind_skyline(depth: Float32Image, sky: Mask, shift: float, overlap: int) -> Mask:
    """Return the sky [H, W] and what of it stands before it hides and the path reveals.

    How far depends on what stands at the skyline: the ground below it hides nothing of the sky.
    """
    solid = np.where(sky, 0.0, 1.0 / depth).astype(np.float32)
    beside = cv2.dilate(solid, np.ones((5, 5), np.uint8))
    return within_reach(overlap + shift * beside, sky)
