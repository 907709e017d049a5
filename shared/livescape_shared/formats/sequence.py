"""Moving splats of other programs: numbered files, or a file with samples at several times."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import gcd
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape_shared.conventions import FOR_EVER, SINCE_EVER
from livescape_shared.errors import LivescapeError
from livescape_shared.formats import kinds
from livescape_shared.formats.four_dgs import read_four_dgs, splats_at
from livescape_shared.formats.load import load_splats
from livescape_shared.formats.usd_read import read_usd, usd_times
from livescape_shared.formats.webp import Decode, decode_by_pillow
from livescape_shared.gaussians import Float32Array, GaussianFrame, Gaussians
from livescape_shared.recentring import Offset
from livescape_shared.scene import MovingGaussians, SceneMeta
from livescape_shared.settings import Blend
from livescape_shared.splats import ImportedSplats, Splats

_NUMBER: Final = re.compile(r"(\d+)(\D*)$")

_SAME: Final = 1e-5
"""Relative to the scene's extent, or to 1 for colours: what rounds off between two files."""

_SHOWS: Final = 2.0 / 255.0
"""Change of an opacity or a colour that can be seen."""

_FADE: Final = 0.05
"""Share of a frame within which a Gaussian that is there for one frame comes and goes."""

MOST_FRAMES: Final = 100_000
"""Of a scene without frames of its own, which may claim any length."""

MOST_ROWS: Final = 4_000_000
MOST_POINTS: Final = 200_000_000
"""Positions of all moving rows in all frames: 2.4 GB."""

_HELD_BYTES: Final = 1_000_000_000
"""Frames that are kept once they are read: a scene is made in several passes over them."""

Read = Callable[[int], ImportedSplats]


@dataclass(frozen=True)
class SplatSequence:
    """Splats of several frames.

    Attributes:
        name: Of all of them.
        count: Number of frames, at least 2.
        read: Returns the splats of a frame, 0 to count - 1.
        missing: Frames between others of which there is no file; they are between their neighbours.
    """

    name: str
    count: int
    read: Read
    missing: int = 0


def numbered_files(path: Path) -> list[Path]:
    """Return ``path`` and the files beside it that are named alike but for a number, in order.

    The number is the last one in the name: ``wave_0001.ply``, ``wave_0002.ply``.
    """
    found = _NUMBER.search(path.stem)
    if found is None:
        return [path]
    before, after = path.stem[: found.start()], found[2] + path.suffix
    alike = re.compile(re.escape(before) + r"(\d+)" + re.escape(after) + "$")
    files = [(alike.match(other.name), other) for other in path.parent.iterdir()]
    return [other for _, other in sorted((int(match[1]), other) for match, other in files if match)]


def file_sequence(
    path: Path, decode: Decode = decode_by_pillow, fps: float = 24.0
) -> SplatSequence | None:
    """Return the frames that a file or its numbered neighbours hold; None if there is one only.

    An OpenUSD file holds its own frames, one for each time at which it is sampled; a ``.4dgs``
    scene is sampled ``fps`` times a second.

    Raises:
        LivescapeError: ``usd_missing``, ``fourdgs_missing``, ``splats_invalid`` or
            ``sequence_too_large``.
    """
    kind = kinds.kind_of(path)[0] if path.is_file() else None
    if kind == kinds.FOUR_DGS:
        return _four_dgs_sequence(path, fps)
    if kind == kinds.USD:
        times = usd_times(path)
        if len(times) > 1:
            return SplatSequence(path.stem, len(times), lambda index: read_usd(path, times[index]))
    files = numbered_files(path)
    if len(files) < 2:
        return None
    name = _NUMBER.sub("", path.stem).rstrip("._- ") or path.parent.name
    places = _places([_number(each) for each in files])
    origin = load_splats(files[0], decode).offset

    def whole(index: int) -> ImportedSplats:
        found = load_splats(files[index], decode)
        return found if found.offset == origin else _about(origin, found)

    def read(index: int) -> ImportedSplats:
        following = bisect_left(places, index)
        if places[following] == index:
            return whole(following)
        first, last = places[following - 1], places[following]
        share = (index - first) / (last - first)
        return _between(whole(following - 1), whole(following), share)

    return SplatSequence(name, places[-1] + 1, read, places[-1] + 1 - len(places))


def _number(path: Path) -> int:
    found = _NUMBER.search(path.stem)
    return int(found[1]) if found else 0


