"""The frames of moving splats: numbered files, or a file with samples at several times."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from math import gcd
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.formats import kinds
from livescape_shared.formats.four_dgs import read_four_dgs, splats_at
from livescape_shared.formats.load import load_splats
from livescape_shared.formats.usd_read import read_usd, usd_times
from livescape_shared.formats.webp import Decode, decode_by_pillow
from livescape_shared.gaussians import Float32Array, Gaussians
from livescape_shared.recentring import Offset
from livescape_shared.splats import ImportedSplats, Splats

_NUMBER: Final = re.compile(r"(\d+)(\D*)$")

MOST_FRAMES: Final = 100_000
"""Of a scene without frames of its own, which may claim any length."""

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
    try:
        files = [(alike.match(other.name), other) for other in path.parent.iterdir()]
    except OSError:  # a folder that may be entered but not listed
        return [path]
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
    kind = None
    with suppress(OSError):  # whoever reads it says why
        kind = kinds.kind_of(path)[0]
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
