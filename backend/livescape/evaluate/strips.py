"""Pictures of the truth and of all contenders side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from livescape.evaluate.contenders import Shown
from livescape.evaluate.truth import TruthView
from livescape.imaging.png import Pixels, to_pixels, write_png


def write_strip(
    path: Path,
    truth: Mapping[int, TruthView],
    shown: Mapping[str, Mapping[int, Shown]],
    frames: Sequence[int],
) -> None:
    """Write one row of pictures per frame: the truth, then every contender.

    Raises:
        LivescapeError: ``disk_full`` or ``output_not_writable``.
    """
    rows = []
    for frame in frames:
        pictures = {"truth": truth[frame].image}
        pictures |= {name: of[frame].image for name, of in shown.items()}
        cells = [_named(to_pixels(image), f"{n} {frame}") for n, image in pictures.items()]
        rows.append(np.hstack(cells))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, np.vstack(rows))


def _named(pixels: Pixels, name: str) -> Pixels:
    drawn = np.ascontiguousarray(pixels)
    for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(drawn, name, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, thickness,
                    cv2.LINE_AA)  # fmt: skip
    return np.asarray(drawn, dtype=np.uint8)
