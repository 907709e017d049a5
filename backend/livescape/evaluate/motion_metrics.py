"""Measures of motion and of what a loop does to texture; all named in ``docs/results.md``."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.evaluate.speed import SLOWEST
from livescape.imaging.sampling import pixel_centres
from livescape.motion.dense_flow import dense_flow, grey

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

WINDOW_SHARE = 1 / 12
"""Side of the windows of contrast, ghosts and spectrum, as a share of the picture's width."""

STRUCTURED = 0.02
"""Least standard deviation of luminance at which a window counts as structured."""

EXPLAINED = 0.5
"""Least share of a window's energy that the copies must explain for it to speak of them."""

UNLIKE = 0.5
"""Most correlation of two copies at which they count as different things."""

BANDS = 6


def change_error(
    first: Float32Array, second: Float32Array, true_first: Float32Array, true_second: Float32Array
) -> float:
    """Return the mean error of the change between two frames, in 1/255 of full scale."""
    change = (second - first) - (true_second - true_first)
    return 255.0 * float(np.abs(change).mean())


def flow_error(
    first: Float32Array, second: Float32Array, true_flow: Float32Array, moving: Mask
) -> float:
    """Return the mean end point error in pixels of what optical flow (DIS) sees.

    Of pixels that truly move by more than a tenth of a pixel. Truth itself does not score 0: DIS
    errs on real motion too, so compare with the row of the truth.
    """
    fast = moving & (np.linalg.norm(true_flow, axis=-1) > SLOWEST)
    if not fast.any():
        return float("nan")
    flow = dense_flow(grey(first), grey(second))
    return float(np.linalg.norm(flow - true_flow, axis=-1)[fast].mean())


def ghost(
    image: Float32Array, photo: Float32Array, forward: Float32Array, backward: Float32Array,
    moving: Mask,
) -> float:  # fmt: skip
    """Return the second copy's share of the energy of what both copies show, 0..0.5.

    In every window in which both copies lie, the luminance without its mean is explained, by least
    squares, as a A + b B: A is the photo carried forward to now, B the photo carried back from the
    loop's end. Windows count where A and B are both structured and unlike each other, and explain
    what is seen. The measure is min(a, b)^2 / (a^2 + b^2), averaged over them with the energy they
    have in common, |A| |B|, as weight. A picture that shows one copy in each place scores 0, an
    even cross-fade 0.5.

    A copy lies where what moves comes from what moves in the photo. Where water has come from
    beyond its region, the first copy has left and the second is not one too many, though it stands
    beside the first in the same window; and before a post the photo has no water to carry on.

    Args:
        image: [H, W, 3] at this frame, from the photo's camera.
        photo: [H, W, 3].
        forward: [H, W, 2] pixels from a pixel of now to where its first copy lies in the photo.
        backward: [H, W, 2] the same for the copy of the loop's end.
        moving: [H, W] what moves.

    Returns:
        NaN where no window counts.
    """
    first, second = (_warped(photo, displacement) for displacement in (forward, backward))
    planes = [_luminance(picture) for picture in (image, first, second)]
    told = moving & _moved(moving, forward) & _moved(moving, backward)
    weaker = both = 0.0
    for rows, columns in _windows(told):
        now, one, two = ((p := plane[rows, columns]) - p.mean() for plane in planes)
        energies = float((one**2).mean()), float((two**2).mean())
        if min(energies) < STRUCTURED**2:
            continue
        if abs(float((one * two).mean())) > UNLIKE * float(np.sqrt(energies[0] * energies[1])):
            continue
        basis = np.column_stack([one.reshape(-1), two.reshape(-1)])
        a, b = np.linalg.lstsq(basis, now.reshape(-1), rcond=None)[0].clip(0.0)
        rest = now - a * one - b * two
        if float((rest**2).mean()) > (1.0 - EXPLAINED) * float((now**2).mean()):
            continue
        if a + b > 0:
            common = float(np.sqrt(energies[0] * energies[1]))
            weaker += common * min(a, b) ** 2 / (a**2 + b**2)
            both += common
    return float(weaker / both) if both > 0 else float("nan")


def texture_contrast(image: Float32Array, photo: Float32Array, moving: Mask) -> float:
    """Return the contrast of what moves over that of the photo: root of summed variances.

    Of the windows around every place that lie wholly in what moves: a single dark patch that passes
    would else count as often as the windows of a coarse grid happen to lie over its way.
    """
    side = _side(moving) | 1
    moves = moving.astype(np.float64)
    whole = _window_mean(moves, side) > 1.0 - 0.5 / side**2
    variance, norm = (
        float((_window_mean(plane**2, side) - _window_mean(plane, side) ** 2)[whole].sum())
        for plane in (_luminance(each).astype(np.float64) for each in (image, photo))
    )
    return float(np.sqrt(max(variance, 0.0) / norm)) if norm > 0 else float("nan")


