"""Texture by PatchMatch (Barnes et al. 2009) where its wheel runs, smooth colour elsewhere."""

from __future__ import annotations

import logging
from types import ModuleType

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.imaging.morphology import dilate

LOGGER = logging.getLogger(__name__)

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

PATCH_RADIUS = 3
SEED = 0

ROUNDING = 2
"""Steps of 8 bits by which an average may miss what it is made of."""


def patchmatch_available() -> bool:
    """Return whether holes are filled with texture on this machine."""
    return _patchmatch() is not None


def fill_texture(
    context: Context, prepared: Float32Image, holes: Mask, excluded: Mask
) -> Float32Image:
    """Return ``prepared`` with ``holes`` synthesised from patches that avoid ``excluded``.

    Args:
        context: Notices when the user cancels.
        prepared: [H, W, 3] with smooth colours in both masks; returned as it is where
            PatchMatch cannot run, or not one whole patch may be copied.
        holes: [H, W] pixels to fill.
        excluded: [H, W] pixels that must not be copied.
    """
    module = _patchmatch()
    side = 2 * PATCH_RADIUS + 1
    whole = cv2.erode((~holes & ~excluded).astype(np.uint8), np.ones((side, side), np.uint8))
    if module is None or not whole.any():
        return prepared
    pixels = np.rint(np.clip(prepared, 0.0, 1.0) * 255.0).astype(np.uint8)
    module.set_random_seed(SEED)
    textured = context.progress.waiting(
        lambda: module.inpaint(
            np.ascontiguousarray(pixels),
            np.ascontiguousarray(holes, dtype=np.uint8) * 255,
            global_mask=np.ascontiguousarray(excluded, dtype=np.uint8) * 255,
            patch_size=PATCH_RADIUS,
        )
    )
    missed = _missed(textured, pixels[~holes & ~excluded], holes)
    return np.where(missed[..., None], prepared, textured.astype(np.float32) / 255.0)


def _missed(
    textured: NDArray[np.uint8], sources: NDArray[np.uint8], holes: Mask
) -> NDArray[np.bool_]:
    """Return the holes [H, W] that did not get their colours from ``sources`` [N, 3].

    Where sources are far away or vanish on a coarse level, PatchMatch leaves black, with noise
    around it. What it copies and averages lies between the sources' colours.
    """
    low, high = sources.min(axis=0).astype(int), sources.max(axis=0).astype(int)
    strange = (textured < low - ROUNDING) | (textured > high + ROUNDING)
    wrong = dilate(holes & strange.any(axis=-1), 2 * PATCH_RADIUS)
    return np.asarray(wrong & holes, dtype=bool)


def _patchmatch() -> ModuleType | None:
    """Return the PatchMatch module if this machine can run it."""
    try:
        from patchmatch import patch_match
    except (ImportError, OSError) as error:
        LOGGER.info("PatchMatch is not available; holes are filled with smooth colour: %s", error)
        return None
    return patch_match if patch_match.patchmatch_available else None