def _places(numbers: list[int]) -> list[int]:
    """Return the frame of each of the numbers, which rise.

    Numbers may count in steps. Where at most half of a range is missing, it was not rendered or was
    lost, and the others stay where they are; where more is, as between checkpoints of a training,
    the numbers say no times.
    """
    step = gcd(*(number - numbers[0] for number in numbers)) or 1
    places = [(number - numbers[0]) // step for number in numbers]
    rising = all(one < other for one, other in pairwise(places))
    return places if rising and places[-1] < 2 * len(places) else list(range(len(places)))


def _between(one: ImportedSplats, other: ImportedSplats, share: float) -> ImportedSplats:
    """Return the frame between two whose rows correspond; of others, the one before."""
    if len(one.splats) != len(other.splats):
        return one
    mine, theirs = one.splats.gaussians, other.splats.gaussians
    alike = np.sign(np.sum(mine.quats * theirs.quats, axis=1, keepdims=True))
    quats = _mixed(mine.quats, theirs.quats * np.where(alike < 0.0, -1.0, 1.0), share)
    gaussians = Gaussians(
        _mixed(mine.means, theirs.means, share),
        quats / np.maximum(np.linalg.norm(quats, axis=1, keepdims=True), np.float32(1e-12)),
        np.exp(_mixed(np.log(mine.scales), np.log(theirs.scales), share)),
        _mixed(mine.opacities, theirs.opacities, share),
        _mixed(mine.colors, theirs.colors, share),
    )
    return replace(one, splats=Splats(gaussians, one.splats.harmonics))


def _mixed(one: Float32Array, other: NDArray[np.floating], share: float) -> Float32Array:
    return np.asarray(one + (other - one) * share, dtype=np.float32)


def _four_dgs_sequence(path: Path, fps: float) -> SplatSequence | None:
    scene, seconds, axes = read_four_dgs(path)
    if seconds * fps > MOST_FRAMES:
        raise LivescapeError(
            "sequence_too_large",
            f"{path.name} lasts {seconds:.0f} seconds, more than {MOST_FRAMES} frames.",
            hint="Import a shorter scene.",
        )
    count = round(seconds * fps)
    if count < 2:
        return None
    return SplatSequence(path.stem, count, lambda index: splats_at(scene, index / fps, axes))


def _about(origin: Offset, found: ImportedSplats) -> ImportedSplats:
    """Return splats whose positions count from ``origin``, as those of the first frame do."""
    gaussians = found.splats.gaussians
    shift = np.subtract(found.offset, origin)
    means = (gaussians.means.astype(np.float64) + shift).astype(np.float32)
    moved = Splats(replace(gaussians, means=means), found.splats.harmonics)
    return replace(found, splats=moved, offset=origin)


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
    rows = int(tracks.moving.sum()) + single_rows
    points = rows * (1 + 2 * tracks.deforms) * sequence.count
    if rows > MOST_ROWS or points > MOST_POINTS:
        raise LivescapeError(
            "sequence_too_large",
            f"{sequence.name} changes so much from frame to frame that {rows} Gaussians would "
            f"have to be kept for {sequence.count} frames.",
            hint="Import fewer frames, or a file whose rows correspond from frame to frame.",
        )
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

    def frames() -> Iterator[GaussianFrame]:
        constant = Gaussians.concatenate(Gaussians.empty(), *singles)
        for index in range(sequence.count):
            posed = sequence.read(index).splats.gaussians if len(moving) else moving
            part = posed[np.flatnonzero(tracks.moving)] if len(moving) else moving
            both = Gaussians.concatenate(part, constant)
            yield GaussianFrame(index, both.means, both.quats, both.scales)

    shown = MovingGaussians(everything, np.concatenate(windows).astype(np.float32))
    plain = len(everything) if first.splats.degree else 0
    return SequenceScene(meta, still, shown, frames, first, plain, sequence.missing)


def _windows(appears: float, vanishes: float, count: int) -> NDArray[np.float32]:
    return np.tile(np.array([appears, vanishes], dtype=np.float32), (count, 1))


def _singles(sequence: SplatSequence, tracks: Tracks, *, whole: bool) -> Iterator[Gaussians]:
    for index in range(sequence.count):
        gaussians = sequence.read(index).splats.gaussians
        yield gaussians[np.flatnonzero(tracks.single)] if whole else gaussians
