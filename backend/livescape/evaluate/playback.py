"""What a scene does while it plays, seen from the photo's own camera: motion, texture, ghosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from livescape.engine.advect import displacements_at
from livescape.evaluate import motion_metrics as motion
from livescape.evaluate.contenders import Contender
from livescape.evaluate.findings import Series, Values
from livescape.evaluate.scores import FRAMES, PAIRS, SMALLEST_REGION
from livescape.evaluate.speed import speed_share
from livescape.evaluate.standing import standing_motion
from livescape.evaluate.truth import TruthView
from livescape.imaging.sampling import pixel_centres

Float32Array = NDArray[np.float32]

MOMENTS = 12
"""Moments of a loop that are looked at, evenly spaced."""

NAN = float("nan")


def played_shot(
    photo: TruthView, shown: Mapping[int, Float32Array], end: int, *, same_flow: bool
) -> tuple[Values, Series]:
    """Return what became of motion and texture in the shot, and how from frame to frame.

    Args:
        photo: Frame 0 of the photo's camera.
        shown: What is shown from there at :data:`~livescape.evaluate.scores.WANTED` frames.
        end: The frame from which a second copy would be carried back.
        same_flow: Whether the true flow was told: only then copies lie where ghosts are looked for.
    """
    pairs = dict(PAIRS)
    wanted = sorted({*FRAMES, *pairs})
    pictures = {frame: (shown[frame], shown.get(pairs.get(frame, -1))) for frame in wanted}
    series = _series(photo, pictures, end if same_flow else 0)
    return _summed(photo, series, [shown[frame] for frame in FRAMES], shown[FRAMES[-1]]), series


def played_loop(
    photo: TruthView, contender: Contender, loop_frames: int, *, same_flow: bool
) -> tuple[Values, Series]:
    """Return what the loop does to motion and texture, and how from moment to moment.

    Args:
        photo: Frame 0 of the photo's camera.
        contender: Asked for some two dozen frames of the loop and its closing one.
        loop_frames: N.
        same_flow: Whether the true flow was told.
    """
    starts = sorted({round(k * loop_frames / MOMENTS) for k in range(MOMENTS)})
    cache: dict[int, Float32Array] = {}

    def picture(frame: int) -> Float32Array:
        if frame not in cache:
            cache[frame] = contender.show(photo.camera, frame).image
        return cache[frame]

    pictures = {frame: (picture(frame), picture(frame + 1)) for frame in starts}
    series = _series(photo, pictures, loop_frames if same_flow else 0)
    middle = picture(loop_frames // 2)
    values = _summed(photo, series, [picture(frame) for frame in starts], middle)
    if "contrast" in series:
        closing = (picture(frame) for frame in (loop_frames - 2, loop_frames - 1, loop_frames))
        values["loop_seam"] = motion.loop_seam(*closing)
    return values, series


def _series(
    photo: TruthView,
    pictures: Mapping[int, tuple[Float32Array, Float32Array | None]],
    loop_frames: int,
) -> Series:
    """Return figures of every picture, the frame after it beside it; ghosts if N is not 0."""
    first = next(iter(pictures.values()))[0]
    moves = photo.moving.mean() >= SMALLEST_REGION
    series: Series = {"frame": [float(frame) for frame in pictures]}
    standing = ~photo.moving
    series["standing_px"] = [standing_motion(first, now, standing) for now, _ in pictures.values()]
    if not moves:
        return series
    series["contrast"] = [
        motion.texture_contrast(now, first, photo.moving) for now, _ in pictures.values()
    ]
    for name, measure in (("flow_error_px", motion.flow_error), ("speed", speed_share)):
        series[name] = [
            NAN if after is None else measure(now, after, photo.flow, photo.moving)
            for now, after in pictures.values()
        ]
    if loop_frames:
        series["ghost"] = [
            motion.ghost(now, photo.image, *_copies(photo, frame, loop_frames), photo.moving)
            for frame, (now, _) in pictures.items()
        ]
    return series


def _summed(
    photo: TruthView, series: Series, frames: Sequence[Float32Array], last: Float32Array
) -> Values:
    values = {
        "flicker": motion.flicker(frames, ~photo.moving),
        "standing_px": _most(series["standing_px"]),
    }
    if "contrast" not in series:
        return values
    values |= {
        "flow_error_px": _mean(series["flow_error_px"]),
        "speed_share": _mean(series["speed"]),
        "speed_drift": _drift(series["speed"]),
        "contrast": motion.texture_contrast(last, frames[0], photo.moving),
        "contrast_drift": _drift(series["contrast"]),
        "spectrum_db": motion.spectrum_distance(last, photo.image, photo.moving),
    }
    if "ghost" in series:
        values["ghost"] = _mean(series["ghost"])
        values["ghost_most"] = _most(series["ghost"])
    return values


def _mean(numbers: Sequence[float]) -> float:
    return float(np.mean(there)) if (there := _there(numbers)) else NAN


def _most(numbers: Sequence[float]) -> float:
    return max(_there(numbers), default=NAN)


def _there(numbers: Sequence[float]) -> list[float]:
    return [number for number in numbers if not np.isnan(number)]


def _drift(numbers: Sequence[float]) -> float:
    """Return the largest difference from the mean, in percent of it."""
    there = np.array(_there(numbers))
    if len(there) < 2 or there.mean() <= 0:
        return NAN
    return 100.0 * float(np.abs(there / there.mean() - 1.0).max())


def _copies(photo: TruthView, frame: int, loop_frames: int) -> tuple[Float32Array, Float32Array]:
    """Return where, seen from pixels of ``frame``, both copies lie in the photo [H, W, 2]."""
    flow = photo.flow * photo.moving[..., None]
    start, left = pixel_centres(*flow.shape[:2]).reshape(-1, 2), loop_frames - frame
    first = displacements_at(flow, [frame], start, backward=True)[frame]
    second = displacements_at(flow, [left], start)[left]
    return first.reshape(flow.shape), second.reshape(flow.shape)
