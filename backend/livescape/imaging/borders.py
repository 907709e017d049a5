"""A uniform border around a picture: letterbox and pillarbox bars, the frame of a scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

_NOISE: Final = 20.0 / 255.0
"""Difference of colours that compression makes within a bar beside the picture."""

_SAME: Final = 6.0 / 255.0
"""Difference of colours in a bar as such, and between the two of a pair."""

_MIXED: Final = 16
"""Rows beside the picture that compression mixes with it: a block."""

_NEAR: Final = 3
"""Rows over which a bar ends."""

_ROWS: Final = 32
"""Rows that are looked at together, until one shows the picture."""

_LEAST, _MOST = 0.01, 0.4
"""Width of a bar as a share of the picture's side."""

_BAR, _PICTURE = 0.95, 0.5
"""Share of a row's pixels that have the bar's colour: at least, in a bar; at most, beside it.

A sky that is blown out ends unevenly, over many rows.
"""


@dataclass(frozen=True)
class Border:
    """Bars around a picture, each a share of its height or width."""

    top: float = 0.0
    bottom: float = 0.0
    left: float = 0.0
    right: float = 0.0

    def __bool__(self) -> bool:
        """Whether there is any."""
        return any((self.top, self.bottom, self.left, self.right))

    def crop(self, values: ArrayLike) -> NDArray[np.generic]:
        """Return ``values`` [H, W, ...] of any size without what lies in the border.

        However small, a row and a column are left.
        """
        array = np.asarray(values)
        height, width = array.shape[:2]
        rows = _between(self.top, self.bottom, height)
        return array[rows, _between(self.left, self.right, width)]

    def sentence(self) -> str:
        """Say what is left out."""
        parts = [
            f"{share:.0%} {where}"
            for share, where in (
                (self.top, "above"),
                (self.bottom, "below"),
                (self.left, "at the left"),
                (self.right, "at the right"),
            )
            if share
        ]
        return f"The photo's border is left out of the scene: {', '.join(parts)}."


def uniform_border(image: NDArray[np.floating]) -> Border:
    """Find the bars of one colour at two or four sides of an image [H, W, 3] 0..1.

    A single bar is no border: it may be a clear sky or a night's ground.
    """
    top, bottom = _bars(image)
    inner = image[_between(top, bottom, len(image))] if top else image
    left, right = _bars(np.swapaxes(inner, 0, 1))
    return Border(top, bottom, left, right)


def _between(one: float, other: float, length: int) -> slice:
    """Return what lies between two bars, given as shares."""
    first = round(one * length)
    return slice(first, max(first + 1, length - round(other * length)))


def _bars(image: NDArray[np.floating]) -> tuple[float, float]:
    """Return the shares of the image's rows that two bars of one colour take; 0 without them."""
    apart = np.abs(np.median(image[0], axis=0) - np.median(image[-1], axis=0)).max()
    if apart > _SAME:
        return 0.0, 0.0
    top = _bar(image)
    bottom = _bar(image[::-1]) if top >= _LEAST else 0.0
    return (top, bottom) if bottom >= _LEAST else (0.0, 0.0)


def _bar(image: NDArray[np.floating]) -> float:
    """Return the share of the image's rows that the bar at its top takes; 0 without one."""
    most = int(_MOST * len(image))
    colour = np.median(image[0], axis=0)
    # Few photos have a bar: of most, the first rows tell.
    blocks: list[NDArray[np.floating]] = []
    end = -1
    for first in range(0, most + 1, _ROWS):
        block = np.abs(image[first : min(first + _ROWS, most + 1)] - colour).max(axis=-1)
        blocks.append(block)
        beside = np.flatnonzero(_share(block, _NOISE) < _PICTURE)
        if len(beside):
            end = first + int(beside[0])
            break
    if end <= 0:
        return 0.0
    apart = np.concatenate(blocks)
    pure = int(np.argmax(_share(apart, _NOISE) < _BAR))
    plain = apart[: max(1, end - _MIXED)]
    is_plain = (plain <= _SAME).mean() >= _BAR
    return end / len(image) if is_plain and end - pure <= _NEAR else 0.0


def _share(apart: NDArray[np.floating], most: float) -> NDArray[np.floating]:
    """Return the share of the pixels of each row whose colour is as near as that."""
    return np.asarray((apart <= most).mean(axis=1))
