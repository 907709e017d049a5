"""Which letters stand in a line of text, and which parts stand in one by chance."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape.motion.letters import LARGEST, Float32Array, Letters

Mask = NDArray[np.bool_]

LETTERS, MOST_LETTERS = 4, 200
"""Fewest and most letters of a line."""

STRAIGHT: Final = 0.14
"""How far the feet of letters may be off the line, as a share of their height."""

STEEP: Final = 0.3
"""Largest slope of a line."""

BELOW: Final = 0.4
"""How far letters such as g reach below the line, as a share of the height."""

ONE_COLOUR: Final = 0.07
"""Largest standard deviation of the letters' colours, less what shows through from below."""

HARD: Final = 0.45
"""Least slope at the outline, as a share of the contrast: a step of one pixel has 1."""

BY_CHANCE: Final = 0.35
"""Chance that a part of a texture ends as near to a line as that, among parts side by side."""

LIKELY, CERTAIN = 0.016, 1e-4
"""Chances up to which a row of parts is text: if it is alone in its band, or wherever it is."""

THIN: Final = 0.36
"""Largest thickness of strokes, as a share of the letters' height."""


def lines_of(letters: Letters) -> list[NDArray[np.intp]]:
    """Return the letters of every line."""
    found = [(group, _chance(letters, group)) for group in _neighbours(letters)]
    lines = [(group, chance) for group, chance in found if chance <= LIKELY]
    taken = {int(each) for line, _ in lines for each in line}
    others = np.array([each not in taken for each in range(len(letters.boxes))], dtype=bool)
    return [
        _continued(letters, line)
        for line, chance in lines
        if chance <= CERTAIN or _is_alone(letters, line, others)
    ]


