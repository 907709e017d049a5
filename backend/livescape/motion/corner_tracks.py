"""Corners of what stands, followed through a clip (Lucas and Kanade, pyramids, there and back)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]
Mask = NDArray[np.bool_]

MOST_TRACKS = 800

_MARGIN = 0.008
"""Share of the long side by which tracks keep away from what moves."""

_LOST_PX = 0.5
"""A track that comes back from the next frame this far beside itself is lost."""


@dataclass(frozen=True)
class Tracks:
    """Corners of what stands, in pixels with centres at +0.5.

    Attributes:
        at: [T, N, 2] where they are.
        alive: [T, N] bool; once lost, lost.
    """

    at: Float32Array
    alive: Mask


def tracked(
    frames: Sequence[UInt8Array], stands: Mask, proceed: Callable[[int], None] = lambda _: None
) -> Tracks:
    """Follow corners of what stands in the first of the grey ``frames`` through all of them."""
    long_side = max(frames[0].shape)
    reach = 2 * max(1, round(_MARGIN * long_side)) + 1
    within = cv2.erode(stands.astype(np.uint8), np.ones((reach, reach), np.uint8))
    corners = cv2.goodFeaturesToTrack(
        frames[0], MOST_TRACKS, 0.005, max(3.0, 0.012 * long_side), mask=within, blockSize=5
    )
    found = np.zeros((0, 2)) if corners is None else corners.reshape(-1, 2)
    at: Float32Array = np.asarray(found, dtype=np.float32)
    places, alive = [at], [np.ones(len(at), bool)]
    for number, (before, after) in enumerate(pairwise(frames)):
        proceed(number)
        if not len(at):
            places, alive = [*places, at], [*alive, alive[0]]
            continue
        at, followed = _step(before, after, places[-1])
        first, fresh = _settled(frames[0], after, places[0], at)
        at = np.where(fresh[:, None], first, at).astype(np.float32)
        places.append(at)
        alive.append(alive[-1] & followed)
    return Tracks(np.stack(places) + np.float32(0.5), np.stack(alive))


def _step(before: UInt8Array, after: UInt8Array, at: Float32Array) -> tuple[Float32Array, Mask]:
    """Return where corners went [N, 2], and whether they come back from there and stay inside."""
    there, found = _followed(before, after, at, None)
    back, again = _followed(after, before, there, None)
    size = np.array(after.shape[::-1], np.float32)
    inside = ((there >= 0) & (there <= size - 1)).all(-1)
    return there, found & again & inside & (np.linalg.norm(back - at, axis=-1) < _LOST_PX)


def _settled(
    first: UInt8Array, frame: UInt8Array, start: Float32Array, at: Float32Array
) -> tuple[Float32Array, Mask]:
    """Return the places [N, 2] compared with the first frame itself, so that no error grows."""
    there, found = _followed(first, frame, start, at)
    return there, found & (np.linalg.norm(there - at, axis=-1) < 2 * _LOST_PX)


def _followed(
    before: UInt8Array, after: UInt8Array, at: Float32Array, guess: Float32Array | None
) -> tuple[Float32Array, Mask]:
    flags = 0 if guess is None else cv2.OPTFLOW_USE_INITIAL_FLOW
    start = at if guess is None else guess
    end, found, _ = cv2.calcOpticalFlowPyrLK(
        before, after, at[:, None], start[:, None].copy(),
        winSize=(15, 15), maxLevel=4 if guess is None else 0, flags=flags,
    )  # fmt: skip
    return np.asarray(end.reshape(-1, 2), dtype=np.float32), found.ravel() > 0
