"""Moving splats of other programs as one scene: what stands, what moves, what is there once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape_shared.conventions import FOR_EVER, SINCE_EVER
from livescape_shared.errors import LivescapeError
from livescape_shared.formats.sequence import SplatSequence
from livescape_shared.gaussians import GaussianFrame, Gaussians
from livescape_shared.scene import MovingGaussians, SceneMeta
from livescape_shared.settings import Blend
from livescape_shared.splats import ImportedSplats, Splats

_SAME: Final = 1e-5
"""Relative to the scene's extent, or to 1 for colours: what rounds off between two files."""

_SHOWS: Final = 2.0 / 255.0
"""Change of an opacity or a colour that can be seen."""

_FADE: Final = 0.05
"""Share of a frame within which a Gaussian that is there for one frame comes and goes."""

MOST_ROWS: Final = 4_000_000
MOST_POINTS: Final = 200_000_000
"""Positions of all moving rows in all frames: 2.4 GB."""

_HELD_BYTES: Final = 1_000_000_000
"""Frames that are kept once they are read: a scene is made in several passes over them."""


def held(sequence: SplatSequence, most_bytes: int = _HELD_BYTES) -> SplatSequence:
    """Return a sequence that reads each frame once, as far as memory allows."""
    kept: dict[int, ImportedSplats] = {}
    room = most_bytes

    def read(index: int) -> ImportedSplats:
        nonlocal room
        if index in kept:
            return kept[index]
        found = sequence.read(index)
        arrays = [*vars(found.splats.gaussians).values(), found.splats.harmonics]
        size = sum(each.nbytes for each in arrays if each is not None)
        if size <= room:
            room -= size
            kept[index] = found
        return found

    return replace(sequence, read=read)


@dataclass(frozen=True)
class Tracks:
    """How the rows of a sequence become a scene.

    Attributes:
        still: Rows that never change.
        moving: Rows whose place, rotation or size changes.
        single: Rows whose opacity or colour changes, or all if their number does: each is there
            for one frame.
        deforms: Whether rotations or sizes of ``moving`` change.
    """

    still: NDArray[np.bool_]
    moving: NDArray[np.bool_]
    single: NDArray[np.bool_]
    deforms: bool


def tracks_of(sequence: SplatSequence) -> tuple[Tracks, list[int]]:
    """Read all frames once and find what changes; also return how many rows each has."""
    first = sequence.read(0).splats
    extent = max(float(np.ptp(first.gaussians.means, axis=0).max()), 1e-6) if len(first) else 1.0
    counts = [len(first)]
    moves = np.zeros(len(first), bool)
    turns = moves.copy()
    looks = moves.copy()
    for index in range(1, sequence.count):
        other = sequence.read(index).splats
        counts.append(len(other))
        if len(other) != len(first):
            looks[:] = True
            continue
        mine, theirs = first.gaussians, other.gaussians
        moves |= np.abs(mine.means - theirs.means).max(axis=1) > _SAME * extent
        turns |= np.abs(np.sum(mine.quats * theirs.quats, axis=1)) < 1.0 - _SAME
        turns |= (np.abs(mine.scales / theirs.scales - 1.0) > 1e-3).any(axis=1)
        looks |= np.abs(mine.opacities - theirs.opacities) > _SHOWS
        looks |= np.abs(mine.colors - theirs.colors).max(axis=1) > _SHOWS
    if len(set(counts)) > 1:
        looks[:] = True
    moving = (moves | turns) & ~looks
    return Tracks(~moving & ~looks, moving, looks, bool((turns & moving).any())), counts


@dataclass(frozen=True)
class SequenceScene:
    """A sequence as a scene: what stands, what moves, and every frame.

    Attributes:
        meta: Its description.
        still: What never changes, with view-dependent colour.
        moving: What does, with the time that each row is there.
        frames: Yields the poses of every frame.
        first: The first frame as it was read: axes, offset, rows left out.
        plain: Moving rows that had view-dependent colour and are shown without it.
        missing: Frames of which there was no file.
    """

    meta: SceneMeta
    still: Splats
    moving: MovingGaussians
    frames: Callable[[], Iterator[GaussianFrame]]
    first: ImportedSplats
    plain: int = 0
    missing: int = 0


