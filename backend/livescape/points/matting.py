"""Mixed pixels along the outline of what stands in front: how much of each it covers, and colours.

Where a post ends before the water, a pixel shows some of both. Bayesian matting (Chuang et al., "A
Bayesian approach to digital matting", 2001) tells them apart: what both sides look like nearby is a
Gaussian in colour each, and a pixel is the mixture that is most likely. Light mixes, so colours are
linear; which pixels may be mixed is told by the depth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import dilate, nearest_values
from livescape.points.hidden import REACH as EDGE_REACH
from livescape.points.hidden import depth_edges
from livescape.points.margins import Margins
from livescape_shared.conventions import linear_to_srgb, srgb_to_linear

Float32Image = NDArray[np.float32]
Float64Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

BESIDE = 1.5
"""Pixels from what is beyond an edge up to which a pixel lies directly at the edge."""

BAND = 2.3
"""The same up to which a pixel may be mixed."""

REACH = 4
"""Pixels searched for what each side looks like on its own."""

EXPECTED = ((0.2, 0.3), (0.03, 0.1))
"""How much of the other side a pixel shows that lies directly at the edge, or in the band, and how
sure that is (one standard deviation)."""

PURE = (0.02, 0.3)
"""How much such pixels count when the colours of a side are gathered. What is so thin that it has
no others is told by these."""

NOISE = 0.006
"""Standard deviation of a pixel in linear light."""

LEAST_KNOWN = 0.02
"""Least weight of the pixels that tell what a side looks like."""

DISTINCT = 3.0
"""Standard deviations between the colours of both sides, below which nobody could tell."""

LEAST_STEP = 1.05
"""Least ratio of the disparities of both sides: below, one goes on behind the other nowhere."""

SHARES = np.linspace(0.0, 1.0, 21)

WHOLE, NOTHING = 0.92, 0.08
"""Shares from which a pixel counts as covered, and up to which it does not."""


@dataclass(frozen=True)
class Matte:
    """What mixed pixels show.

    Attributes:
        mixed: [H, W] where.
        coverage: [H, W] 0..1, how much of a pixel what is in front covers.
        front: [H, W, 3] its colour, display sRGB; elsewhere the photo.
        back: [H, W, 3] the colour of what is behind it; elsewhere the photo.
        pure: [H, W, 3] the photo, in which a mixed pixel shows only what is at its middle.
        depth: [H, W] metres of what is in front.
        on_sky: [H, W] where the sky is behind it.
    """

    mixed: Mask
    coverage: Float32Image
    front: Float32Image
    back: Float32Image
    pure: Float32Image
    depth: Float32Image
    on_sky: Mask

    def grown(self, margins: Margins, image: Float32Image, depth: Float32Image) -> Matte:
        """Return the same on the grown grid, on which ``image`` and ``depth`` are without it."""
        there = margins.photo(depth.shape)

        def placed(values: NDArray[Any], beyond: NDArray[Any]) -> NDArray[Any]:
            grown = beyond.copy()
            grown[there][self.mixed] = values[self.mixed]
            return grown

        nowhere, whole = np.zeros(depth.shape, dtype=bool), np.ones_like(depth)
        return Matte(
            mixed=placed(self.mixed, nowhere),
            coverage=placed(self.coverage, whole),
            front=placed(self.front, image),
            back=placed(self.back, image),
            pure=placed(self.pure, image),
            depth=placed(self.depth, depth),
            on_sky=placed(self.on_sky, nowhere),
        )

    def standing(self, moving: Float32Image, sky: Mask) -> tuple[Float32Image, Mask]:
        """Return how much each pixel [H, W] moves, and the sky, without what is in front."""
        return np.where(self.mixed, np.float32(0.0), moving), sky & ~self.mixed


@dataclass(frozen=True)
class _Band:
    """The K pixels that may be mixed.

    Attributes:
        rows: [K]. columns: [K].
        level: [K] disparity above which a pixel nearby is in front.
        in_front: [K] whether the middle of the pixel is.
        away: [K] pixels to the other side of the edge.
    """

    rows: Indices
    columns: Indices
    level: NDArray[np.float32]
    in_front: Mask
    away: NDArray[np.float32]

    def __getitem__(self, index: Mask) -> _Band:
        return _Band(*(values[index] for values in vars(self).values()))


@dataclass(frozen=True)
class _Side:
    """What a side of K pixels looks like nearby: mean [K, 3], covariance [K, 3, 3], weight [K]."""

    mean: Float64Array
    covariance: Float64Array
    weight: Float64Array

    def __getitem__(self, index: Mask) -> _Side:
        return _Side(*(values[index] for values in vars(self).values()))


def matte(image: Float32Image, depth: Float32Image, sky: Mask, moving: Mask) -> Matte | None:
    """Return what the pixels at edges are mixed of; None if no pixel is mixed.

    Args:
        image: [H, W, 3] display sRGB.
        depth: [H, W] metres, of one side or the other at an edge.
        sky: [H, W].
        moving: [H, W] what moves; only what is behind may.
    """
    disparity = np.where(sky, 0.0, 1.0 / depth).astype(np.float32)
    nearer, farther = depth_edges(disparity, sky)
    nearer |= ~sky & dilate(sky, EDGE_REACH)
    farther = (farther | (sky & dilate(~sky, EDGE_REACH))) & ~nearer
    if not (nearer.any() and farther.any()):
        return None
    to_near, near = nearest_values(disparity, nearer)
    to_far, far = nearest_values(disparity, farther)
    _, moves = nearest_values(moving.astype(np.float32), nearer)
    away = np.maximum(to_near, to_far)
    level = np.sqrt(near * far)
    rows, columns = np.nonzero((away <= BAND) & (near > LEAST_STEP * far) & (moves < 0.5))
    at = rows, columns
    band = _Band(rows, columns, level[at], disparity[at] > level[at], away[at])
    linear = srgb_to_linear(image)
    front, back = _sides(linear, disparity, away, band)
    told = np.minimum(front.weight, back.weight) > LEAST_KNOWN
    told &= _apart(front, back) > DISTINCT
    band, front, back = band[told], front[told], back[told]
    colour = linear[band.rows, band.columns].astype(np.float64)
    share = _share(colour, front, back, *_expected(band))
    mixed = np.where(band.in_front, share < WHOLE, share > NOTHING)
    if not mixed.any():
        return None
    band, share = band[mixed], np.maximum(share[mixed], NOTHING)
    ahead, behind = _colours(colour[mixed], share, front[mixed], back[mixed])
    at = band.rows, band.columns
    where, coverage = np.zeros_like(sky), np.ones_like(depth)
    where[at], coverage[at] = True, share
    pure = np.where(band.in_front[:, None], ahead, behind)
    return Matte(
        mixed=where,
        coverage=coverage,
        front=_painted(image, at, ahead),
        back=_painted(image, at, behind),
        pure=_painted(image, at, pure),
        depth=np.where(where, 1.0 / np.maximum(near, 1e-9), depth).astype(np.float32),
        on_sky=where & (far <= 0.0),
    )


def _painted(
    image: Float32Image, at: tuple[Indices, Indices], linear: Float64Array
) -> Float32Image:
    """Return the image with other colours at some pixels."""
    picture = image.copy()
    picture[at] = linear_to_srgb(linear.clip(0.0, 1.0).astype(np.float32))
    return picture


def _sides(
    linear: Float32Image, disparity: Float32Image, away: Float32Image, band: _Band
) -> tuple[_Side, _Side]:
    """Return what is in front and what is behind near each pixel of the band."""
    around = ((REACH, REACH), (REACH, REACH))
    colours = np.pad(linear, (*around, (0, 0)))
    inverse = np.pad(disparity, around)
    pure = np.pad(np.select([away <= BESIDE, away <= BAND], PURE, 1.0), around)
    count = len(band.rows)
    total = np.zeros((2, count))
    first, second = np.zeros((2, count, 3)), np.zeros((2, count, 3, 3))
    for down, right in np.ndindex(2 * REACH + 1, 2 * REACH + 1):
        at = band.rows + down, band.columns + right
        nearness = 1.0 / (1.0 + (down - REACH) ** 2 + (right - REACH) ** 2)
        colour = colours[at].astype(np.float64)
        product = colour[:, :, None] * colour[:, None, :]
        front = inverse[at] > band.level
        for number, side in enumerate((front, ~front)):
            part = nearness * pure[at] * side
            total[number] += part
            first[number] += part[:, None] * colour
            second[number] += part[:, None, None] * product
    safe = np.maximum(total, 1e-9)
    mean = first / safe[..., None]
    covariance = second / safe[..., None, None] - mean[..., :, None] * mean[..., None, :]
    covariance += NOISE**2 * np.eye(3)
    return _Side(mean[0], covariance[0], total[0]), _Side(mean[1], covariance[1], total[1])


def _apart(front: _Side, back: _Side) -> Float64Array:
    """Return how many standard deviations [K] lie between the colours of both sides."""
    between = front.mean - back.mean
    return np.sqrt(_squared(between, front.covariance + back.covariance))


def _squared(difference: Float64Array, covariance: Float64Array) -> Float64Array:
    """Return the squared Mahalanobis lengths [K] of differences [K, 3]."""
    told = np.linalg.solve(covariance, difference[..., None])[..., 0]
    return np.asarray(np.maximum((difference * told).sum(axis=-1), 0.0))


def _expected(band: _Band) -> tuple[Float64Array, Float64Array]:
    """Return what share [K] of a pixel is covered as far as depth tells, and its deviation."""
    beside = (band.away <= BESIDE)[:, None]
    other, deviation = np.where(beside, *np.array(EXPECTED)[:, None, :]).T
    return np.where(band.in_front, 1.0 - other, other), deviation


def _share(
    colour: Float64Array, front: _Side, back: _Side, expected: Float64Array, deviation: Float64Array
) -> Float64Array:
    """Return the mean share [K] of what is in front, by the pixels' colours [K, 3]."""
    logs = []
    for share in SHARES:
        rest, spread = _unexplained(colour, np.full(len(colour), share), front, back)
        misfit = _squared(rest, spread) + np.log(np.linalg.det(spread))
        logs.append(-0.5 * (misfit + ((share - expected) / deviation) ** 2))
    likely = np.stack(logs)
    likely = np.exp(likely - likely.max(axis=0, initial=-np.inf))
    return np.asarray((likely * SHARES[:, None]).sum(axis=0) / likely.sum(axis=0))


def _colours(
    colour: Float64Array, share: Float64Array, front: _Side, back: _Side
) -> tuple[Float64Array, Float64Array]:
    """Return colours [K, 3] of both sides that mixed give ``colour``.

    What is behind looks as it does nearby. What that leaves unexplained is of what is in front:
    the other would carry it away as a speck when it moves.
    """
    rest = colour - share[:, None] * front.mean - (1.0 - share)[:, None] * back.mean
    spread = (share**2)[:, None, None] * front.covariance + NOISE**2 * np.eye(3)
    told = np.linalg.solve(spread, rest[..., None])[..., 0]
    detail = np.einsum("kij,kj->ki", front.covariance, told)
    return front.mean + share[:, None] * detail, back.mean


def _unexplained(
    colour: Float64Array, share: Float64Array, front: _Side, back: _Side
) -> tuple[Float64Array, Float64Array]:
    """Return what the mean mixture leaves of ``colour`` [K, 3], and its covariance [K, 3, 3]."""
    other = 1.0 - share
    rest = colour - share[:, None] * front.mean - other[:, None] * back.mean
    spread = (share**2)[:, None, None] * front.covariance
    spread = spread + (other**2)[:, None, None] * back.covariance
    return rest, spread + NOISE**2 * np.eye(3)
