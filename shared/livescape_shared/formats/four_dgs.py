"""``.4dgs`` scenes, by the library ``fourdgs``: Gaussians that move evenly while they are there.

A ``.4dgs`` file holds Gaussians with a velocity and the seconds between which they exist. What
moves unevenly is written as several of them, one after another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.formats.invalid import invalid_splats
from livescape_shared.gaussians import Float32Array, Gaussians
from livescape_shared.limits import MAX_GAUSSIANS
from livescape_shared.splats import ImportedSplats, Splats

KIND: Final = ".4dgs"
AXES: Final = "z_up"
"""Of what is written: Blender's own."""

_COORDINATES: Final = "coordinate_system"
_AXES: Final = {"z-up-right-handed": "z_up", "y-up-right-handed": "y_up"}
_Z_UP: Final = "z-up-right-handed"

_PROFILE: Final = "default"
"""The library's own name for how exact numbers are."""

SH_COEFFICIENTS: Final = {1: 3, 2: 8, 3: 15}
"""Coefficients beyond degree 0 by degree."""

_SH_LOW, _SH_HIGH = -4.0, 4.0
"""Range of a coefficient, as the format says."""

_STRAIGHT: Final = 1e-4
"""Deviation from even motion, relative to the scene's extent, that is left out."""

_SAME: Final = 2e-3
"""Change of opacity, colour, rotation or relative size that is left out."""


def read_four_dgs(path: Path) -> tuple[Any, float, str | None]:
    """Return the library's set of Gaussians, the scene's seconds and the axes it states.

    Raises:
        LivescapeError: ``fourdgs_missing`` or ``splats_invalid``.
    """
    fourdgs = _library()
    try:
        scene = fourdgs.read(str(path))
    except fourdgs.FourdgsError as error:
        raise invalid_splats(path, KIND, f"it is damaged: {error}") from error
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError) as error:
        raise invalid_splats(path, KIND, "it is damaged") from error
    seconds = float(scene.duration_sec)
    if not 0.0 <= seconds < np.inf:
        raise invalid_splats(path, KIND, f"it lasts {seconds} seconds")
    if scene.gaussians.count > MAX_GAUSSIANS:
        raise invalid_splats(path, KIND, f"it holds {scene.gaussians.count} Gaussians")
    stated = scene.header.attributes.get(_COORDINATES, "")
    return scene, seconds, _AXES.get(str(stated))


def splats_at(scene: Any, seconds: float, axes: str | None) -> ImportedSplats:
    """Return all rows of a scene at a time; those that are not there have no opacity."""
    rows, state = scene.gaussians, scene.state_at(seconds)
    shown = state["indices"]
    means = rows.positions.astype(np.float32)
    opacities = np.zeros(rows.count, np.float32)
    quats = rows.rotations.astype(np.float32)
    means[shown], opacities[shown] = state["centers"], state["opacity"]
    quats[shown] = state["orientations"]
    gaussians = Gaussians(
        means, np.roll(quats, 1, axis=1), rows.scales.astype(np.float32), opacities,
        rows.colors[:, :3].astype(np.float32),
    )  # fmt: skip
    return ImportedSplats.sound(Splats(gaussians, _harmonics(rows)), axes=axes)


def _harmonics(rows: Any) -> Float32Array | None:
    """Return the coefficients [N, K, 3] beyond degree 0: a byte each, one channel after another."""
    count = SH_COEFFICIENTS.get(int(rows.sh_degree), 0)
    if rows.sh is None or not count:
        return None
    bytes_ = np.asarray(rows.sh).reshape(rows.count, 3, -1)[..., :count]
    values = _SH_LOW + bytes_.astype(np.float32) * ((_SH_HIGH - _SH_LOW) / 255.0)
    return np.ascontiguousarray(np.swapaxes(values, 1, 2), dtype=np.float32)


