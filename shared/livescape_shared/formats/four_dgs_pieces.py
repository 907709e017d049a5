"""Motion that bends, as pieces of even motion, one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape_shared.gaussians import Float32Array, Gaussians
from livescape_shared.splats import Splats

_STRAIGHT: Final = 1e-4
"""Deviation from even motion, relative to the scene's extent, that is left out."""

_SAME: Final = 2e-3
"""Change of opacity, colour, rotation or relative size that is left out."""

_SAME_HARMONIC: Final = 4.0 / 255.0
"""The same for a coefficient of view-dependent colour: half a step of what is written."""

Piece = tuple[Splats, Float32Array, NDArray[np.float64]]
"""Rows as they begin, their metres a second, and the seconds [n, 2] between which they are there"""


@dataclass
class Pieces:
    """Rows whose even motion is still going on.

    Attributes:
        first: Every row as its piece began.
        began: [N] seconds at which it did.
        before: Every row at the last frame, at ``at`` seconds.
        speed: [N, 3] metres a second of pieces that are older than a frame.
    """

    first: Splats
    at: float
    began: NDArray[np.float64] = field(init=False)
    before: Splats = field(init=False)
    speed: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.first)
        self.before = self.first
        self.began = np.full(count, self.at)
        self.speed = np.zeros((count, 3))
        extent = float(np.ptp(self.first.gaussians.means, axis=0).max()) if count else 1.0
        self._tolerance = _STRAIGHT * max(extent, 1e-6)

    def step(self, now: Splats, at: float) -> Piece:
        """Take the next frame; return the pieces that ended."""
        means, passed = now.gaussians.means, at - self.at
        is_new = self.began == self.at
        velocity = (means.astype(np.float64) - self.before.gaussians.means) / passed
        predicted = self.first.gaussians.means + self.speed * (at - self.began)[:, None]
        bends = ~is_new & (np.abs(predicted - means).max(axis=1) > self._tolerance)
        looks = _differs(self.first, now)
        bends &= ~looks
        # A bend begins where the last frame was, another look where this one is.
        self.speed[is_new] = velocity[is_new]
        ended = joined([self._ended(bends, self.at), self._ended(looks, at)])
        self.first = _with(_with(self.first, bends, self.before), looks, now)
        self.began[bends], self.began[looks] = self.at, at
        self.speed[bends] = velocity[bends]
        self.before, self.at = now, at
        return ended

    def finish(self, end: float) -> Piece:
        """Return the pieces that last until the end."""
        self.speed[self.began == self.at] = 0.0
        return self._ended(np.ones(len(self.first), bool), end)

    def _ended(self, rows: NDArray[np.bool_], end: float) -> Piece:
        kept = np.flatnonzero(rows & (self.first.gaussians.opacities > 0.0))
        spans = np.stack([self.began[kept], np.full(len(kept), end)], axis=1)
        return self.first[kept], self.speed[kept].astype(np.float32), spans


def joined(pieces: Sequence[Piece]) -> Piece:
    """Return all of them as one."""
    return (
        Splats.concatenate(Splats(Gaussians.empty()), *(each[0] for each in pieces)),
        np.concatenate([np.zeros((0, 3), np.float32), *(each[1] for each in pieces)]),
        np.concatenate([np.zeros((0, 2)), *(each[2] for each in pieces)]),
    )


def _with(splats: Splats, rows: NDArray[np.bool_], source: Splats) -> Splats:
    """Return ``splats`` with ``rows`` as they are in ``source``."""
    if not rows.any():
        return splats
    order = np.arange(len(splats)) + len(splats) * rows
    return Splats.concatenate(splats, source)[order]


def _differs(one: Splats, other: Splats) -> NDArray[np.bool_]:
    mine, theirs = one.gaussians, other.gaussians
    differs = np.abs(mine.opacities - theirs.opacities) > _SAME
    differs |= np.abs(mine.colors - theirs.colors).max(axis=1) > _SAME
    differs |= np.abs(np.sum(mine.quats * theirs.quats, axis=1)) < 1.0 - _SAME**2
    differs |= (np.abs(mine.scales / theirs.scales - 1.0) > _SAME).any(axis=1)
    harmonics = Splats.concatenate(one, other).harmonics
    if harmonics is not None:
        change = np.abs(harmonics[: len(one)] - harmonics[len(one) :])
        differs |= change.max(axis=(1, 2)) > _SAME_HARMONIC
    return np.asarray(differs)
