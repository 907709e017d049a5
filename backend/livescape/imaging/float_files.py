"""Files of Middlebury and Sintel: a mark, width, height, and floating-point numbers."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.faults import Unreadable
from livescape.imaging.sides import check_sides

_HEAD: Final = 12


def read_floats(data: bytes, channels: int) -> NDArray[np.float32]:
    """Return [h, w, channels] of a file that begins with ``PIEH``.

    Raises:
        Oversized: If a side is too long.
        Unreadable: If the file has another number of channels, or is cut off.
    """
    width, height = (int(side) for side in np.frombuffer(data[4:_HEAD].ljust(8, b"\0"), "<i4"))
    if width < 1 or height < 1:
        raise Unreadable("its header is damaged, or it is cut off")
    check_sides(width, height)
    if len(data) - _HEAD != 4 * width * height * channels:
        raise Unreadable(f"it is cut off, or does not hold {channels} numbers for each pixel")
    values = np.frombuffer(data, "<f4", offset=_HEAD).reshape(height, width, channels)
    return values.astype(np.float32)
