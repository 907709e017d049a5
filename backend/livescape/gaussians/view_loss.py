"""Views to fit, and the loss of the Gaussians against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from livescape.engine.rasterize import rasterize
from livescape.engine.rasterize.types import RasterInfo
from livescape.engine.ssim import WINDOW, PhotometricTarget, photometric_losses, photometric_target
from livescape.gaussians.color import to_blending_space, to_display
from livescape.gaussians.parameters import GaussianParameters
from livescape_shared.settings import Blend

BESIDE = WINDOW // 2 + 1
"""Pixels beside those that count which their structure depends on."""

WHOLE = (32, 48)
"""Rows and columns that are drawn together: a part that begins with such a block is drawn like
the whole."""


@dataclass(frozen=True, eq=False)
class TrainingView:
    """An image to fit.

    Attributes:
        viewmat: [4, 4] world-to-camera, OpenCV axes.
        K: [3, 3] intrinsics in pixels of the image.
        image: [H, W, 3] display sRGB 0..1.
        mask: [H, W] validity, bool or weights 0..1; all valid if None.
        weight: Factor on this view's loss.
    """

    viewmat: NDArray[np.floating]
    K: NDArray[np.floating]
    image: NDArray[np.float32]
    mask: NDArray[np.floating] | NDArray[np.bool_] | None = None
    weight: float = 1.0


def part_that_counts(view: TrainingView) -> TrainingView:
    """Return the part of a view that its mask holds, a fit to which alone takes the same steps.

    A loss is a mean over what counts, and the gradients that a fit heeds are told by the size of
    the view: what is left out is made up for by weight.
    """
    if view.mask is None or not np.any(view.mask):
        return view
    part, K = [], np.array(view.K, dtype=np.float64)
    for axis, (size, whole) in enumerate(zip(view.image.shape[:2], WHOLE, strict=True)):
        there = np.flatnonzero(np.any(view.mask, axis=1 - axis))
        first = max(int(there[0]) - BESIDE, 0) // whole * whole
        part.append(slice(first, min(int(there[-1]) + BESIDE + 1, size)))
        K[1 - axis, 2] -= first
    rows, columns = part
    image = view.image[rows, columns]
    weight = view.weight * view.image.size / image.size
    return TrainingView(view.viewmat, K, image, np.asarray(view.mask)[rows, columns], weight)


@dataclass(frozen=True, eq=False)
class PreparedView:
    """A `TrainingView` on the device; its weight too, so that no step copies anything there."""

    viewmat: Tensor
    K: Tensor
    target: PhotometricTarget
    weight: Tensor


def prepared_view(view: TrainingView, device: str) -> PreparedView:
    """Put a view on the device.

    Raises:
        ValueError: If its image is not [H, W, 3].
    """
    if view.image.ndim != 3 or view.image.shape[2] != 3:
        raise ValueError(f"a view's image must be [H, W, 3], got {view.image.shape}")

    def tensor(values: ArrayLike) -> Tensor:
        return torch.from_numpy(np.asarray(values, np.float32, order="C")).to(device)

    mask = None if view.mask is None else tensor(view.mask)
    target = photometric_target(tensor(view.image), mask)
    return PreparedView(tensor(view.viewmat), tensor(view.K), target, tensor(view.weight))


def mean_loss(
    parameters: GaussianParameters,
    batch: Sequence[PreparedView],
    *,
    blend: Blend,
    ssim_weight: float,
    absgrad: bool = False,
    backdrops: Sequence[GaussianParameters | None],
) -> tuple[Tensor, list[RasterInfo]]:
    """Return the mean of the views' weighted losses, and the by-products of rendering them.

    Views of one size and one backdrop are rendered together.

    Args:
        parameters: The Gaussians.
        batch: Views.
        blend: Space colours are blended in.
        ssim_weight: Share of D-SSIM.
        absgrad: Have the backward pass store `means2d.absgrad` in every info.
        backdrops: For each view more Gaussians that it shows; they come last in its info.
    """
    alike: dict[tuple[torch.Size, int], list[PreparedView]] = {}
    behind = {id(backdrop): backdrop for backdrop in backdrops}
    for view, backdrop in zip(batch, backdrops, strict=True):
        alike.setdefault((view.target.image.shape, id(backdrop)), []).append(view)
    sums, infos = [], []
    for (_, number), views in alike.items():
        sets = [each for each in (parameters, behind[number]) if each is not None]
        height, width = views[0].target.image.shape[:2]
        rendered = rasterize(
            torch.cat([each.means() for each in sets]),
            torch.cat([each.quats() for each in sets]),
            torch.cat([each.scales() for each in sets]),
            torch.cat([each.opacities() for each in sets]),
            to_blending_space(torch.cat([each.colors for each in sets]), blend),
            torch.stack([view.viewmat for view in views]),
            torch.stack([view.K for view in views]),
            width,
            height,
            absgrad=absgrad,
        )
        display = to_display(rendered.colors, blend)
        losses = photometric_losses(display, [view.target for view in views], ssim_weight)
        sums.append((torch.stack([view.weight for view in views]) * losses).sum())
        infos.append(rendered.info)
    return torch.stack(sums).sum() / len(batch), infos
