"""The colours beyond the frame: each kind of surface goes on in its own texture.

A beach is not continued by the sea beside it: whatever is invented is made from what the photo
shows of the same kind. Floors below the frame are made on the floor itself, see
:mod:`livescape.points.rectified`.
"""

from __future__ import annotations

import functools

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.imaging.morphology import dilate, touching
from livescape.imaging.smoothing import fill_smooth
from livescape.inpainting.fill import inpaint
from livescape.points.floor import Floor
from livescape.points.kinds import MOVING_FLOOR, OPEN, STANDING, STILL_FLOOR, Surroundings
from livescape.points.margins import Margins
from livescape.points.rectified import lends_texture, synthesised
from livescape.points.rows import mirrored_rows
from livescape_shared.camera import Camera

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

CONTEXT = 48
"""Pixels around a hole that an inpainter is shown besides the nearest of its kind."""

EVEN = 5
"""Pixels over which a colour is averaged before it is compared."""

SAME_COLOUR = 0.12
"""Largest difference, in any channel, of colours of the same surface."""

BORDER_COLOURS = 48
"""Colours of the border, about, with which others are compared."""

TONE = 0.025
"""Extent, as a share of the long side, over which a colour is averaged to its tone."""

SEAM = 2
"""Pixels beside the border whose tones are compared."""

BAND = 4
"""Pixels inside the border that tell its tone: sand may be a thin strip there, before rocks."""

LEAST_SOURCE = 64
"""Pixels of a kind that the photo must show for it to be continued from itself alone."""


def surrounding_colours(
    context: Context,
    image: Float32Image,
    around: Surroundings,
    needed: Mask,
    floor: Floor | None,
    camera: Camera,
    margins: Margins,
    inpainting: str,
) -> Float32Image:
    """Return the photo with what surrounds it [H, W, 3].

    Args:
        context: For the inpainter.
        image: [h, w, 3] the photo, display sRGB.
        around: Kinds and depth on the grown grid.
        needed: [H, W] where some camera looks; nothing is invented elsewhere.
        floor: The plane on which the scene stands.
        camera: Of the grown grid.
        margins: Where the photo lies on it.
        inpainting: What fills holes.
    """
    inside = np.zeros(needed.shape, dtype=bool)
    inside[margins.photo(needed.shape)] = True
    kinds = around.kinds[margins.photo(needed.shape)]
    reaching = _reaching_out(around, inside)
    reaching[margins.photo(needed.shape)] &= _like_border(image, kinds, _frame(kinds.shape))
    known = around.source >= 0
    full = image.reshape(-1, 3)[np.maximum(around.source, 0)]
    holes = needed & ~known
    if floor is not None:
        bottom = margins.top + image.shape[0] - 1
        below = reaching.copy()
        below[margins.photo(needed.shape)] &= _like_border(image, kinds, _lowest_row(kinds.shape))
        for kind in (STILL_FLOOR, MOVING_FLOOR):
            own = around.kinds == kind
            wanted = holes & own
            wanted[: bottom + 1] = False
            if kind == MOVING_FLOOR:
                wanted |= needed & own & ~inside & lends_texture(floor, camera, bottom)
            if not wanted.any():
                continue
            made = None
            for source in (below & own, reaching & own):
                if made is None:
                    made = synthesised(context, full, wanted, source, floor, camera, bottom,
                                       image[..., 0].size, inpainting)  # fmt: skip
            if made is not None:
                full[wanted] = made
                known |= wanted
                holes &= ~wanted
    for kind in (OPEN, STANDING, STILL_FLOOR, MOVING_FLOOR):
        own = around.kinds == kind
        wanted = holes & own
        if wanted.any():
            source = reaching & own
            if source.sum() < LEAST_SOURCE:
                source = inside & own if (inside & own).sum() >= LEAST_SOURCE else inside
            full = _filled(context, full, wanted, source, inpainting)
            if kind in (STILL_FLOOR, MOVING_FLOOR):
                full = mirrored_rows(full, wanted, known & own)
    invented = needed & (around.source < 0)
    for kind in (STILL_FLOOR, MOVING_FLOOR):
        own = around.kinds == kind
        full = in_tone(full, invented & own, inside & own)
    return full