def spectrum_distance(image: Float32Array, photo: Float32Array, moving: Mask) -> float:
    """Return how far the texture's spectrum is from the photo's, in dB.

    Power by bands of frequency, each an equal share of the way to the highest, summed over all
    windows that move as a whole; the mean over bands of the absolute ratio in dB.
    """
    windows = list(_windows(moving))
    if not windows:
        return float("nan")
    own, reference = (
        np.sum([_bands(plane[window]) for window in windows], axis=0)
        for plane in (_luminance(image), _luminance(photo))
    )
    floor = 1e-9 * reference.max()
    return float(np.abs(10.0 * np.log10((own + floor) / (reference + floor))).mean())


def flicker(frames: Sequence[Float32Array], standing: Mask) -> float:
    """Return the mean standard deviation over time of what stands, in 1/255.

    Pixels within two of what moves are left out: they mix both.
    """
    inner = cv2.erode(standing.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    if not inner.any():
        return float("nan")
    stack = np.stack([frame[inner] for frame in frames])
    return 255.0 * float(stack.std(axis=0).mean())


def loop_seam(before: Float32Array, last: Float32Array, first: Float32Array) -> float:
    """Return the change from the loop's last frame to its first, over the change before it.

    1 is a loop whose closing cannot be told; 0 or NaN is one where nothing changes.
    """
    usual = float(np.abs(last - before).mean())
    return float(np.abs(first - last).mean()) / usual if usual > 0 else float("nan")


def gradient_deviation(image: Float32Array, reference: Float32Array) -> float:
    """Return the gradient magnitude similarity deviation (Xue et al. 2014); 0 is equal.

    A perceptual distance that needs no network's weights.
    """
    kernel = np.array([[1, 0, -1]] * 3, np.float32) / 3.0
    sizes = []
    for picture in (image, reference):
        plane = cv2.blur(_luminance(picture), (2, 2))[::2, ::2]
        sizes.append(np.hypot(cv2.filter2D(plane, -1, kernel), cv2.filter2D(plane, -1, kernel.T)))
    own, true = sizes
    constant = 0.0026
    similarity = (2 * own * true + constant) / (own**2 + true**2 + constant)
    return float(similarity.std())


def _windows(moving: Mask) -> list[tuple[slice, slice]]:
    """Return the windows, half overlapping, that lie wholly in what moves."""
    side = _side(moving)
    step = side // 2
    return [
        (slice(top, top + side), slice(left, left + side))
        for top in range(0, moving.shape[0] - side + 1, step)
        for left in range(0, moving.shape[1] - side + 1, step)
        if moving[top : top + side, left : left + side].all()
    ]


def _side(moving: Mask) -> int:
    return max(8, round(int(moving.shape[1]) * WINDOW_SHARE))


def _window_mean(plane: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Return the mean [H, W] of the window around each place; beyond the picture is 0."""
    mean = cv2.blur(plane, (side, side), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(mean, dtype=np.float64)


def _bands(window: Float32Array) -> NDArray[np.float64]:
    side = window.shape[0]
    taper = np.hanning(side)
    power = np.abs(np.fft.rfft2((window - window.mean()) * taper[:, None] * taper[None])) ** 2
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    band = np.minimum((frequency / 0.5 * BANDS).astype(int), BANDS - 1)
    return np.asarray(np.bincount(band.reshape(-1), power.reshape(-1), BANDS), dtype=np.float64)


def _warped(photo: Float32Array, displacement: Float32Array) -> Float32Array:
    height, width = photo.shape[:2]
    at = (pixel_centres(height, width) + displacement - 0.5).astype(np.float32)
    x, y = np.ascontiguousarray(at[..., 0]), np.ascontiguousarray(at[..., 1])
    warped = cv2.remap(photo, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, dtype=np.float32)


def _moved(moving: Mask, displacement: Float32Array) -> Mask:
    """Return the pixels whose displacement [H, W, 2] leads to what moves alone, in the frame."""
    height, width = moving.shape
    at = pixel_centres(height, width) + displacement
    within = ((at >= 0.5) & (at <= (width - 0.5, height - 0.5))).all(-1)
    return np.asarray(within & (_warped(moving.astype(np.float32), displacement) > 0.99), bool)


def _luminance(image: Float32Array) -> Float32Array:
    return np.asarray(image @ np.array([0.299, 0.587, 0.114], np.float32), dtype=np.float32)
