"""All figures of one contender on one path, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from livescape.engine.advect import displacements_at
from livescape.evaluate import motion_metrics as motion
from livescape.evaluate.contenders import Contender, Shown
from livescape.evaluate.metrics import psnr, ssim
from livescape.evaluate.perceptual import perceptual_distance
from livescape.evaluate.regions import origin
from livescape.evaluate.truth import TruthView
from livescape.imaging.sampling import pixel_centres

Float32Array = NDArray[np.float32]
Values = dict[str, float]

FRAMES = (0, 7, 14, 21, 28)
"""Frames of the shot whose pictures are compared."""

PAIRS = ((7, 8), (21, 22))
"""Frames whose change is compared."""

WANTED = tuple(sorted({*FRAMES, *(frame for pair in PAIRS for frame in pair)}))

SMALLEST_REGION = 0.002
"""Share of the picture below which a region is too small to be scored."""


def picture_scores(
    photo: TruthView, truth: Mapping[int, TruthView], shown: Mapping[int, Shown]
) -> Values:
    """Return means over the compared frames, of PSNR that of the mean squared error.

    A region that is too small does not count.

    Args:
        photo: Frame 0 of the photo's camera.
        truth: What each of :data:`WANTED` should show.
        shown: What each of them does show.
    """
    collected: dict[str, list[float]] = {}
    for frame in FRAMES:
        for name, value in _frame_scores(photo, truth[frame], shown[frame]).items():
            collected.setdefault(name, []).append(value)
    values = {
        name: pooled_psnr(numbers) if name.startswith("psnr") else float(np.mean(numbers))
        for name, numbers in collected.items()
    }
    changes = [
        motion.change_error(shown[a].image, shown[b].image, truth[a].image, truth[b].image)
        for a, b in PAIRS
    ]
    return {**values, "change_error": float(np.mean(changes))}


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


def motion_scores(
    photo: TruthView, truth: Mapping[int, TruthView], shown: Mapping[int, Shown]
) -> Values:
    """Return what optical flow sees from the photo's own camera; nothing where nothing moves."""
    if photo.moving.mean() < SMALLEST_REGION:
        return {}
    pairs = [
        motion.measured_flow(shown[a].image, shown[b].image, truth[a].flow, truth[a].moving)
        for a, b in PAIRS
    ]
    error, share = np.mean(pairs, axis=0)
    return {"flow_error_px": float(error), "speed_share": float(share)}


def texture_scores(photo: TruthView, image: Float32Array, first: Float32Array) -> Values:
    """Return what became of the texture of what moves.

    Args:
        photo: Frame 0 of the photo's camera.
        image: [H, W, 3] what is seen later.
        first: [H, W, 3] what is seen at frame 0.
    """
    return {
        "spectrum_db": motion.spectrum_distance(image, photo.image, photo.moving),
        "contrast_middle": motion.texture_contrast(image, first, photo.moving),
    }


def loop_scores(
    photo: TruthView, contender: Contender, loop_frames: int, *, same_flow: bool
) -> Values:
    """Return what the loop does, seen from the photo's camera.

    Args:
        photo: Frame 0 of the photo's camera.
        contender: Asked for six frames of the loop and its closing one.
        loop_frames: N.
        same_flow: Whether the contender was told the true flow: only then its copies lie where
            the ghost measure looks for them.
    """
    middle = loop_frames // 2
    numbers = (0, middle // 2, middle, (3 * middle) // 2, loop_frames - 2, loop_frames - 1)
    images = {n: contender.show(photo.camera, n).image for n in (*numbers, loop_frames)}
    values = {"flicker": motion.flicker([images[n] for n in numbers], ~photo.moving)}
    if photo.moving.mean() < SMALLEST_REGION:
        return values
    closing = (images[n] for n in (loop_frames - 2, loop_frames - 1, loop_frames))
    values["loop_seam"] = motion.loop_seam(*closing)
    values |= texture_scores(photo, images[middle], images[0])
    if same_flow:
        copies = _copies(photo, middle, loop_frames)
        values["ghost"] = motion.ghost(images[middle], photo.image, *copies, photo.moving)
    return values


def _frame_scores(photo: TruthView, view: TruthView, shown: Shown) -> Values:
    image = shown.image
    values = {
        "psnr": psnr(image, view.image),
        "ssim": ssim(image, view.image),
        "uncovered_percent": 100.0 * float(shown.uncovered.mean()),
    }
    values |= perceptual_scores(image, view.image)
    seen = origin(view, photo).seen
    regions = {"moving": view.moving, "standing": ~view.moving, "seen": seen, "unseen": ~seen}
    for name, region in regions.items():
        if region.mean() >= SMALLEST_REGION:
            values[f"psnr_{name}"] = psnr(image, view.image, region)
    if view.moving.mean() >= SMALLEST_REGION:
        try:
            values["ssim_moving"] = ssim(image, view.image, view.moving)
        except ValueError:
            pass  # no window lies wholly in what moves
    return values


def _copies(photo: TruthView, frame: int, loop_frames: int) -> tuple[Float32Array, Float32Array]:
    """Return where, seen from pixels of ``frame``, both copies lie in the photo [H, W, 2]."""
    flow = photo.flow * photo.moving[..., None]
    start, left = pixel_centres(*flow.shape[:2]).reshape(-1, 2), loop_frames - frame
    first = displacements_at(flow, [frame], start, backward=True)[frame]
    second = displacements_at(flow, [left], start)[left]
    return first.reshape(flow.shape), second.reshape(flow.shape)
