"""When the copies hand over in a loop: a moment for each place, early here and late there.

Two copies that both show would be a ghost, and changing all at once would be a jump. So each place
changes within a few frames at a moment of its own. The moment is one where both copies look most
alike there, it varies smoothly, and moments are spread over most of the loop so that the
picture as a whole always looks the same, see :mod:`livescape.motion.pace`.

Towards the frame's edge moments follow from what the photo shows. Where water flows out, an
incoming copy would come back from beyond the frame, where all is invented: there the outgoing one
stays until an incoming one that the photo shows is there. Where water flows in, it is the other way
round. Where the surface bends, it is the same again: at the foot of a fall no copy comes back out
of the pool, so there the outgoing one stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.engine.advect import displacements_at
from livescape.imaging.sampling import pixel_centres
from livescape.imaging.smoothing import fill_smooth
from livescape.motion.handover import keeps_on, kept_on
from livescape.motion.pace import EARLIEST, LATEST, Strength, paced, texture

Float32Array = NDArray[np.float32]

CANDIDATES = 7
"""Moments at which the copies are compared."""

FINEST = 1 / 8
"""Smallest extent of a patch that changes together, as a share of the picture's width."""

OVERTAKEN = 0.4
"""Most change of the moment, in loop time, on the way that a copy goes in as much loop time.

From 1 on, a copy would run along with the moment of its place and never reach it, or twice. The
pace at which places hand over may double it.
"""

_SIZE = 160
_GROWTH = 1.4


def moments(
    image: NDArray[np.floating],
    flow: NDArray[np.floating],
    mask: NDArray[np.floating],
    loop_frames: int,
    device: str = "cpu",
    region: NDArray[np.floating] | None = None,
    course: NDArray[np.floating] | None = None,
) -> Float32Array:
    """Return the loop time [H, W] at which the copies hand over at each place.

    Args:
        image: [H, W, 3] in 0..1.
        flow: [H, W, 2] pixels per frame, of what moves on under what stands too.
        mask: [H, W] 0..1, what is seen to move.
        loop_frames: N.
        device: Where to integrate.
        region: [H, W] 0..1, what moves, seen or not; by default all of it is seen.
        course: [H, W, 2] of :func:`livescape.motion.handover.courses` in the world; None where all
            is one surface.
    """
    height, width = mask.shape
    flows = np.abs(flow).sum(-1) > 0
    moving = (mask > 0.5) & flows
    if not moving.any():
        return np.full((height, width), 0.5, np.float32)
    times = np.linspace(EARLIEST, LATEST, CANDIDATES)
    passable = moving if region is None else flows & (np.maximum(region, mask) > 0.5)
    flow = flow * passable[..., None]
    shown = _copies_shown(image, flow, times, loop_frames, device)
    small = (_SIZE, max(8, round(height * _SIZE / width))) if width > _SIZE else (width, height)
    scale = small[0] / width

    def shrunk(values: NDArray[np.floating]) -> Float32Array:
        resized = cv2.resize(values.astype(np.float32), small, interpolation=cv2.INTER_AREA)
        return np.asarray(resized, dtype=np.float32)

    weight = shrunk(moving)
    small_flow = shrunk(flow) * np.float32(scale)
    way = small_flow * np.float32(loop_frames)
    costs = [shrunk(np.square(a - b).sum(axis=-1) * moving) for a, b in shown]
    found = _smooth_moments(costs, times, way, weight)
    led = np.zeros((*mask.shape, 2), np.float32) if course is None else course.astype(np.float32)
    led = np.asarray(cv2.resize(led, small, interpolation=cv2.INTER_NEAREST), np.float32)
    earliest, latest = _shown_by_the_photo(small_flow, shrunk(passable), led, loop_frames)
    parted = earliest > latest  # neither copy is from the photo for a while
    earliest, latest = (
        np.where(parted, 0.5 * (earliest + latest), bound) for bound in (earliest, latest)
    )
    inside = weight > 0.5 if (weight > 0.5).any() else weight > 0
    found[inside] = paced(
        found[inside],
        earliest[inside],
        latest[inside],
        _strength(image, shown, moving, times, lambda values: shrunk(values)[inside]),
    )
    found = np.asarray(fill_smooth(found[..., None], inside)[..., 0], dtype=np.float32)
    found = found.clip(earliest, latest)
    full = cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, dtype=np.float32)


