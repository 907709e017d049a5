"""What a picture's weights are made from."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class View(NamedTuple):
    """N Gaussians without their colours, and the camera that sees them; float32, no gradients."""

    means: Tensor
    """[N, 3] metres."""
    quats: Tensor
    """[N, 4] w, x, y, z."""
    scales: Tensor
    """[N, 3] metres."""
    opacities: Tensor
    """[N] in 0..1; above, they count as 1."""
    viewmat: Tensor
    """[4, 4] world-to-camera, OpenCV axes."""
    K: Tensor
    """[3, 3] intrinsics in pixels."""
    width: int
    height: int
