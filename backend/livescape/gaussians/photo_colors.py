"""Colours with which the photo's own view is the photo, as nearly as shapes allow.

Fitting takes turns among views, and what comes near the camera is widened afterwards: both leave a
rest in the photo's view. A picture is linear in its colours, so a few steps of least squares take
most of that away. More would go on to what no eye sees, by neighbours in complementary colours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.engine.threads import cpu_threads
from livescape.gaussians.color import to_blending_space, to_display
from livescape.gaussians.linear_view import LinearView, least_squares
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians
from livescape_shared.settings import Blend

Float32Array = NDArray[np.float32]

STEPS = 32

REACH = 0.05
"""By which any display colour may leave both its bounds and the fitted one: a detail as fine as a
pixel has to be overdrawn, because no Gaussian is drawn as narrow as that."""

OVERDRAWN = 2.0
"""By how many times what the picture misses there a display colour may leave them further: what is
drawn a pixel wide gives half of its light or less to that pixel. A lamp on the horizon may so be
overdrawn by far; where next to nothing is missed, no neighbours become complementary."""

HIDDEN = 0.15
"""Share of one pixel below which what a Gaussian gives to the picture hardly changes it."""

_SLOPE_STEP = 1e-3


@dataclass(frozen=True)
class ColorBounds:
    """What colours N Gaussians may have.

    Attributes:
        shades: [N, 2, 3] least and most of their display colours. Within :data:`REACH` and
            :data:`OVERDRAWN` times what is missed where it is seen, one may leave its own as well.
        held: [N] those that may not: overdrawn beside what stands before them, they would show it
            once they are seen alone.
    """

    shades: Float32Array
    held: NDArray[np.bool_]

    def __getitem__(self, index: NDArray[np.integer]) -> ColorBounds:
        """Return those of some Gaussians."""
        return ColorBounds(self.shades[index], self.held[index])


def as_photo(
    gaussians: Gaussians,
    others: Gaussians,
    image: Float32Array,
    camera: Camera,
    bounds: ColorBounds,
    blend: Blend,
    *,
    device: str = "cpu",
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Gaussians:
    """Return N Gaussians in the colours in which ``camera`` sees ``image``.

    Args:
        gaussians: Those that change.
        others: Those that it sees besides, which stay as they are.
        image: [H, W, 3] display sRGB 0..1.
        camera: Sees it.
        bounds: What their colours may be.
        blend: Space colours are blended in.
        device: Where to compute.
        progress: Called with (step, steps); may raise to stop.
    """
    if not len(gaussians):
        return gaussians
    view = LinearView(Gaussians.concatenate(gaussians, others), camera, device)
    with cpu_threads(device):
        own, fixed = (view.tensor(each.colors) for each in (gaussians, others))
        seen = view.tensor(image)
        wanted = to_blending_space(seen, blend)
        start = to_blending_space(torch.cat([own, fixed]), blend)
        reach = REACH + OVERDRAWN * _missed(view, start, seen, blend)[: len(gaussians)]
        reach[torch.from_numpy(bounds.held).to(reach.device)] = 0.0
        low, high = view.tensor(bounds.shades).unbind(dim=1)
        low = torch.minimum(low, own - reach).clamp(0.0, 1.0)
        high = torch.maximum(high, own + reach).clamp(0.0, 1.0)
        least, most = (to_blending_space(torch.cat([each, fixed]), blend) for each in (low, high))
        # Errors count as a display shows them.
        slope = (to_display(wanted + _SLOPE_STEP, blend) - seen) / _SLOPE_STEP
        found = least_squares(view, wanted, slope**2, start, (least, most), STEPS, progress, HIDDEN)
        colors = to_display(found[: len(gaussians)], blend).clamp(0.0, 1.0)
        return replace(gaussians, colors=colors.cpu().numpy())


def _missed(view: LinearView, colors: Tensor, seen: Tensor, blend: Blend) -> Tensor:
    """Return [N, 3] by how much the picture of blended ``colors`` is off where each is seen.

    Args:
        view: The map.
        colors: [N, 3] in the space of ``blend``.
        seen: [H, W, 3] display sRGB 0..1, what it should be.
        blend: Space colours are blended in.
    """
    with torch.no_grad():
        error = (to_display(view.blended(colors), blend) - seen).abs()
    return view.given(error) / view.given(torch.ones_like(error)).clamp(min=HIDDEN)
