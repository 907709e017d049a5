"""The inpainters by name, and the one function that the pipeline calls.

With any of them, what appears behind an object is never copied from the object: before an
inpainter sees the image, the holes and all pixels that are not sources are replaced by smooth
colours of the sources.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.imaging.smoothing import fill_smooth
from livescape.inpainting.lama import fill_by_lama
from livescape.inpainting.patchmatch import fill_texture, patchmatch_available
from livescape.inpainting.stable_diffusion import fill_by_diffusion
from livescape.networks.registry import MODELS
from livescape.networks.store import model_identity

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

Fill = Callable[[Context, Float32Image, Mask, Mask], Float32Image]
"""Context, prepared image [H, W, 3], holes [H, W] and excluded pixels [H, W] to a filled image."""


@dataclass(frozen=True)
class Inpainter:
    """An inpainter, with what a user should know before choosing it.

    Attributes:
        name: Value of the setting.
        description: One line. The download size and licence of a network are on its card in
            :data:`~livescape.networks.registry.MODELS`.
        run: Fills the holes of a prepared image.
    """

    name: str
    description: str
    run: Fill


def _network(name: str, run: Fill) -> Inpainter:
    return Inpainter(name, MODELS[name].description, run)


INPAINTERS: dict[str, Inpainter] = {
    inpainter.name: inpainter
    for inpainter in (
        Inpainter(
            "patchmatch",
            description="Texture copied from the background of the same photo; no download.",
            run=fill_texture,
        ),
        _network("lama", fill_by_lama),
        _network("stable_diffusion", fill_by_diffusion),
    )
}
"""Every inpainter by name."""


def inpaint(
    context: Context,
    image: Float32Image,
    holes: Mask,
    sources: Mask | None = None,
    *,
    method: str = "patchmatch",
) -> Float32Image:
    """Return [H, W, 3] sRGB with ``holes`` [H, W] filled from ``sources`` alone.

    Args:
        context: Provides the models and the device, and notices when the user cancels.
        image: Display sRGB 0..1.
        holes: Pixels to fill.
        sources: Pixels that may be copied; all but the holes if not given.
        method: A name in :data:`INPAINTERS`.

    Raises:
        ValueError: If there is no such method.
        LivescapeError: What the inpainter raises.
    """
    if method not in INPAINTERS:
        raise ValueError(f"method must be one of {list(INPAINTERS)}, not {method!r}")
    if not holes.any():
        return image
    allowed = ~holes if sources is None else sources & ~holes
    if not allowed.any():
        return fill_smooth(image, ~holes)
    prepared = fill_smooth(image, allowed)
    filled = INPAINTERS[method].run(context, prepared, holes, ~allowed & ~holes)
    return np.where(holes[..., None], filled, image).astype(np.float32)


def inpainting_identity(context: Context, method: str) -> str:
    """Return what a result of ``method`` depends on besides the image.

    That is its weights' hash, or whether PatchMatch runs on this machine.

    Raises:
        LivescapeError: ``model_missing`` or ``model_unreadable``.
    """
    if method in MODELS:
        return context.progress.waiting(lambda: model_identity(context.models, method))
    return "texture" if patchmatch_available() else "smooth"
