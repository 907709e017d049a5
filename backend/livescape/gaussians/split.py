"""One Gaussian that has too much to say becomes two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape_shared.gaussians import Gaussians, rotation_matrices

APART = 0.5
"""Distance of each half from the old mean along the longest axis, in its deviations: the
halves then tile the patch the Gaussian stood for."""

SHRINK = 0.55
"""Factor on the longest axis of a half."""


def halves(gaussians: Gaussians, clone: NDArray[np.bool_]) -> tuple[Gaussians, Gaussians]:
    """Return two sets [N] that together look like ``gaussians`` [N].

    Args:
        gaussians: What is split along its longest axis.
        clone: [N] those too small to be made smaller: both copies keep the size and are half as
            dense, so that what both cover is as opaque as before.
    """
    longest = np.argmax(gaussians.scales, axis=1)
    rows = np.arange(len(gaussians))
    axis = rotation_matrices(gaussians.quats)[rows, :, longest]
    step = APART * gaussians.scales[rows, longest, None] * axis
    scales = gaussians.scales.copy()
    scales[rows, longest] *= np.where(clone, 1.0, SHRINK).astype(np.float32)
    thinner = 1.0 - np.sqrt(np.maximum(1.0 - gaussians.opacities, 0.0))
    opacities = np.where(clone, thinner, gaussians.opacities)
    first, second = (
        Gaussians(gaussians.means + sign * step, gaussians.quats, scales, opacities,
                  gaussians.colors)
        for sign in (-1.0, 1.0)
    )  # fmt: skip
    return first, second
