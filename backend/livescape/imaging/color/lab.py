"""CIE L*a*b* of the white that print and ICC use, to display sRGB."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.color.encodings import Floats, encode_srgb, xyz_to_rec709

D50: Final = (0.9642, 1.0, 0.8249)

_KNEE: Final = 6.0 / 29.0


def lab_to_srgb(lab: NDArray[np.float32]) -> Floats:
    """Return display sRGB [..., 3] 0..1, clipped, of L* 0..100, a* and b* [..., 3]."""
    middle = (lab[..., 0] + 16.0) / 116.0
    roots = np.stack([middle + lab[..., 1] / 500.0, middle, middle - lab[..., 2] / 200.0], axis=-1)
    xyz = np.where(roots > _KNEE, roots**3, 3.0 * _KNEE**2 * (roots - 4.0 / 29.0)) * np.array(D50)
    return encode_srgb(xyz.astype(np.float32) @ xyz_to_rec709(D50).astype(np.float32).T)
