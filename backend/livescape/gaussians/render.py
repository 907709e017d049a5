"""Render a record of Gaussians to numpy images, outside of training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.engine.rasterize import rasterize
from livescape.engine.threads import cpu_threads
from livescape.gaussians.color import to_blending_space, to_display
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians
from livescape_shared.settings import Blend


@dataclass(frozen=True, eq=False)
class RenderedView:
    """What one camera sees.

    Attributes:
        image: [H, W, 3] display sRGB, float32 0..1, over black.
        alpha: [H, W] coverage 0..1.
        depth: [H, W] expected camera-space z in metres, 0 where nothing is hit.
        light: [H, W, 3] the image in linear light, where it may be brighter than white.
    """

    image: NDArray[np.float32]
    alpha: NDArray[np.float32]
    depth: NDArray[np.float32]
    light: NDArray[np.float32]


def render(
    gaussians: Gaussians,
    camera: Camera,
    blend: Blend = "linear",
    *,
    device: torch.device | str = "cpu",
) -> RenderedView:
    """Render Gaussians as Blender does ("linear") or as classic 3DGS does ("srgb").

    Args:
        gaussians: N Gaussians; none gives an empty image.
        camera: Camera and image size.
        blend: Space the colours are blended in.
        device: Engine to use, "cpu" or "cuda".

    Raises:
        ValueError: If `blend` is unknown.
        LivescapeError: See `rasterize`.
    """

    def tensor(array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(array).to(device)

    with torch.no_grad(), cpu_threads():
        view = rasterize(
            tensor(gaussians.means),
            tensor(gaussians.quats),
            tensor(gaussians.scales),
            tensor(gaussians.opacities),
            to_blending_space(tensor(gaussians.colors), blend),
            tensor(camera.viewmat[None]),
            tensor(camera.K[None]),
            camera.width,
            camera.height,
        )
        display = to_display(view.colors[0], blend)
        light = to_blending_space(display, "linear") if blend == "srgb" else view.colors[0]
        alpha, depth = view.alphas[0, ..., 0], view.depths[0, ..., 0]
        planes = (display.clamp(0.0, 1.0), alpha, depth, light)
        return RenderedView(*(plane.cpu().numpy() for plane in planes))
