"""Pictures of the truth and of all contenders side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.png import Pixels, to_pixels, write_png

Float32Array = NDArray[np.float32]


def write_strip(
    path: Path, shown: Mapping[str, Mapping[int, Float32Array]], frames: Sequence[int]
) -> None:
    """Write one row of pictures per frame, one column per name.

    Args:
        path: PNG file; folders that are missing are made.
        shown: Pictures [H, W, 3] in 0..1 of each frame, by name.
        frames: Which to write.

    Raises:
        LivescapeError: ``disk_full`` or ``output_not_writable``.
    """
    rows = [
        np.hstack([_named(to_pixels(of[frame]), f"{name} {frame}") for name, of in shown.items()])
        for frame in frames
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, np.vstack(rows))


def _named(pixels: Pixels, name: str) -> Pixels:
    drawn = np.ascontiguousarray(pixels)
    for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(drawn, name, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, thickness,
                    cv2.LINE_AA)  # fmt: skip
    return np.asarray(drawn, dtype=np.uint8)
