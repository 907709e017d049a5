"""Masks as lengths of runs, column by column: COCO's RLE, plain and packed into text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from livescape_shared.limits import PHOTO_MAX_SIDE

from .invalid import invalid

Int64Array = NDArray[np.int64]

_LONGEST: Final = 7
"""Characters of a number: 35 bits, more than any run needs."""

_FIRST, _MORE, _SIGN, _BITS = 48, 0x20, 0x10, 5


@dataclass(frozen=True)
class Runs:
    """What a mask covers.

    Attributes:
        width: Of the picture, in pixels.
        height: Of the picture, in pixels.
        starts: [n] first pixel of every run; pixels count column by column.
        ends: [n] the pixel after its last; runs are in order and do not overlap.
    """

    width: int
    height: int
    starts: Int64Array
    ends: Int64Array

    @property
    def area(self) -> int:
        """Number of pixels that are covered."""
        return int((self.ends - self.starts).sum())

    @property
    def span(self) -> int:
        """Number of pixels from the first that is covered to the last."""
        return int(self.ends[-1] - self.starts[0]) if len(self.starts) else 0

    def covered(self) -> NDArray[np.bool_]:
        """Return [span]: which pixels from the first that is covered to the last are so."""
        edges = np.column_stack([self.starts, self.ends]).reshape(-1)
        lengths = np.diff(edges)
        return np.repeat(np.arange(len(lengths)) % 2 == 0, lengths)

    def mask(self) -> NDArray[np.bool_]:
        """Return the mask [H, W]."""
        flat = np.zeros(self.width * self.height, bool)
        if len(self.starts):
            flat[self.starts[0] : self.ends[-1]] = self.covered()
        return flat.reshape(self.width, self.height).T


def is_rle(value: Any) -> bool:
    """Return whether a value of JSON is meant as a mask of runs."""
    return isinstance(value, Mapping) and "counts" in value and "size" in value


def read_rle(value: Mapping[str, Any]) -> Runs:
    """Read a mask of runs; nothing is allocated for the picture.

    Args:
        value: ``size`` [height, width]; ``counts`` a list, or text as pycocotools packs it.

    Raises:
        LivescapeError: ``annotation_invalid``.
    """
    height, width = _size(value["size"])
    counts = value["counts"]
    lengths = _packed(counts) if isinstance(counts, str | bytes) else _plain(counts)
    if len(lengths) and (int(lengths.min()) < 0 or int(lengths.max()) > width * height):
        raise invalid("A mask's runs do not fit its picture.")
    edges = np.concatenate([[0], np.cumsum(lengths)])
    if edges[-1] > width * height:
        raise invalid("A mask's runs do not fit its picture.")
    last = len(edges) - len(edges) % 2
    starts, ends = edges[1:last:2][: len(edges[2::2])], edges[2::2]
    kept = ends > starts
    return Runs(width, height, starts[kept], ends[kept])


def together(masks: Sequence[Runs]) -> Runs:
    """Return what any of several masks of one picture covers."""
    starts = np.concatenate([each.starts for each in masks])
    ends = np.concatenate([each.ends for each in masks])
    order = np.argsort(starts, kind="stable")
    starts, reached = starts[order], np.maximum.accumulate(ends[order])
    if not len(starts):
        return masks[0]
    begins = np.concatenate([[True], starts[1:] > reached[:-1]])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(starts)) - 1
    return Runs(masks[0].width, masks[0].height, starts[first], reached[last])


def _size(value: Any) -> tuple[int, int]:
    if (
        not isinstance(value, list)
        or len(value) != 2
        or not all(type(side) is int and 1 <= side <= PHOTO_MAX_SIDE for side in value)
    ):
        raise invalid(
            f"A mask's size is no height and width of at most {PHOTO_MAX_SIDE} pixels each."
        )
    return value[0], value[1]


def _plain(counts: Any) -> Int64Array:
    if not isinstance(counts, list) or not all(type(count) is int for count in counts):
        raise invalid("A mask's runs are not whole numbers.")
    try:
        return np.array(counts, np.int64)
    except OverflowError as error:
        raise invalid("A mask's runs do not fit its picture.") from error


def _packed(text: str | bytes) -> Int64Array:
    """Unpack numbers of 5 bits a character, the low ones first, each less the one before the last.

    The first three stand for themselves.
    """
    data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
    codes = np.frombuffer(data, np.uint8).astype(np.int64) - _FIRST
    if not len(codes):
        return np.zeros(0, np.int64)
    if codes.min() < 0 or codes.max() >= 2 * _MORE or codes[-1] & _MORE:
        raise invalid("A mask's packed runs are damaged.")
    ends = np.flatnonzero(codes & _MORE == 0)
    starts = np.concatenate([[0], ends[:-1] + 1])
    digits = ends - starts + 1
    if digits.max() > _LONGEST:
        raise invalid("A mask's packed runs are damaged.")
    place = np.arange(len(codes)) - np.repeat(starts, digits)
    values = np.add.reduceat((codes & (_MORE - 1)) << (_BITS * place), starts)
    negative = codes[ends] & _SIGN != 0
    values[negative] -= np.int64(1) << (_BITS * digits[negative])
    values[1::2] = np.cumsum(values[1::2])
    values[2::2] = np.cumsum(values[2::2])
    return values
