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
from livescape.engine.threads import cpu_threads
from livescape.gaussians.color import to_blending_space, to_display
from livescape.gaussians.linear_view import LinearView, least_squares
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians
from livescape_shared.settings import Blend

Float32Array = NDArray[np.float32]

STEPS = 20
"""Of projected gradients; more change no pixel of a tone-mapped picture by two codes of 8 bits."""

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
    view = LinearView(gaussians, _cut(camera, rows, columns), device)
    own = view.tensor(gaussians.colors)
    with cpu_threads():
        white = view.tensor(image[rows, columns])
        light = to_blending_space(white, "linear") + view.tensor(highlights[rows, columns])
        bright = to_blending_space(to_display(light, "linear"), blend)
        wanted = bright - to_blending_space(white, blend)
        nearby = _nearby(wanted)
        # Errors count as shares of the light: of white below it, of the highlight above.
        weight = 1.0 / (1.0 + torch.maximum(wanted, FLARE * nearby)) ** 2
        told = (own >= WHITE) & (view.given(torch.ones_like(weight)) > _FAINTEST)
        beside = view.tensor(_at(gaussians.means, view.camera, nearby.cpu().numpy()))
        most = torch.where(told, MOST * beside, 0.0)
        nothing = torch.zeros_like(most)
        more = least_squares(view, wanted, weight, nothing, (nothing, most), STEPS, progress)
        lit = to_display(to_blending_space(own, blend) + more, blend)
        return torch.where(more > 0.0, lit, own).cpu().numpy()


def _nearby(light: Tensor) -> Tensor:
    """Return the brightest light [H, W, C] that is near."""
    planes = light.movedim(-1, 0)[None]
    side = 2 * NEARBY + 1
    widest = torch.nn.functional.max_pool2d(planes, side, stride=1, padding=NEARBY)
    return widest[0].movedim(0, -1)


def shows_highlights(
    gaussians: Gaussians, highlights: Float32Array, camera: Camera
) -> NDArray[np.bool_]:
    """Return [N] which Gaussians lie, and are white, where the photo is brighter than white.

    Args:
        gaussians: N Gaussians.
        highlights: [H, W, 3] linear light beyond white.
        camera: Sees them.
    """
    there = _at(gaussians.means, camera, highlights)
    return np.asarray(((there > 0.0) & (gaussians.colors >= WHITE)).any(axis=1))


def _at(points: Float32Array, camera: Camera, light: Float32Array) -> Float32Array:
    """Return the light [N, C] of the pixels that show ``points``; 0 outside of the picture."""
    positions, depth = project_points(points, camera)
    column, row = np.floor(np.clip(positions, -1.0, max(light.shape[:2]))).astype(np.int64).T
    inside = (depth > 0.0) & (column >= 0) & (column < camera.width) & (row >= 0)
    inside &= row < camera.height
    found = np.zeros((len(points), light.shape[2]), np.float32)
    found[inside] = light[row[inside], column[inside]]
    return found


def _cut(camera: Camera, rows: slice, columns: slice) -> Camera:
    """Return the camera of a part of its picture."""
    K = camera.K.copy()
    K[:2, 2] -= (columns.start, rows.start)
    return Camera(columns.stop - columns.start, rows.stop - rows.start, K, camera.viewmat)


def _around(bright: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the rows and columns of a picture [H, W] within reach of what is bright."""
    slices = []
    for axis in (1, 0):
        used = np.flatnonzero(bright.any(axis=axis))
        first, last = max(int(used[0]) - REACH, 0), int(used[-1]) + 1 + REACH
        slices.append(slice(first, min(last, bright.shape[1 - axis])))
    return slices[0], slices[1]
