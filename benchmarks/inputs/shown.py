"""What all pictures, masks and depth maps of the benchmark show, and what right means."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from tests.data.files import load_photo

RIGHT, CLOSE, LOSSY, HEAVY = 0.5, 1.2, 4.0, 6.0
"""Mean delta E that lossless files, those with fewer bits, and lossy ones may cost."""


def sample() -> NDArray[np.uint8]:
    """Return the picture [H, W, 3] that all photos show: water, sky and a building."""
    photo = load_photo("golden_temple")[: 2 * 96, : 2 * 128]
    return np.asarray(np.rint(photo * 255), dtype=np.uint8)


def moving() -> NDArray[np.bool_]:
    """Return the mask [H, W] that all masks show, with a hole and a part at the border."""
    rows, columns = np.indices((192, 256))
    apart = np.hypot(rows - 90, columns - 120)
    return ((apart < 60) & (apart > 22)) | ((rows > 160) & (columns < 200))


def metres() -> NDArray[np.float32]:
    """Return the depth [H, W] that all maps show: ground from 40 to 3 metres, and a post."""
    rows, columns = np.indices((192, 256))
    depth = 3.0 + 37.0 * (1.0 - rows / 191.0) ** 2
    return np.where((columns > 100) & (columns < 120), 6.0, depth).astype(np.float32)