def in_tone(image: Float32Image, invented: Mask, shown: Mask) -> Float32Image:
    """Return ``image`` [H, W, 3] in which what is invented goes on in the tone that is shown.

    A floor lends its texture from farther away, where haze and the sky in it make it paler: that
    would be a seam along the border. The texture stays, its mean colour is shifted to that of the
    border beside it.

    Args:
        image: [H, W, 3] display sRGB.
        invented: [H, W] pixels of one kind.
        shown: [H, W] pixels of the same kind in the photo.
    """
    seam = invented & dilate(shown, SEAM)
    if not seam.any():
        return image
    sigma = TONE * max(image.shape[:2])

    def tone(part: Mask) -> Float32Image:
        weight = cv2.GaussianBlur(part.astype(np.float32), (0, 0), sigma)[..., None]
        total = cv2.GaussianBlur(image * part[..., None], (0, 0), sigma)
        return np.asarray(total / np.maximum(weight, 1e-6), dtype=np.float32)

    border = shown & dilate(invented, BAND)
    shift = fill_smooth(tone(border) - tone(invented), seam)
    return np.where(invented[..., None], (image + shift).clip(0.0, 1.0), image).astype(np.float32)


def _reaching_out(around: Surroundings, inside: Mask) -> Mask:
    """Return the pixels [H, W] of the photo whose surface reaches its border.

    A rock in a river is no bank: it does not lend its texture to what lies beyond.
    """
    found = np.zeros_like(inside)
    edge = inside & dilate(~inside, 1)
    for kind in (OPEN, STANDING, STILL_FLOOR, MOVING_FLOOR):
        found |= touching(inside & (around.kinds == kind), edge)
    return found


def _frame(shape: tuple[int, ...]) -> Mask:
    """Return the outermost pixels [h, w] of a picture."""
    frame = np.zeros(shape, dtype=bool)
    frame[:, (0, -1)] = frame[(0, -1)] = True
    return frame


def _lowest_row(shape: tuple[int, ...]) -> Mask:
    """Return the lowest pixels [h, w] of a picture."""
    lowest = np.zeros(shape, dtype=bool)
    lowest[-1] = True
    return lowest


def _like_border(image: Float32Image, kinds: NDArray[np.uint8], border: Mask) -> Mask:
    """Return the pixels [h, w] of the photo whose colour its kind also has at a ``border`` [h, w].

    Rocks on a beach are no sand: what goes on beyond the border is what is seen there. A kind that
    is not seen there counts as a whole.
    """
    even = cv2.blur(image, (EVEN, EVEN))
    alike = ~np.isin(kinds, np.unique(kinds[border]))
    for kind in np.unique(kinds[border]):
        own = kinds == kind
        shown = even[own & border]
        channels = np.ascontiguousarray(even[own].T)
        near = np.zeros(channels.shape[1], dtype=bool)
        for colour in shown[:: max(1, len(shown) // BORDER_COLOURS)]:
            close = (
                np.abs(channel - value) < SAME_COLOUR
                for channel, value in zip(channels, colour, strict=True)
            )
            near |= functools.reduce(np.logical_and, close)
        alike[own] = near
    return alike


def _filled(
    context: Context, image: Float32Image, wanted: Mask, source: Mask, inpainting: str
) -> Float32Image:
    """Fill ``wanted`` from ``source``, looking no farther around than there is something to do."""
    rows, columns = np.nonzero(wanted | (source & dilate(wanted, CONTEXT)))
    if not (source[rows, columns]).any():
        rows, columns = np.nonzero(wanted | source)
    part = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    result = image.copy()
    result[part] = inpaint(context, image[part], wanted[part], source[part], method=inpainting)
    return result