def write_four_dgs(path: Path, frames: Iterable[tuple[int, Splats]], fps: float) -> None:
    """Write frames as Gaussians that move evenly for a while.

    Rows correspond by their order; where their number changes, all begin anew. View-dependent
    colour is left out.

    Raises:
        LivescapeError: ``fourdgs_missing``.
    """
    fourdgs = _library()
    parts: list[Gaussians] = []
    speeds: list[Float32Array] = []
    times: list[NDArray[np.float64]] = []
    started = None
    last = 0.0
    pieces: _Pieces | None = None
    for number, splats in frames:
        started = number if started is None else started
        last = (number - started) / fps
        if pieces is None:
            pieces = _Pieces(splats.gaussians, last)
        elif len(splats) != len(pieces.first):
            _take(pieces.finish(last), parts, speeds, times)
            pieces = _Pieces(splats.gaussians, last)
        else:
            _take(pieces.step(splats.gaussians, last), parts, speeds, times)
    end = last + 1.0 / fps
    if pieces is not None:
        _take(pieces.finish(end), parts, speeds, times)
    rows = Gaussians.concatenate(Gaussians.empty(), *parts)
    motions = np.concatenate([np.zeros((0, 3), np.float32), *speeds])
    spans = np.concatenate([np.zeros((0, 2)), *times])
    # Moments are rounded to a grid; where something is at such a moment is not.
    grid = fourdgs.Steps.of(fourdgs.Bounds.for_profile(_PROFILE)).time
    moments = np.rint(spans[:, 0] / grid) * grid
    means = rows.means + motions * (moments - spans[:, 0])[:, None].astype(np.float32)
    found = fourdgs.GaussianSet(
        means, rows.scales, np.roll(rows.quats, -1, axis=1),
        np.concatenate([np.clip(rows.colors, 0.0, 1.0), rows.opacities[:, None]], axis=1),
        motions, moments.astype(np.float32), np.full(len(rows), np.inf, np.float32),
        spans[:, 0], spans[:, 1],
    )  # fmt: skip
    options = fourdgs.WriteOptions(_PROFILE, metadata={_COORDINATES: _Z_UP})
    fourdgs.write(str(path), found, end, options=options)


Piece = tuple[Gaussians, Float32Array, NDArray[np.float64]]
"""Rows as they begin, their metres a second, and the seconds [n, 2] between which they are there"""


def _take(
    piece: Piece,
    parts: list[Gaussians],
    speeds: list[Float32Array],
    times: list[NDArray[np.float64]],
) -> None:
    parts.append(piece[0])
    speeds.append(piece[1])
    times.append(piece[2])


@dataclass
class _Pieces:
    """Rows whose even motion is still going on.

    Attributes:
        first: Every row as its piece began.
        began: [N] seconds at which it did.
        before: Every row at the last frame, at ``at`` seconds.
        speed: [N, 3] metres a second of pieces that are older than a frame.
    """

    first: Gaussians
    at: float
    began: NDArray[np.float64] = field(init=False)
    before: Gaussians = field(init=False)
    speed: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.first)
        self.before = self.first
        self.began = np.full(count, self.at)
        self.speed = np.zeros((count, 3))
        extent = float(np.ptp(self.first.means, axis=0).max()) if count else 1.0
        self._tolerance = _STRAIGHT * max(extent, 1e-6)

    def step(self, now: Gaussians, at: float) -> Piece:
        """Take the next frame; return the pieces that ended."""
        passed = at - self.at
        is_new = self.began == self.at
        velocity = (now.means.astype(np.float64) - self.before.means) / passed
        predicted = self.first.means + self.speed * (at - self.began)[:, None]
        bends = ~is_new & (np.abs(predicted - now.means).max(axis=1) > self._tolerance)
        looks = _differs(self.first, now)
        # A bend begins where the last frame was, another look where this one is.
        self.speed[is_new] = velocity[is_new]
        ended = self._ended(bends & ~looks, self.at)
        changed = self._ended(looks, at)
        first = {name: np.array(values) for name, values in vars(self.first).items()}
        for rows, source, moment in ((bends & ~looks, self.before, self.at), (looks, now, at)):
            for name, values in vars(source).items():
                first[name][rows] = values[rows]
            self.began[rows] = moment
        self.speed[bends & ~looks] = velocity[bends & ~looks]
        self.first, self.before, self.at = Gaussians(**first), now, at
        return _joined(ended, changed)

    def finish(self, end: float) -> Piece:
        """Return the pieces that last until the end."""
        self.speed[self.began == self.at] = 0.0
        return self._ended(np.ones(len(self.first), bool), end)

    def _ended(self, rows: NDArray[np.bool_], end: float) -> Piece:
        kept = np.flatnonzero(rows & (self.first.opacities > 0.0))
        spans = np.stack([self.began[kept], np.full(len(kept), end)], axis=1)
        return self.first[kept], self.speed[kept].astype(np.float32), spans


def _joined(one: Piece, other: Piece) -> Piece:
    return (
        Gaussians.concatenate(one[0], other[0]),
        np.concatenate([one[1], other[1]]),
        np.concatenate([one[2], other[2]]),
    )


def _differs(one: Gaussians, other: Gaussians) -> NDArray[np.bool_]:
    differs = np.abs(one.opacities - other.opacities) > _SAME
    differs |= np.abs(one.colors - other.colors).max(axis=1) > _SAME
    differs |= np.abs(np.sum(one.quats * other.quats, axis=1)) < 1.0 - _SAME**2
    return np.asarray(differs | (np.abs(one.scales / other.scales - 1.0) > _SAME).any(axis=1))


def _library() -> Any:
    try:
        import fourdgs
    except ImportError as error:
        raise LivescapeError(
            "fourdgs_missing",
            "The library fourdgs, which reads and writes .4dgs files, is not installed.",
            hint="pip install 'livescape[fourdgs]'; for Blender, livescape convert x.4dgs x.usdc",
        ) from error
    return fourdgs
