"""The ways to fill a hole by name, and the one call the pipeline makes.

Whatever the way, what appears behind an object is never made of the object: before anything
else sees the image, the holes and all pixels that are no source are replaced by smooth colours
of the sources.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.inpainting.lama import fill_by_lama
from livescape.inpainting.patchmatch import fill_texture
from livescape.inpainting.smooth import fill_smooth
from livescape.inpainting.stable_diffusion import fill_by_diffusion
from livescape.models.registry import MODELS
from livescape.models.store import model_identity
from livescape_shared.errors import LivescapeError

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

Fill = Callable[[Float32Image, Mask, Mask], Float32Image]
"""Prepared image [H, W, 3], holes [H, W] and excluded pixels [H, W] to a filled image."""


@dataclass(frozen=True)
class Inpainter:
    """A way to fill holes, with what a user should know before choosing it.

    Attributes:
        name: Value of the setting.
        licence: SPDX expression of its weights or, where it has none, of its code.
        download_bytes: What must be fetched before it can run; 0 if nothing.
        description: One line.
        run: Fills the holes of a prepared image.
    """

    name: str
    licence: str
    download_bytes: int
    description: str
    run: Fill


def _network(name: str, run: Fill) -> Inpainter:
    card = MODELS[name]
    return Inpainter(name, card.licence, card.download_bytes, card.description, run)


INPAINTERS: dict[str, Inpainter] = {
    inpainter.name: inpainter
    for inpainter in (
        Inpainter(
            "patchmatch",
            licence="MIT",
            download_bytes=0,
            description="Texture copied from the background of the same photo; no download.",
            run=fill_texture,
        ),
        _network("lama", fill_by_lama),
        _network("stable_diffusion", fill_by_diffusion),
    )
}
"""Every way by name."""


def inpaint(
    image: Float32Image, holes: Mask, sources: Mask | None = None, *, method: str = "patchmatch"
) -> Float32Image:
    """Return [H, W, 3] sRGB with ``holes`` [H, W] filled from ``sources`` alone.

    Args:
        image: Display sRGB 0..1.
        holes: Pixels to fill.
        sources: Pixels that may be copied; all but the holes if not given.
        method: A name in :data:`INPAINTERS`.

    Raises:
        LivescapeError: ``inpainting_unknown``, or what the way raises.
    """
    inpainter = _chosen(method)
    if not holes.any():
        return image
    allowed = ~holes if sources is None else sources & ~holes
    if not allowed.any():
        return fill_smooth(image, ~holes)
    filled = inpainter.run(fill_smooth(image, allowed), holes, ~allowed & ~holes)
    return np.where(holes[..., None], filled, image).astype(np.float32)


def inpainting_identity(method: str) -> str:
    """Return what a result of ``method`` depends on beside the image: its weights' hash.

    Raises:
        LivescapeError: ``inpainting_unknown``, ``model_missing``.
    """
    return model_identity(method) if _chosen(method).name in MODELS else ""


def _chosen(method: str) -> Inpainter:
    inpainter = INPAINTERS.get(method)
    if inpainter is None:
        raise LivescapeError(
            "inpainting_unknown",
            f"There is no way to fill holes named {method!r}.",
            hint=f"Choose one of: {', '.join(INPAINTERS)}.",
        )
    return inpainter
