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
    top, bottom = _bar(image), _bar(image[::-1])
    upright = _paired(image[0], image[-1], top, bottom)
    if upright:
        inner = image[_between(top, bottom, len(image))]
    else:
        top = bottom = 0.0
        inner = image
    turned = np.swapaxes(inner, 0, 1)
    left, right = _bar(turned), _bar(turned[::-1])
    if not _paired(turned[0], turned[-1], left, right):
        left = right = 0.0
    return Border(top, bottom, left, right)


def _between(one: float, other: float, length: int) -> slice:
    """Return what lies between two bars, given as shares."""
    first = round(one * length)
    return slice(first, max(first + 1, length - round(other * length)))


def _paired(
    first: NDArray[np.floating], last: NDArray[np.floating], one: float, other: float
) -> bool:
    apart = np.abs(np.median(first, axis=0) - np.median(last, axis=0)).max()
    return min(one, other) >= _LEAST and bool(apart <= _SAME)


def _bar(image: NDArray[np.floating]) -> float:
    """Return the share of the image's rows that the bar at its top takes; 0 without one."""
    most = int(_MOST * len(image))
    colour = np.median(image[0], axis=0)
    apart = np.abs(image[: most + 1] - colour).max(axis=-1)
    share = (apart <= _NOISE).mean(axis=1)
    beside = np.flatnonzero(share < _PICTURE)
    if not len(beside) or beside[0] == 0:
        return 0.0
    end = int(beside[0])
    pure = int(np.argmax(share < _BAR))
    plain = apart[: max(1, end - _MIXED)]
    is_plain = (plain <= _SAME).mean() >= _BAR
    return end / len(image) if is_plain and end - pure <= _NEAR else 0.0
