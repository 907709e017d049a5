"""Text that lies over a picture: a watermark, a subtitle, a date. It stands, whatever moves below.

Letters are thin strokes with hard edges; those of a line have one colour, one size, one thickness
and one straight foot, and are alone in their band. Posts, birds, foam and glitter have some of
this, and never all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import dilate
from livescape.imaging.sampling import resize, resize_image

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

LONGEST: Final = 1280
"""Pixels of the long side that suffice to read text that a viewer is meant to read."""

SHRUNK: Final = (1, 2, 4)
"""Sizes at which letters are looked for, each half as large as the one before."""

AROUND: Final = 21
"""Side of the window whose median is the background; strokes are thinner than half of it."""

SMALLEST, LARGEST = 5, 48
"""Heights of letters in pixels of each size."""

SOME: Final = 0.1
"""Share of a pixel from which on text on it counts."""

WORD: Final = 6
"""Largest width of what may be a letter, or several that run into each other, in heights."""

CONTRAST, TEXTURE = 0.05, 1.5
"""Least contrast with the background, and how often it exceeds what is usual around."""

LETTERS, MOST_LETTERS = 4, 200
"""Fewest and most letters of a line."""

MOST_PARTS: Final = 5000
"""Parts of one size from which on they are the texture of something."""

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


@dataclass(frozen=True)
class _Letters:
    """Parts that may be letters, in one size of the picture.

    Attributes:
        number: [n] label of each.
        boxes: [n, 4] left, top, right, bottom.
        colours: [n, 3] of their strokes.
        contrasts: [n, 3] by how much their strokes differ from the background.
        thickness: [n] pixels.
        fill: [n] share of their box.
        hardness: [n] slope at the outline, as a share of the contrast.
    """

    number: NDArray[np.int64]
    boxes: Float32Array
    colours: Float32Array
    contrasts: Float32Array
    thickness: Float32Array
    fill: Float32Array
    hardness: Float32Array

    @property
    def heights(self) -> Float32Array:
        """[n] pixels."""
        return self.boxes[:, 3] - self.boxes[:, 1]


def lettering(image: Float32Array) -> Mask:
    """Return where text lies over a picture.

    Args:
        image: [H, W, 3] display sRGB, as large as there is.

    Returns:
        [H, W], a little wider than the letters, for their outline or shadow.
    """
    height, width = image.shape[:2]
    factor = min(1.0, LONGEST / max(height, width))
    found = np.zeros((height, width), dtype=bool)
    for shrunk in SHRUNK:
        size = (round(width * factor / shrunk), round(height * factor / shrunk))
        if min(size) < 4 * AROUND:
            break
        lines = _lines(np.ascontiguousarray(resize_image(image, *size)))
        if lines.any():
            large = cv2.resize(lines.astype(np.uint8), (width, height))
            found |= large > 0
    return found


def covered(text: Mask, width: int, height: int) -> Mask:
    """Return :func:`lettering` at another size: pixels of which it covers some."""
    return np.asarray(resize(text.astype(np.float32), width, height) > SOME)


def _lines(image: Float32Array) -> Mask:
    """Return the lines of text [H, W] in one size of the picture."""
    codes = np.rint(image * 255).astype(np.uint8)
    below = cv2.medianBlur(codes, AROUND).astype(np.float32) / np.float32(255)
    away = image - below
    luma = away @ np.array([0.299, 0.587, 0.114], np.float32)
    found = np.zeros(luma.shape, dtype=bool)
    for signal in (luma, -luma, away[..., 0] - away[..., 2], away[..., 2] - away[..., 0]):
        usual = cv2.blur(np.abs(signal), (4 * AROUND + 1, 4 * AROUND + 1))
        inked = signal > CONTRAST + TEXTURE * usual
        count, parts, stats, _ = cv2.connectedComponentsWithStats(inked.astype(np.uint8))
        letters = _letters(image, away, signal, parts, stats[:count])
        for line in _straight(letters):
            found |= _drawn(letters, line, parts, stats)
    return found


def _letters(
    image: Float32Array,
    away: Float32Array,
    signal: Float32Array,
    parts: NDArray[np.int32],
    stats: NDArray[np.int32],
) -> _Letters:
    heights, widths = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH]
    fits = (heights >= SMALLEST) & (heights <= LARGEST) & (widths <= WORD * heights)
    fits[0] = False
    chosen = np.flatnonzero(fits)
    chosen = chosen[: len(chosen) if len(chosen) <= MOST_PARTS else 0]
    slope = cv2.dilate(signal, np.ones((3, 3), np.uint8)) - cv2.erode(
        signal, np.ones((3, 3), np.uint8)
    )
    rows: list[tuple[float, ...]] = []
    for number in chosen:
        left, top, width, height, area = stats[number]
        box = np.s_[top : top + height, left : left + width]
        own = parts[box] == number
        inner = cv2.erode(own.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0
        rim = own & ~inner
        strong = own & (signal[box] >= np.median(signal[box][own]))
        contrast = float(signal[box][strong].mean())
        rows.append(
            (
                left, top, left + width, top + height,
                *image[box][strong].mean(axis=0), *away[box][strong].mean(axis=0),
                2.0 * area / max(int(rim.sum()), 1), area / (width * height),
                float(np.median(slope[box][rim])) / max(contrast, 1e-6),
            )
        )  # fmt: skip
    table = np.array(rows, dtype=np.float32).reshape(-1, 13)
    return _Letters(
        chosen, table[:, :4], table[:, 4:7], table[:, 7:10], table[:, 10], table[:, 11],
        table[:, 12],
    )  # fmt: skip


def _straight(letters: _Letters) -> list[NDArray[np.intp]]:
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


def _neighbours(letters: _Letters) -> list[NDArray[np.intp]]:
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


def _chance(letters: _Letters, line: NDArray[np.intp]) -> float:
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


def _are_strokes(letters: _Letters, line: NDArray[np.intp]) -> bool:
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


def _is_alone(letters: _Letters, line: NDArray[np.intp], others: Mask) -> bool:
    """Whether few parts of the letters' size are around a line, which texture would have."""
    boxes, tall = letters.boxes, float(np.median(letters.heights[line]))
    left, top = boxes[line, :2].min(axis=0) - 1.5 * tall
    right, bottom = boxes[line, 2:].max(axis=0) + 1.5 * tall
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    inside = (centre[:, 0] > left) & (centre[:, 0] < right)
    inside &= (centre[:, 1] > top) & (centre[:, 1] < bottom)
    around = others & inside & (letters.heights >= 0.5 * tall)
    return bool(around.sum() <= 0.3 * len(line))


def _continued(letters: _Letters, line: NDArray[np.intp]) -> NDArray[np.intp]:
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


def _drawn(
    letters: _Letters, line: NDArray[np.intp], parts: NDArray[np.int32], stats: NDArray[np.int32]
) -> Mask:
    """Return a line [H, W] with its dots and accents, and a rim for an outline or a shadow."""
    boxes, tall = letters.boxes[line], float(np.median(letters.heights[line]))
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = boxes[:, 2:].max(axis=0)
    x = stats[:, cv2.CC_STAT_LEFT] + stats[:, cv2.CC_STAT_WIDTH] / 2
    y = stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT] / 2
    near = (x > left - tall) & (x < right + tall) & (y > top - 0.4 * tall)
    near &= (y < bottom + 0.3 * tall) & (stats[:, cv2.CC_STAT_HEIGHT] <= 0.5 * tall)
    near &= stats[:, cv2.CC_STAT_WIDTH] <= tall
    near[letters.number[line]] = True
    near[0] = False
    return dilate(near[parts], max(1, round(0.2 * tall)))
