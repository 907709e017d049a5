"""The 2D animation of one view: splatting of its own pixels, no weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.engine.advect import displacements_at
from livescape.engine.splat import fill_holes, symmetric_splat
from livescape.imaging.sampling import sample_bilinear
from livescape.motion.handover import fade_length, handover, lifetimes
from livescape_shared.conventions import FOR_EVER, SINCE_EVER, window

Float32Array = NDArray[np.float32]

CHUNK = 16_384


def animate(
    image: NDArray[np.floating],
    flow: NDArray[np.floating],
    mask: NDArray[np.floating],
    frames: Sequence[int],
    loop_frames: int,
    *,
    moments: NDArray[np.floating] | None = None,
    course: NDArray[np.floating] | None = None,
    importance: NDArray[np.floating] | None = None,
    device: str = "cpu",
) -> Iterator[Float32Array]:
    """Yield the image at each of ``frames``, moving along ``flow`` within ``mask``.

    Frame f shows the image carried f frames forward. Where that has moved away and nothing
    follows, and in a loop where the moment has come, it shows the image carried N - f frames
    backward instead: see :mod:`livescape.motion.handover`. Frame 0 is the image itself.

    Args:
        image: [H, W, 3] in 0..1.
        flow: [H, W, 2] pixels per frame, Eulerian.
        mask: [H, W] in 0..1; the image stays where it is 0.
        frames: Frame numbers in 0..N, of any order.
        loop_frames: N.
        moments: [H, W] loop time at which the copies hand over at each place, so that frame N is
            the image again; None where nothing loops.
        course: [H, W, 2] of :func:`livescape.motion.handover.courses` in the world, which tells a
            fall from its pool; None where all is one surface.
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
    paths = _paths(flow, mask, moments, course, moving, sorted(set(frames)), loop_frames, device)
    share = mask[..., None].astype(np.float32)
    rank = _inwardness(mask) if importance is None else importance
    for frame in frames:
        if frame == 0 or len(moving) == 0:
            yield picture.copy()
            continue
        there, back = (_spread(way[frame], moving, mask.shape) for way in paths.ways)
        ahead = np.ones(mask.shape, np.float32)  # so does what stands
        behind = np.zeros(mask.shape, np.float32)
        ahead.flat[moving], behind.flat[moving] = paths.shares(frame / loop_frames)
        mixed, weight = symmetric_splat(picture, there, back, (ahead, behind), rank, device=device)
        yield picture + share * (fill_holes(mixed, weight) - picture)


@dataclass(frozen=True)
class _Paths:
    """Where P pixels go, and when their copies are there.

    Attributes:
        ways: Displacements [P, 2] from the start forward and from the end backward, by frame.
        handover: [P, 2] of :func:`livescape.motion.handover.handover`.
        fade: Length of a fade.
    """

    ways: tuple[dict[int, Float32Array], dict[int, Float32Array]]
    handover: Float32Array
    fade: float

    def shares(self, t: float) -> tuple[Float32Array, Float32Array]:
        """Return how much of both copies is there [P] at loop time ``t``."""
        appears, vanishes = self.handover.T
        outgoing = np.column_stack([np.full_like(vanishes, SINCE_EVER), vanishes])
        incoming = np.column_stack([appears, np.full_like(appears, FOR_EVER)])
        return window(outgoing, t, self.fade), window(incoming, t, self.fade)


def _paths(
    flow: NDArray[np.floating],
    mask: NDArray[np.floating],
    moments: NDArray[np.floating] | None,
    course: NDArray[np.floating] | None,
    moving: NDArray[np.intp],
    frames: Sequence[int],
    loop_frames: int,
    device: str,
) -> _Paths:
    height, width = mask.shape
    fade = fade_length(loop_frames)
    start = np.stack((moving % width + 0.5, moving // width + 0.5), axis=1)
    ahead: dict[int, list[Float32Array]] = {frame: [] for frame in frames}
    behind: dict[int, list[Float32Array]] = {frame: [] for frame in frames}
    changes = [np.zeros((0, 2), np.float32)]
    steps = range(loop_frames + 1)
    for first in range(0, len(moving), CHUNK):
        at = start[first : first + CHUNK]
        forward = displacements_at(flow, steps, at, device=device)
        backward = displacements_at(flow, steps, at, backward=True, device=device)
        for frame in frames:
            ahead[frame].append(forward[frame])
            behind[frame].append(backward[loop_frames - frame])
        moved = [backward[step] for step in reversed(steps[1:])] + [forward[step] for step in steps]
        places = (at + np.stack(moved)).astype(np.float32)
        flat = places.reshape(-1, 2)
        shape = places.shape[:2]
        within = np.all((flat >= 0.0) & (flat <= (width, height)), axis=1).reshape(shape)
        hands = None if moments is None else sample_bilinear(moments[..., None], flat)
        led = None if course is None else sample_bilinear(course, flat).reshape(*shape, 2)
        there = sample_bilinear(mask[..., None], flat).reshape(shape)
        lives = lifetimes(there, within, led, fade)
        changes.append(handover(lives, None if hands is None else hands.reshape(shape), fade))
    ways = tuple({f: np.concatenate(parts) for f, parts in way.items() if parts}
                 for way in (ahead, behind))  # fmt: skip
    return _Paths((ways[0], ways[1]), np.concatenate(changes), fade)


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
