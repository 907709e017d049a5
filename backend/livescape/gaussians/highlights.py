"""Colours brighter than white: how much light beyond it each Gaussian gives.

Gaussians are fitted as a display shows the photo, where the sun is as bright as a white wall. What
they lack to be as bright as the photo is found afterwards, with all else as it is: a picture is
linear in its colours.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.cameras.projection import project_points
from livescape.engine.rasterize import rasterize
from livescape.engine.threads import cpu_threads
from livescape.gaussians.color import to_blending_space, to_display
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians
from livescape_shared.settings import Blend

Float32Array = NDArray[np.float32]

STEPS = 40
"""Of projected gradient descent; more change no pixel by a hundredth of white."""

WHITE = 0.9
"""Least display colour that may be brighter than white. What is darker lies beside a highlight,
or hidden behind it: light that it gave would be a fringe, or a lamp that comes out from there."""

FLARE = 0.01
"""Share of a highlight that may shine on its neighbours, as in any lens. A sun of a thousand times
white would otherwise lose a third of its light to keep its neighbours as dark as they are."""

NEARBY = 3
"""Pixels that count as neighbours."""

MOST = 1.25
"""Light that a Gaussian may have, in units of the brightest beside it. More of it would make up for
what its neighbours lack at an edge, and be a speck from elsewhere."""

REACH = 16
"""Pixels around highlights that tell what light would show beside them."""

_FAINTEST = 1e-3
"""Share of one pixel that a Gaussian must give to the picture to be told anything by it."""


def with_highlights(
    gaussians: Gaussians,
    image: Float32Array,
    highlights: Float32Array,
    camera: Camera,
    blend: Blend,
    *,
    device: str = "cpu",
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Float32Array:
    """Return the colours [N, 3] with which the photo's view has its highlights too.

    They are display sRGB whose curve goes on beyond 1. Those that nothing makes brighter are
    returned to the bit.

    Args:
        gaussians: N Gaussians, fitted to ``image``.
        image: [H, W, 3] display sRGB 0..1.
        highlights: [H, W, 3] linear light beyond white.
        camera: Sees ``image``.
        blend: Space the colours are blended in.
        device: Where to compute.
        progress: Called with (step, steps) before each; may raise to stop.
    """
    rows, columns = _around(highlights.max(axis=-1) > 0.0)
    K = camera.K.copy()
    K[:2, 2] -= (columns.start, rows.start)

    def tensor(values: NDArray[np.floating]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values, np.float32)).to(device)

    shown = tensor(image[rows, columns])
    light = tensor(highlights[rows, columns])
    height, width = shown.shape[:2]
    fixed = [tensor(getattr(gaussians, name)) for name in ("means", "quats", "scales", "opacities")]
    view = tensor(camera.viewmat[None]), tensor(K[None]), width, height
    own = tensor(gaussians.colors)

    def blended(colors: Tensor) -> Tensor:
        return rasterize(*fixed, colors, *view).colors[0]

    def given(weights: Tensor) -> Tensor:
        """What each Gaussian gives to the sum of the pixels, each times its weight."""
        ones = torch.ones_like(own).requires_grad_()
        return torch.autograd.grad(blended(ones), ones, weights)[0]

    with cpu_threads():
        white = to_blending_space(shown, blend)
        linear = to_blending_space(shown, "linear")
        wanted = to_blending_space(to_display(linear + light, "linear"), blend) - white
        # Errors count as shares of the light: of white below it, of the highlight above.
        nearby = _nearby(wanted)
        weight = 1.0 / (1.0 + torch.maximum(wanted, FLARE * nearby)) ** 2
        with torch.no_grad():
            alpha = blended(torch.ones_like(own))
        share = given(weight * alpha)
        told = (own >= WHITE) & (given(torch.ones_like(weight)) > _FAINTEST)
        cut = Camera(width, height, K, camera.viewmat)
        most = torch.where(told, MOST * _at(gaussians.means, cut, nearby), 0.0)
        more = _least_squares(
            lambda residual: given(weight * residual), blended, wanted, share, most, progress
        )
        lit = to_display(to_blending_space(own, blend) + more, blend)
        return torch.where(more > 0.0, lit, own).cpu().numpy()


def _nearby(light: Tensor) -> Tensor:
    """Return the brightest light [H, W, C] that is near."""
    planes = light.movedim(-1, 0)[None]
    side = 2 * NEARBY + 1
    widest = torch.nn.functional.max_pool2d(planes, side, stride=1, padding=NEARBY)
    return widest[0].movedim(0, -1)


def _at(points: Float32Array, camera: Camera, light: Tensor) -> Tensor:
    """Return the light [N, 3] of the pixels that show ``points``; 0 outside of the picture."""
    positions, depth = project_points(points, camera)
    column, row = np.floor(np.clip(positions, -1.0, max(light.shape[:2]))).astype(np.int64).T
    inside = (depth > 0.0) & (column >= 0) & (column < camera.width) & (row >= 0)
    inside &= row < camera.height
    found = torch.zeros((len(points), light.shape[2]), device=light.device)
    found[inside] = light[row[inside], column[inside]]
    return found


def _least_squares(
    back: Callable[[Tensor], Tensor],
    blended: Callable[[Tensor], Tensor],
    wanted: Tensor,
    share: Tensor,
    most: Tensor,
    progress: Callable[[int, int], None],
) -> Tensor:
    """Return the light [N, 3], from 0 to ``most``, that is blended nearest to what is ``wanted``.

    Accelerated projected gradients (Beck and Teboulle 2009). Blending weights are not negative, so
    a step of ``share``, the sums of the rows of the normal matrix, never goes too far.
    """
    found = ahead = torch.zeros_like(share)
    step = 1.0 / share.clamp(min=1e-12)
    momentum = 1.0
    for index in range(STEPS):
        progress(index, STEPS)
        with torch.no_grad():
            residual = wanted - blended(ahead)
        following = torch.minimum((ahead + step * back(residual)).clamp(min=0.0), most)
        grown = 0.5 * (1.0 + (1.0 + 4.0 * momentum**2) ** 0.5)
        ahead = following + (momentum - 1.0) / grown * (following - found)
        found, momentum = following, grown
    return found


def _around(bright: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the rows and columns of a picture [H, W] within reach of what is bright."""
    slices = []
    for axis in (1, 0):
        used = np.flatnonzero(bright.any(axis=axis))
        first, last = max(int(used[0]) - REACH, 0), int(used[-1]) + 1 + REACH
        slices.append(slice(first, min(last, bright.shape[1 - axis])))
    return slices[0], slices[1]
