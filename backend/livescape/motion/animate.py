"""The looping 2D animation of one view: symmetric splatting of its own pixels, no weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.engine.advect import displacements_at
from livescape.engine.splat import fill_holes, symmetric_splat
from livescape.motion.contrast import local_mean, raised, similarity

Float32Array = NDArray[np.float32]


def animate(
    image: NDArray[np.floating],
    flow: NDArray[np.floating],
    mask: NDArray[np.floating],
    frames: Sequence[int],
    loop_frames: int,
    *,
    importance: NDArray[np.floating] | None = None,
    device: str = "cpu",
) -> Iterator[Float32Array]:
    """Yield the image at each of ``frames``, moving along ``flow`` within ``mask``.

    Frame f mixes the image carried f frames forward, weight 1 - f / N, with the image carried
    N - f frames backward, weight f / N, both with their details amplified so that the mix keeps
    the image's contrast. Frame 0 is the image itself, and so is frame N.

    Args:
        image: [H, W, 3] in 0..1.
        flow: [H, W, 2] pixels per frame, Eulerian.
        mask: [H, W] in 0..1; the image stays where it is 0.
        frames: Frame numbers, of any order; taken modulo ``loop_frames``.
        loop_frames: N.
        importance: [H, W] which pixels win where several meet, see
            :func:`livescape.engine.splat.symmetric_splat`; by default pixels well inside the
            mask, because those at its edge carry the colour of what stands behind them.
        device: Where to integrate and splat.
    """
    if image.shape[:2] != mask.shape or flow.shape != (*mask.shape, 2):
        raise ValueError(f"image {image.shape}, flow {flow.shape} and mask {mask.shape} differ")
    if loop_frames < 1:
        raise ValueError(f"a loop of {loop_frames} frames")
    picture = np.ascontiguousarray(image, dtype=np.float32)
    moving = np.flatnonzero((mask > 0) & (np.abs(flow).sum(-1) > 0))
    steps = [frame % loop_frames for frame in frames]
    width = flow.shape[1]
    start = np.stack((moving % width + 0.5, moving // width + 0.5), axis=1)
    passed = [step for step in steps if step]
    left = [loop_frames - step for step in passed]
    forward = displacements_at(flow, passed, start, device=device)
    backward = displacements_at(flow, left, start, backward=True, device=device)
    share = mask[..., None].astype(np.float32)
    rank = _inwardness(mask) if importance is None else importance
    mean, similar = local_mean(picture, mask), similarity(flow, loop_frames)
    for step in steps:
        if step == 0 or len(moving) == 0:
            yield picture.copy()
            continue
        there = _spread(forward[step], moving, mask.shape)
        back = _spread(backward[loop_frames - step], moving, mask.shape)
        t = step / loop_frames
        lively = raised(picture, mean, similar, t)
        mixed, weight = symmetric_splat(lively, there, back, t, rank, device=device)
        yield picture + share * (fill_holes(mixed, weight) - picture)


def _inwardness(mask: NDArray[np.floating]) -> Float32Array:
    """Return [H, W] from -8 at the edge of the mask to 0 a few pixels inside it."""
    reach = 1 + max(2, mask.shape[1] // 160)
    inner = cv2.erode(mask.astype(np.float32), np.ones((reach, reach)))
    return np.asarray(8.0 * (cv2.blur(inner, (3, 3)) - 1.0), dtype=np.float32)


def _spread(
    displacement: Float32Array, moving: NDArray[np.intp], shape: tuple[int, ...]
) -> Float32Array:
    """Return the image [H, W, 2] of displacements; pixels that stand have none."""
    full = np.zeros((shape[0] * shape[1], 2), np.float32)
    full[moving] = displacement
    return full.reshape(shape[0], shape[1], 2)
