"""The motion of a reference clip: steady, dense flow of frame pairs, median over time, mask.

Eulerian motion is what remains when waves and ripples are averaged out: the temporal median of the
flow of some twenty pairs (the recipe behind the training data of Holynski et al., CVPR 2021).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.sampling import pixel_centres, resize, sample_bilinear
from livescape.imaging.smoothing import fill_smooth
from livescape.imaging.video import Clip
from livescape.motion.clip_surroundings import Surroundings
from livescape.motion.dense_flow import dense_flow, grey
from livescape.motion.steady import SteadyClip, steadied

LOGGER = logging.getLogger(__name__)

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]
Progress = Callable[[int, int], None]

PAIRS = 24
"""Frame pairs, spread over the clip, over whose flow the median is taken."""

LEAST_STEP_PX = 0.4
"""Pairs are farther apart if the fastest part moves less than this from frame to frame."""

NOISE_PX = 0.1
"""Flow below this a pair says nothing."""

_DEPTH_SIGMA = 1.0
"""Relative doubt about the inverse depth of what stands."""

_RAMP = (0.2, 0.45)  # shares of the fast part's speed at which the mask begins and is full
_SPECK = 0.002  # share of the picture that a moving part has at least
_SMOOTHING = 0.01  # sigma of the field's smoothing as a share of the long side


@dataclass(frozen=True)
class ClipMotion:
    """What moves in a clip, and how.

    Attributes:
        flow: [H, W, 2] pixels per frame of this size, continued smoothly beyond the mask.
        mask: [H, W] in 0..1.
        remark: What the artist should know of the clip's camera, or nothing.
    """

    flow: Float32Array
    mask: Float32Array
    remark: str = ""

    def on_photo(self, width: int, height: int, frame_ratio: float) -> ClipMotion:
        """Align the motion with a photo.

        The clip is scaled until it covers the photo, about the common centre; what it shows
        beyond the photo's edges is cut off.

        Args:
            width: Of the photo in pixels.
            height: Of the photo in pixels.
            frame_ratio: The clip's frames per second over the scene's; what takes a second in
                the clip takes a second in the scene.
        """
        scale = max(width / self.mask.shape[1], height / self.mask.shape[0])
        flow = _covering(self.flow, width, height, scale) * np.float32(scale * frame_ratio)
        mask = np.clip(_covering(self.mask, width, height, scale), 0.0, 1.0)
        return ClipMotion(flow, mask, self.remark)


def clip_motion(
    clip: Clip, around: Surroundings | None = None, progress: Progress = lambda *_: None
) -> ClipMotion:
    """Measure a clip.

    Args:
        clip: Frames of a camera that stands, shakes, or moves if ``around`` is given.
        around: What is known of the first frame.
        progress: Called with (pair, pairs); may raise to stop.

    Returns:
        Motion of the clip's own size and frame rate; an empty mask if nothing moves.
    """
    steady = steadied([grey(frame) for frame in clip.frames], around, progress)
    flow, step, known = _median_flow(steady, progress)
    speed = np.linalg.norm(flow, axis=-1) * step
    mask = _moving(speed)
    if not mask.any():
        LOGGER.warning("nothing moves in the clip")
        return ClipMotion(np.zeros_like(flow), mask, steady.remark)
    sigma = max(_SMOOTHING * max(mask.shape), 1.0)
    inside = (mask > 0.5 * mask.max()) & known
    weight = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), sigma)[..., None]
    smooth = cv2.GaussianBlur(flow * inside[..., None], (0, 0), sigma) / np.maximum(weight, 1e-6)
    return ClipMotion(fill_smooth(smooth.astype(np.float32), inside), mask, steady.remark)


def _median_flow(steady: SteadyClip, progress: Progress) -> tuple[Float32Array, int, Mask]:
    """Return the median flow [H, W, 2] in pixels per frame, the frames of a pair, what is known."""
    flow, known = _median_of_pairs(steady, 1, progress)
    fast = float(np.percentile(np.linalg.norm(flow, axis=-1), 99))
    most = max(1, len(steady.frames) // 4)
    step = int(np.clip(np.ceil(LEAST_STEP_PX / max(fast, 1e-6)), 1, most))
    if step > 1:
        flow, known = _median_of_pairs(steady, step, progress)
    return flow, step, known


def _median_of_pairs(
    steady: SteadyClip, step: int, progress: Progress
) -> tuple[Float32Array, Mask]:
    last = len(steady.frames) - step
    starts = np.unique(np.linspace(0, last - 1, min(PAIRS, last)).round().astype(int))
    flows = []
    for number, start in enumerate(starts):
        progress(number, len(starts))
        flows.append(dense_flow(steady.frames[start], steady.frames[start + step]))
    if not steady.seen:
        median = np.median(flows, axis=0)
        return np.asarray(median / step, dtype=np.float32), np.ones(median.shape[:2], bool)
    shown = np.stack([steady.seen[start] & steady.seen[start + step] for start in starts])
    apart = [steady.parallax[start + step] - steady.parallax[start] for start in starts]
    rest = _without_parallax(np.stack(flows), np.stack(apart), shown, steady.stands)
    rest[~shown] = np.nan
    known: Mask = np.asarray(shown.any(axis=0))
    rest[:, ~known] = 0.0
    return np.asarray(np.nanmedian(rest, axis=0) / step, dtype=np.float32), known


def _without_parallax(
    flows: Float32Array, apart: Float32Array, shown: Mask, stands: Mask | None
) -> Float32Array:
    """Leave out of what stands the motion that a wrong depth explains.

    Args:
        flows: [P, H, W, 2] of pairs of frames.
        apart: [P, H, W, 2] how they would be if the inverse depth were twice that assumed.
        shown: [P, H, W] bool, where the pairs show anything.
        stands: [H, W] bool, where a depth of its own may be found.
    """
    if stands is None:
        return flows
    weight = shown[..., None] * apart
    doubt = len(flows) * (NOISE_PX / _DEPTH_SIGMA) ** 2
    wrong = (weight * flows).sum((0, -1)) / ((weight * apart).sum((0, -1)) + doubt)
    return np.asarray(flows - np.where(stands, wrong, 0.0)[None, ..., None] * apart, np.float32)


def _moving(speed: NDArray[np.floating]) -> Float32Array:
    """Return the mask of a speed [H, W] in pixels a pair: a good share of what is fast."""
    heard = speed[speed > NOISE_PX]
    if heard.size < _SPECK * speed.size:
        return np.zeros(speed.shape, np.float32)
    fast = float(np.percentile(heard, 90))
    begin, full = (max(share * fast, NOISE_PX * rank) for rank, share in enumerate(_RAMP, 1))
    core = cv2.morphologyEx((speed > begin).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3)))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(core)
    large = stats[:, cv2.CC_STAT_AREA] >= _SPECK * speed.size
    large[0] = False
    ramp = np.clip((speed - begin) / (full - begin), 0.0, 1.0)
    return np.asarray(ramp * large[labels], dtype=np.float32)


def _covering(image: NDArray[np.floating], width: int, height: int, scale: float) -> Float32Array:
    """Return ``image`` [h, w, ...] scaled about its centre onto a frame it covers."""
    if scale < 1.0:  # averages first: sampling alone would alias
        size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
        image, scale = resize(image, *size), 1.0
    from_centre = pixel_centres(height, width) - np.array([width / 2, height / 2], np.float32)
    own_centre = np.array([image.shape[1] / 2, image.shape[0] / 2], np.float32)
    layers = image.reshape(*image.shape[:2], -1)
    covering = sample_bilinear(layers, from_centre / np.float32(scale) + own_centre)
    return covering.reshape(height, width, *image.shape[2:]).astype(np.float32)