def sequence_scene(sequence: SplatSequence, start_frame: int, fps: float) -> SequenceScene:
    """Make a scene of a sequence, one frame of the file to one frame of Blender.

    Rows correspond by their order where their number is the same in all frames.

    Raises:
        LivescapeError: ``splats_empty``, ``sequence_too_large``, or as the reader.
    """
    sequence = held(sequence)
    tracks, counts = tracks_of(sequence)
    first = sequence.read(0)
    if not max(counts):
        raise LivescapeError("splats_empty", f"{sequence.name} holds no Gaussian in any frame.")
    whole = len(set(counts)) == 1
    single_rows = sum(counts) if not whole else int(tracks.single.sum()) * sequence.count
    _check_size(sequence, tracks, int(tracks.moving.sum()) + single_rows)
    moving = first.splats.gaussians[np.flatnonzero(tracks.moving)] if whole else Gaussians.empty()
    singles = list(_singles(sequence, tracks, whole=whole)) if single_rows else []
    steps = sequence.count - 1
    windows = [_windows(SINCE_EVER, FOR_EVER, len(moving))]
    windows += [
        _windows((index - 0.5) / steps, (index + 0.5) / steps, len(part))
        for index, part in enumerate(singles)
    ]
    everything = Gaussians.concatenate(moving, *singles)
    still = first.splats[tracks.still & whole]
    blend: Blend = "linear" if first.blends_linearly else "srgb"
    meta = SceneMeta(
        static=len(still), moving=len(everything), loop_frames=steps, loop=False,
        fade=_FADE / steps, start_frame=start_frame, fps=fps, blend=blend, deforms=tracks.deforms,
    )  # fmt: skip
    shown = MovingGaussians(everything, np.concatenate(windows).astype(np.float32))
    plain = len(everything) if first.splats.degree else 0
    constant = everything[len(moving) :]
    frames = partial(_frames, sequence, np.flatnonzero(tracks.moving), constant)
    return SequenceScene(meta, still, shown, frames, first, plain, sequence.missing)


def _check_size(sequence: SplatSequence, tracks: Tracks, rows: int) -> None:
    """Check that what moves, ``rows`` in all, can be kept.

    Raises:
        LivescapeError: ``sequence_too_large``.
    """
    points = rows * (1 + 2 * tracks.deforms) * sequence.count
    if rows > MOST_ROWS or points > MOST_POINTS:
        raise LivescapeError(
            "sequence_too_large",
            f"{sequence.name} changes so much from frame to frame that {rows} Gaussians would "
            f"have to be kept for {sequence.count} frames.",
            hint="Import fewer frames, or a file whose rows correspond from frame to frame.",
        )


def _frames(
    sequence: SplatSequence, moving: NDArray[np.intp], constant: Gaussians
) -> Iterator[GaussianFrame]:
    """Yield the poses of every frame: of the rows that move, then of those that do not change."""
    for index in range(sequence.count):
        posed = constant
        if len(moving):
            moved = sequence.read(index).splats.gaussians[moving]
            posed = Gaussians.concatenate(moved, constant)
        yield GaussianFrame(index, posed.means, posed.quats, posed.scales)


def _windows(appears: float, vanishes: float, count: int) -> NDArray[np.float32]:
    return np.tile(np.array([appears, vanishes], dtype=np.float32), (count, 1))


def _singles(sequence: SplatSequence, tracks: Tracks, *, whole: bool) -> Iterator[Gaussians]:
    for index in range(sequence.count):
        gaussians = sequence.read(index).splats.gaussians
        yield gaussians[np.flatnonzero(tracks.single)] if whole else gaussians