def _copies_shown(
    image: NDArray[np.floating],
    flow: NDArray[np.floating],
    times: NDArray[np.float64],
    loop_frames: int,
    device: str,
) -> list[tuple[Float32Array, Float32Array]]:
    """Return what outgoing and incoming copies show [H, W, 3] each, for each of ``times``."""
    height, width = flow.shape[:2]
    places = pixel_centres(height, width).reshape(-1, 2)
    passed = [round(t * loop_frames) for t in times]
    left = [loop_frames - step for step in passed]
    first = displacements_at(flow, passed, places, backward=True, device=device)
    second = displacements_at(flow, left, places, device=device)
    picture = image.astype(np.float32)

    def shown(displacement: Float32Array) -> Float32Array:
        x, y = (
            (places + displacement - 0.5)
            .astype(np.float32)
            .reshape(height, width, 2)
            .transpose(2, 0, 1)
        )
        warped = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(warped, dtype=np.float32)

    return [(shown(first[a]), shown(second[b])) for a, b in zip(passed, left, strict=True)]


def _strength(
    image: NDArray[np.floating],
    shown: Sequence[tuple[Float32Array, Float32Array]],
    moving: NDArray[np.bool_],
    times: NDArray[np.float64],
    places: Callable[[Float32Array], Float32Array],
) -> Strength:
    """Return how strong the texture is that copies show at some places of a picture [H, W]."""
    outgoing, incoming = (
        np.stack([places(texture(pair[copy], moving)) for pair in shown]).astype(np.float64)
        for copy in (0, 1)
    )
    photo = places(texture(image, moving)).astype(np.float64)
    return Strength(times, outgoing, incoming, photo)


def _shown_by_the_photo(
    flow: Float32Array, weight: Float32Array, course: Float32Array, loop_frames: int
) -> tuple[Float32Array, Float32Array]:
    """Return from when on incoming, and until when outgoing copies are what the photo shows [h, w].

    Args:
        flow: [h, w, 2] pixels per frame.
        weight: [h, w] how much of each pixel moves.
        course: [h, w, 2] of the motion in the world.
        loop_frames: N.
    """
    height, width = weight.shape
    places = pixel_centres(height, width).reshape(-1, 2)

    def staying(*, backward: bool) -> Float32Array:
        """Return the share of a loop for which what is there stays in the photo [h, w].

        And on its surface: no copy comes round a bend.
        """
        ways = displacements_at(flow, range(loop_frames + 1), places, backward=backward)
        at = places + np.stack([ways[step] for step in range(loop_frames + 1)])
        column, row = np.moveaxis(np.clip(at, 0.0, (width - 1, height - 1)).astype(int), -1, 0)
        on = (kept_on if backward else keeps_on)(course[row, column])
        on &= ((at >= 0.0) & (at <= (width, height))).all(axis=-1)
        moves = weight[row, column] > 0.5
        # What has left the region can no more leave the photo: it is there for as long as it was.
        moves = np.concatenate([np.ones_like(moves[:1]), np.logical_and.accumulate(moves[:-1])])
        left = ~on & moves
        stays = np.where(left.any(axis=0), left.argmax(axis=0) - 1, loop_frames)
        return (stays / np.float32(loop_frames)).reshape(height, width).astype(np.float32)

    return 1.0 - staying(backward=False), staying(backward=True)


def _smooth_moments(
    costs: list[Float32Array], times: NDArray[np.float64], way: Float32Array, weight: Float32Array
) -> Float32Array:
    """Return moments [h, w] as fine as the motion allows.

    Args:
        costs: How unlike both copies are [h, w], for each of ``times``.
        times: Candidates.
        way: [h, w, 2] pixels of a whole loop.
        weight: [h, w] how much of each pixel moves.
    """
    width, inside = weight.shape[1], weight > 0.5
    inside = inside if inside.any() else weight > 0
    sigma = FINEST * width
    while True:
        share = np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-6)
        blurred = np.stack([cv2.GaussianBlur(cost, (0, 0), sigma) / share for cost in costs])
        # softly the best: each candidate counts by how much it is better than their mean
        spread = np.maximum(blurred.std(axis=0), 1e-9)
        votes = np.exp(-(blurred - blurred.mean(axis=0)) / spread)
        wish = np.tensordot(times, votes / votes.sum(axis=0), axes=1).astype(np.float32)
        wish = np.asarray(cv2.GaussianBlur(wish * weight, (0, 0), sigma) / share, np.float32)
        found = _evenly(np.asarray(wish), inside)
        down, right = np.gradient(found)
        along = np.abs(right * way[..., 0] + down * way[..., 1])[inside]
        if np.quantile(along, 0.95) <= OVERTAKEN or sigma > width / 2:
            return np.asarray(fill_smooth(found[..., None], inside)[..., 0], dtype=np.float32)
        sigma *= _GROWTH


def _evenly(wish: Float32Array, inside: NDArray[np.bool_]) -> Float32Array:
    """Return times in the order of ``wish`` [h, w] of which each is taken by equal areas."""
    ordered = np.sort(wish[inside])
    ranks = np.interp(wish, ordered, np.linspace(0.0, 1.0, len(ordered)))
    return np.asarray(EARLIEST + (LATEST - EARLIEST) * ranks, dtype=np.float32)
