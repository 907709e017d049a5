"""How right the pictures of one contender on one path are, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from livescape.evaluate import motion_metrics as motion
from livescape.evaluate.contenders import Shown
from livescape.evaluate.findings import Series, Values
from livescape.evaluate.metrics import psnr, ssim_map, windows_mean
from livescape.evaluate.perceptual import perceptual_distance
from livescape.evaluate.regions import edge_band
from livescape.evaluate.truth import TruthView

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

FRAMES = (0, 7, 14, 21, 28)
"""Frames of the shot whose pictures are compared."""

PAIRS = ((7, 8), (21, 22))
"""Frames whose change is compared."""

WANTED = tuple(sorted({*FRAMES, *(frame for pair in PAIRS for frame in pair)}))

SMALLEST_REGION = 0.002
"""Share of the picture below which a region is too small to be scored."""


def picture_scores(
    truth: Mapping[int, TruthView], seen: Mapping[int, Mask], shown: Mapping[int, Shown]
) -> tuple[Values, Series]:
    """Return means over the compared frames, of PSNR that of the mean squared error; and each.

    A region that is too small does not count.

    Args:
        truth: What each of :data:`WANTED` should show.
        seen: [H, W] of each, what of it the photo shows.
        shown: What each of them does show.
    """
    found = [_frame_scores(truth[frame], seen[frame], shown[frame]) for frame in FRAMES]
    names = dict.fromkeys(name for values in found for name in values)
    series = {name: [values.get(name, float("nan")) for values in found] for name in names}
    values = {}
    for name, numbers in series.items():
        there = [number for number in numbers if not np.isnan(number)]
        values[name] = pooled_psnr(there) if name.startswith("psnr") else float(np.mean(there))
    changes = [
        motion.change_error(shown[a].image, shown[b].image, truth[a].image, truth[b].image)
        for a, b in PAIRS
    ]
    values["change_error"] = float(np.mean(changes))
    return values, {"frame": [float(frame) for frame in FRAMES], **series}


def pooled_psnr(frames: Sequence[float]) -> float:
    """Return the PSNR of the mean of the frames' squared errors, in dB.

    A mean of decibels is ruled by the best frame: one that shows the photo itself, to the bit,
    would outweigh all the others.

    Args:
        frames: PSNR of each frame in dB.
    """
    return float(-10.0 * np.log10(np.mean(10.0 ** (-np.asarray(frames) / 10.0))))


def perceptual_scores(image: Float32Array, true: Float32Array) -> Values:
    """Return perceptual distances, the learned one where its weights are installed."""
    values = {"gmsd": motion.gradient_deviation(image, true)}
    learned = perceptual_distance()
    return values if learned is None else {**values, "st_lpips": learned(image, true)}


def _frame_scores(view: TruthView, seen: Mask, shown: Shown) -> Values:
    image = shown.image
    similar, everywhere = ssim_map(image, view.image), np.ones(image.shape[:2], bool)
    values = {
        "psnr": psnr(image, view.image),
        "ssim": windows_mean(similar, everywhere),
        "uncovered_percent": 100.0 * float(shown.uncovered.mean()),
    }
    values |= perceptual_scores(image, view.image)
    regions = {
        "moving": view.moving, "standing": ~view.moving, "seen": seen, "unseen": ~seen,
        "edges": edge_band(view),
    }  # fmt: skip
    for name, region in regions.items():
        if region.mean() >= SMALLEST_REGION:
            values[f"psnr_{name}"] = psnr(image, view.image, region)
    if view.moving.mean() >= SMALLEST_REGION:
        try:
            values["ssim_moving"] = windows_mean(similar, view.moving)
        except ValueError:
            pass  # no window lies wholly in what moves
    return values