def _neighbours(letters: Letters) -> list[NDArray[np.intp]]:
    """Return groups of letters that follow each other: alike in height and colour."""
    boxes, heights = letters.boxes, letters.heights
    order = np.argsort(boxes[:, 0])
    parent = list(range(len(boxes)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    lefts = boxes[order, 0]
    ends = np.searchsorted(lefts, lefts + 8 * LARGEST, side="right")
    for place, one in enumerate(order):
        others = order[place + 1 : ends[place]]
        tall = np.maximum(heights[one], heights[others])
        short = np.minimum(heights[one], heights[others])
        middles = boxes[others, 1] + boxes[others, 3]
        apart = np.abs(boxes[one, 1] + boxes[one, 3] - middles) / 2
        alike = (tall <= 2.2 * short) & (apart <= 0.7 * tall)
        alike &= boxes[others, 0] - boxes[one, 2] <= 1.2 * tall
        off = letters.contrasts[others[alike]] - letters.contrasts[one]
        for other in others[alike][np.linalg.norm(off, axis=1) <= 0.25]:
            parent[root(int(other))] = root(int(one))
    groups: dict[int, list[int]] = {}
    for index in range(len(boxes)):
        groups.setdefault(root(index), []).append(index)
    return [np.array(group) for group in groups.values()]


def _chance(letters: Letters, line: NDArray[np.intp]) -> float:
    """Return how likely parts that are no letters stand as straight as this; 1 if they cannot be.

    Feet are on one line; so are the heads of capitals and figures.
    """
    if not LETTERS <= len(line) <= MOST_LETTERS or not _are_strokes(letters, line):
        return 1.0
    boxes = letters.boxes[line]
    near = max(1.0, STRAIGHT * float(np.median(letters.heights[line])))
    middles = boxes[:, [0, 2]].mean(axis=1)
    chance = 1.0
    for ends in (boxes[:, 3], boxes[:, 1]):
        on_line, *_ = _best_line(middles, ends, near)
        chance *= _at_least(on_line - 2, len(line) - 2)
    return chance


def _at_least(hits: int, tries: int) -> float:
    """Return how likely so many of as many parts end near a line by chance."""
    return sum(
        math.comb(tries, each) * BY_CHANCE**each * (1.0 - BY_CHANCE) ** (tries - each)
        for each in range(max(hits, 0), tries + 1)
    )


def _are_strokes(letters: Letters, line: NDArray[np.intp]) -> bool:
    """Whether the parts have one colour, hard edges and one thickness, as written letters do."""
    tall, thickness = float(np.median(letters.heights[line])), letters.thickness[line]
    return bool(
        _spread_of_colour(letters.colours[line], letters.contrasts[line]) <= ONE_COLOUR
        and np.median(letters.hardness[line]) >= HARD
        and np.median(thickness) <= max(2.2, THIN * tall)
        and np.median(np.abs(thickness - np.median(thickness))) <= 0.3 * np.median(thickness)
        and 0.2 <= letters.fill[line].mean() <= 0.8
    )


def _spread_of_colour(colours: Float32Array, contrasts: Float32Array) -> float:
    """Return the standard deviation of the letters' colour, as far as it shows what is below."""
    below = colours - contrasts
    colour, ground = colours - colours.mean(axis=0), below - below.mean(axis=0)
    through = float((colour * ground).sum() / max(float((ground * ground).sum()), 1e-9))
    rest = colour - np.float32(min(max(through, 0.0), 1.0)) * ground
    return float(np.linalg.norm(rest.std(axis=0)))


def _best_line(x: Float32Array, y: Float32Array, near: float) -> tuple[int, float, float]:
    """Return how many points lie on the nearly level line that most of them lie on.

    And the line: its slope, and its height where x is 0.
    """
    best = (0, 0.0, 0.0)
    for one in range(len(x)):
        for other in range(one + 1, len(x)):
            if x[other] == x[one]:
                continue
            tilt = float((y[other] - y[one]) / (x[other] - x[one]))
            if abs(tilt) <= STEEP:
                start = float(y[one]) - tilt * float(x[one])
                best = max(best, (int((np.abs(y - start - tilt * x) <= near).sum()), tilt, start))
    return best


def _is_alone(letters: Letters, line: NDArray[np.intp], others: Mask) -> bool:
    """Whether few parts of the letters' size are around a line, which texture would have."""
    boxes, tall = letters.boxes, float(np.median(letters.heights[line]))
    left, top = boxes[line, :2].min(axis=0) - 1.5 * tall
    right, bottom = boxes[line, 2:].max(axis=0) + 1.5 * tall
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    inside = (centre[:, 0] > left) & (centre[:, 0] < right)
    inside &= (centre[:, 1] > top) & (centre[:, 1] < bottom)
    around = others & inside & (letters.heights >= 0.5 * tall)
    return bool(around.sum() <= 0.3 * len(line))


def _continued(letters: Letters, line: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the letters that stand on a line's foot, words before and after it among them."""
    tall = float(np.median(letters.heights[line]))
    middles, feet = letters.boxes[:, [0, 2]].mean(axis=1), letters.boxes[:, 3]
    _, tilt, start = _best_line(middles[line], feet[line], max(1.0, STRAIGHT * tall))
    usual = letters.contrasts[line].mean(axis=0)
    off = np.linalg.norm(letters.contrasts - usual, axis=1)
    like = (off <= max(0.1, 0.3 * float(np.linalg.norm(usual)))) & (letters.hardness >= HARD)
    like &= letters.thickness <= 2.0 * np.median(letters.thickness[line])
    like[line] = True
    like &= (letters.heights <= 2.2 * tall) & (letters.heights >= 0.45 * tall)
    like &= np.abs(feet - start - tilt * middles) <= BELOW * tall
    own = like & np.isin(np.arange(len(like)), line)
    while own.any():
        near = letters.boxes[:, 0] <= letters.boxes[own, 2].max() + 2.0 * tall
        near &= letters.boxes[:, 2] >= letters.boxes[own, 0].min() - 2.0 * tall
        more = like & near & ~own
        if not more.any():
            break
        own |= more
    return np.flatnonzero(own)
