"""Gaussians whose colours are linear light, shown as display sRGB."""

from __future__ import annotations

import numpy as np

from livescape_shared.conventions import linear_to_srgb
from livescape_shared.rendering import LINEAR_KNEE, SRGB_GAMMA, SRGB_SCALE, SRGB_SLOPE
from livescape_shared.splats import Splats


def displayed(splats: Splats) -> Splats:
    """Return splats of linear colours in display sRGB.

    The colour from everywhere is exact; what depends on the view is scaled by the slope of the
    transfer curve there.
    """
    gaussians, harmonics = splats.gaussians, splats.harmonics
    linear = gaussians.colors
    encoded = type(gaussians)(
        gaussians.means,
        gaussians.quats,
        gaussians.scales,
        gaussians.opacities,
        linear_to_srgb(linear),
    )
    if harmonics is None:
        return Splats(encoded)
    power = SRGB_SCALE / SRGB_GAMMA * np.maximum(linear, LINEAR_KNEE) ** (1.0 / SRGB_GAMMA - 1.0)
    slope = np.where(linear <= LINEAR_KNEE, SRGB_SLOPE, power)
    return Splats(encoded, (harmonics * slope[:, None, :]).astype(np.float32))
