"""How fast a loop hands over: so that the picture's texture stays as strong as it was.

What flows away from the camera is seen ever finer, and what comes back from where it was nearer is
coarser: outgoing copies gain contrast while they are shown, incoming ones lack it. If places handed
over by equal areas, the picture would first gain and then lose. So they follow each other faster
while outgoing copies are too strong, and wait while incoming ones are too weak.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

EARLIEST, LATEST = 0.1, 0.95
"""Moments lie between these: within the loop, whose ends show one copy alone. Late, because what
comes back is as strong as the photo only when it is almost there."""

EXTENT = 1 / 24
"""Extent of what counts as texture, as a share of the picture's width."""

TIMES, SHARES = 33, 129
"""Steps in time and in the share of places that have handed over."""

FEWEST, MOST = 2, 12
"""Steps of that share in one of time; four are even. With fewer, places that follow each other
would hand over so far apart in time that a copy runs along with the moment of its place."""

EVENNESS = 0.06
"""Weight of an even pace by area beside constant texture."""


@dataclass(frozen=True)
class Strength:
    """How strong the texture is that copies show at P places.

    Attributes:
        times: [T] loop times.
        outgoing: [T, P] variance of what outgoing copies show.
        incoming: [T, P] the same of incoming ones.
        photo: [P] the same of the photo.
    """

    times: Float64Array
    outgoing: Float64Array
    incoming: Float64Array
    photo: Float64Array


def texture(image: NDArray[np.floating], moving: Mask) -> Float32Array:
    """Return the variance [H, W] of the luminance of ``image`` [H, W, 3] around each place.

    What does not move has none, and no part in its surroundings.
    """
    plane = image.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    sigma = EXTENT * plane.shape[1]
    weight = cv2.GaussianBlur(moving.astype(np.float32), (0, 0), sigma)
    mean = cv2.GaussianBlur(np.where(moving, plane, 0.0), (0, 0), sigma)
    away = plane - mean / np.maximum(weight, np.float32(1e-6))
    return np.where(moving, np.square(away), 0.0).astype(np.float32)


def paced(
    order: NDArray[np.floating],
    earliest: NDArray[np.floating],
    latest: NDArray[np.floating],
    strength: Strength,
) -> Float64Array:
    """Return the moments [P] at which places hand over, in the order given.

    Args:
        order: [P] who comes before whom.
        earliest: [P] before which a place does not hand over.
        latest: [P] by which it does.
        strength: What copies show there.
    """
    ranks = np.empty(len(order))
    ranks[np.argsort(order, kind="stable")] = np.linspace(0.0, 1.0, len(order))
    times = np.linspace(EARLIEST, LATEST, TIMES)
    costs = np.stack([_cost(t, ranks, earliest, latest, strength) for t in times])
    shares = _cheapest_way(costs) / (SHARES - 1)
    return np.clip(np.interp(ranks, shares, times), earliest, latest)


def _cost(
    t: float,
    ranks: Float64Array,
    earliest: NDArray[np.floating],
    latest: NDArray[np.floating],
    strength: Strength,
) -> Float64Array:
    """Return what it costs [SHARES] if so many places, in their order, may have handed over."""
    outgoing, incoming = (
        _between(t, strength.times, values) for values in (strength.outgoing, strength.incoming)
    )
    must = latest <= t
    may = ~must & (earliest <= t)
    bins = np.ceil(ranks * (SHARES - 1)).astype(int)
    gain = np.bincount(bins[may], (incoming - outgoing)[may], minlength=SHARES).cumsum()
    shown = np.where(must, incoming, outgoing).sum() + gain
    area = (must.sum() + np.bincount(bins[may], minlength=SHARES).cumsum()) / len(ranks)
    change = shown / max(float(strength.photo.sum()), 1e-12) - 1.0
    even = (t - EARLIEST) / (LATEST - EARLIEST)
    return np.asarray(change**2 + EVENNESS * (area - even) ** 2)


def _between(t: float, times: Float64Array, values: Float64Array) -> Float64Array:
    """Return values [P] at ``t``, linearly between those [T, P] at ``times``."""
    after = int(np.clip(np.searchsorted(times, t), 1, len(times) - 1))
    share = (t - times[after - 1]) / (times[after] - times[after - 1])
    return np.asarray((1.0 - share) * values[after - 1] + share * values[after])


def _cheapest_way(costs: Float64Array) -> NDArray[np.intp]:
    """Return the way [TIMES] from the first share to the last that costs least in all."""
    best = np.full(SHARES, np.inf)
    best[0] = costs[0, 0]
    taken: list[NDArray[np.intp]] = []
    for cost in costs[1:]:
        before = np.full((MOST - FEWEST + 1, SHARES), np.inf)
        for row, step in enumerate(range(FEWEST, MOST + 1)):
            before[row, step:] = best[:-step]
        taken.append(before.argmin(axis=0) + FEWEST)
        best = before.min(axis=0) + cost
    way = [SHARES - 1]
    for steps in reversed(taken):
        way.append(way[-1] - int(steps[way[-1]]))
    return np.array(way[::-1])
