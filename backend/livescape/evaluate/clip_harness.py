"""Runs contenders over real clips: from the first frame, what will be seen so many frames on?"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape.evaluate import motion_metrics as motion
from livescape.evaluate.clips import ClipTruth, clip_request
from livescape.evaluate.contenders import Contender, Known, UnmovedPhoto
from livescape.evaluate.findings import Findings, Row
from livescape.evaluate.harness import SHOT_FRAMES, Make, Say
from livescape.evaluate.metrics import psnr
from livescape.evaluate.scores import SMALLEST_REGION, perceptual_scores
from livescape.evaluate.speed import speed_share
from livescape.evaluate.strips import write_strip
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import GenerateSettings

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

HORIZONS = (1, 2, 4, 8)
"""Frames after the photo that are compared."""

MOST_AHEAD = 59
"""The published evaluations compare 60 frames."""

FINEST = 20.0 * math.log10(255.0)
"""Most decibels that are told apart: an error of one step of 8 bits. A clip whose next frame is
the photo again would otherwise rule every mean."""

SLOW_PX = 0.05
"""True or told speed in pixels a frame below which a direction means nothing."""


@dataclass(frozen=True)
class ClipCase:
    """A clip, what contenders are told of it, and how far ahead they look."""

    truth: ClipTruth
    tier: str
    horizons: Sequence[int] = HORIZONS

    def row(self, contender: str, ahead: int | None = None) -> Row:
        """Return what a row of the results begins with."""
        return {
            "clip": self.truth.name,
            "tier": self.tier,
            "path": "clip",
            "contender": contender,
            **({} if ahead is None else {"ahead": float(ahead)}),
        }


def evaluate_clip(
    case: ClipCase,
    settings: GenerateSettings,
    makers: Mapping[str, Make],
    known: Callable[[GenerateRequest], Known],
    *,
    strips: Path | None = None,
    say: Say = lambda _: None,
    report: Callable[[Findings], None] = lambda _: None,
) -> Findings:
    """Return figures of every contender and horizon, and one of what was told.

    Args:
        case: The clip; horizons beyond its end are left out.
        settings: Of ours; its loop is every contender's.
        makers: Contenders by name.
        known: What a request tells of the photo, as the product understands it.
        strips: Folder for strips of pictures side by side.
        say: Told what happens.
        report: Given what has been found so far, after every contender.

    Raises:
        LivescapeError: The contenders' codes.
    """
    truth = case.truth
    ahead = [horizon for horizon in case.horizons if horizon < len(truth.frames)]
    told = None
    if ahead:
        length = max(SHOT_FRAMES, max(ahead) + 1)
        told = clip_request(truth, case.tier, max(ahead), length, settings)
    if told is None:
        say(f"{truth.name} has nothing for {case.tier}")
        return Findings()
    found = Findings()
    found.add(case.row("told"), told_scores(truth, known(told)))
    unmoved = _frames(UnmovedPhoto(truth.image(0)), truth, ahead)
    pictures: dict[str, dict[int, Float32Array]] = {}
    for name, make in makers.items():
        say(f"{name} on {truth.name} with {case.tier}")
        start = time.perf_counter()
        pictures[name] = _frames(make(told), truth, ahead)
        seconds = time.perf_counter() - start
        for horizon in ahead:
            values = horizon_scores(truth, pictures[name], unmoved, horizon)
            found.add(case.row(name, horizon), {**values, "made_in_s": seconds})
        report(found)
    if strips is not None:
        shown = {"truth": {frame: truth.image(frame) for frame in ahead}, **pictures}
        write_strip(strips / f"clip_{truth.name}_{case.tier}.png", shown, ahead)
    return found


def horizon_scores(
    truth: ClipTruth,
    shown: Mapping[int, Float32Array],
    unmoved: Mapping[int, Float32Array],
    horizon: int,
) -> dict[str, float]:
    """Return how right a frame is, also against the photo that never moves.

    Args:
        truth: The clip.
        shown: Frames ``horizon - 1`` and ``horizon`` of the contender.
        unmoved: The same of the unmoved photo.
        horizon: Frames after the photo.
    """
    true, before = truth.image(horizon), truth.image(horizon - 1)
    image = shown[horizon]
    values = {"psnr": _psnr(image, true)}
    values["gain"] = values["psnr"] - _psnr(unmoved[horizon], true)
    for name, region in (("moving", truth.moving), ("standing", ~truth.moving)):
        if region.mean() >= SMALLEST_REGION:
            values[f"psnr_{name}"] = _psnr(image, true, region)
            still = _psnr(unmoved[horizon], true, region)
            values[f"gain_{name}"] = values[f"psnr_{name}"] - still
    values |= perceptual_scores(image, true)
    values["change_error"] = motion.change_error(shown[horizon - 1], image, before, true)
    if truth.moving.mean() >= SMALLEST_REGION:
        change = shown[horizon - 1], image, truth.flow, truth.moving
        values |= {"flow_error_px": motion.flow_error(*change), "speed_share": speed_share(*change)}
    return values


def told_scores(truth: ClipTruth, known: Known) -> dict[str, float]:
    """Return how right mask and flow are that the product makes of what it was told.

    ``mask_iou`` of what moves; ``false_motion`` the percent of what stands that is set moving;
    where both move, the median angle between told and true motion in degrees and the median of
    told over true speed.
    """
    mask, flow = known.motion_at(*truth.moving.shape[::-1])
    told = mask > 0.5
    either = told | truth.moving
    values = {
        "mask_iou": float((told & truth.moving).sum() / either.sum()) if either.any() else 1.0
    }
    if (~truth.moving).any():
        values["false_motion"] = 100.0 * float(told[~truth.moving].mean())
    own, true = (np.linalg.norm(field, axis=-1) for field in (flow, truth.flow))
    both = told & truth.moving & (own > SLOW_PX) & (true > SLOW_PX)
    if both.any():
        cosine = (flow * truth.flow).sum(-1)[both] / (own[both] * true[both])
        values["angle"] = float(np.median(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))))
        values["speed_ratio"] = float(np.median(own[both] / true[both]))
    return values


def _frames(
    contender: Contender, truth: ClipTruth, ahead: Sequence[int]
) -> dict[int, Float32Array]:
    wanted = sorted({frame for horizon in ahead for frame in (horizon - 1, horizon)})
    return {frame: contender.show(truth.camera, frame).image for frame in wanted}


def _psnr(image: Float32Array, true: Float32Array, region: Mask | None = None) -> float:
    return min(psnr(image, true, region), FINEST)
