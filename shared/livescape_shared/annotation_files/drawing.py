"""The shapes of a file gathered into one annotation, whatever they are made of."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from livescape_shared.annotation import MOVES, STANDS, Annotation
from livescape_shared.counted import counted
from livescape_shared.errors import LivescapeError
from livescape_shared.limits import PHOTO_MAX_SIDE

from .invalid import invalid
from .labels import meaning, unlabelled
from .rle import Runs, together

LOGGER = logging.getLogger(__name__)

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

MAX_SIZE = 65_536
MAX_SHAPES: Final = 10_000
MOST_HINTS: Final = 10_000

MOST_PAINTED: Final = 2**29
"""Pixels that segments may span together, and masks have together: some seconds of work."""

MOST_OUTLINED: Final = 1024
"""How often outlines may run up and down the picture together.

Whoever fills a tangle goes through all that crosses a row, for every row.
"""


@dataclass
class Drawing:
    """What a file says, shape after shape.

    Attributes:
        width: Of the annotated image, in pixels.
        height: Of the annotated image, in pixels.
        labels: All labels that were met, known or not.
        guesses_rest: As in :class:`Annotation`.
    """

    kinds: ClassVar = (MOVES, STANDS)

    width: int
    height: int
    labels: list[str] = field(default_factory=list)
    guesses_rest: bool = False
    _polygons: dict[str, list[Float32Array]] = field(
        default_factory=lambda: {MOVES: [], STANDS: []}
    )
    _runs: dict[str, list[Runs]] = field(default_factory=lambda: {MOVES: [], STANDS: []})
    _masks: dict[str, Mask] = field(default_factory=dict)
    _segments: list[Runs] = field(default_factory=list)
    _hints: list[Float32Array] = field(default_factory=list)
    _strokes: list[Any] = field(default_factory=list)
    _outlined: float = 0.0
    _painted: int = 0

    def add_polygon(self, kind: str, points: Float32Array) -> None:
        """Add an outline [K, 2] of what moves or stands."""
        rows = np.minimum(points[:, 1], self.height).astype(np.float64)
        self._outlined += float(np.abs(rows - np.roll(rows, 1)).sum()) / self.height
        if self._outlined > MOST_OUTLINED:
            raise invalid("The outlines are too many and too large together.")
        self._polygons[kind].append(points)

    def add_runs(self, kind: str, runs: Runs) -> None:
        """Add a mask of the whole picture; every one must have the same size."""
        self._runs[kind].append(runs)

    def add_segment(self, runs: Runs) -> None:
        """Add a part of the picture of which nobody says whether it moves."""
        self._segments.append(runs)

    def add_pixels(self, kind: str, left: int, top: int, pixels: Mask) -> None:
        """Add a mask [h, w] at a place of the image; what is outside is left out."""
        self._check_raster()
        self._painted += pixels.size
        if self._painted > MOST_PAINTED:
            raise invalid("The masks are too many and too large together.")
        whole = self._masks.setdefault(kind, np.zeros((self.height, self.width), bool))
        x, y = max(left, 0), max(top, 0)
        bottom, right = max(self.height - top, 0), max(self.width - left, 0)
        inside = pixels[y - top : bottom, x - left : right]
        whole[y : y + inside.shape[0], x : x + inside.shape[1]] |= inside

    def add_stroke(self, points: Float32Array, group: Any = None) -> None:
        """Add a hint: a line of two points, or a path of several.

        The whole length of a path says how fast it flows, each of its parts where to.
        """
        if len(self._hints) + len(points) - 1 > MOST_HINTS:
            raise invalid("The annotation has far too many hints.")
        if len(points) == 2:
            self._hints.append(points)
            self._strokes.append(group if isinstance(group, int) else object())
            return
        steps = np.diff(points, axis=0)
        lengths = np.linalg.norm(steps, axis=1)
        stroke = group if isinstance(group, int) else object()
        for start, step, length in zip(points[:-1], steps, lengths, strict=True):
            if length > 0:
                drag = step * (lengths.sum() / length)
                self._hints.append(np.stack([start, start + drag]).astype(np.float32))
                self._strokes.append(stroke)

    def annotation(self) -> Annotation:
        """Return all of it.

        Raises:
            LivescapeError: ``annotation_empty`` if it says nothing; ``hints_outside`` if all
                hints start outside the image; ``annotation_invalid`` if masks do not fit.
        """
        moving, standing = self._mask(MOVES), self._mask(STANDS)
        segments = self._label_map()
        regions = (*self._polygons[MOVES], *self._polygons[STANDS])
        masks = (moving, standing, segments)
        if not regions and not self._hints and all(each is None for each in masks):
            raise unlabelled(self.labels)
        kept = self._inside()
        lines = np.array(self._hints, dtype=np.float32).reshape(-1, 2, 2)[kept]
        return Annotation(
            tuple(self._polygons[MOVES]),
            lines,
            self.width,
            self.height,
            tuple(self._polygons[STANDS]),
            self.guesses_rest,
            self._groups(kept),
            moving,
            standing,
            segments,
            is_labelled=any(meaning(label) in self.kinds for label in self.labels),
        )

    def _mask(self, kind: str) -> Mask | None:
        runs, drawn = self._runs[kind], self._masks.get(kind)
        if not runs:
            return drawn
        self._check_fit(runs)
        covered = together(runs).mask()
        return covered if drawn is None else covered | drawn

    def _label_map(self) -> NDArray[np.uint16] | None:
        """Return [H, W] the number of the smallest segment that covers each pixel, 0 for none."""
        if not self._segments:
            return None
        self._check_fit(self._segments)
        if sum(each.span for each in self._segments) > MOST_PAINTED:
            raise invalid("The segments are too many and too large together.")
        flat = np.zeros(self.width * self.height, np.uint16)
        by_size = sorted(self._segments, key=lambda each: -each.area)
        for number, runs in enumerate(by_size, 1):
            if runs.span:
                flat[runs.starts[0] : runs.ends[-1]][runs.covered()] = number
        return flat.reshape(self.width, self.height).T

    def _check_fit(self, runs: list[Runs]) -> None:
        self._check_raster()
        for each in runs:
            if (each.width, each.height) != (self.width, self.height):
                raise invalid(
                    f"A mask is of {each.width} x {each.height} pixels, and the annotated picture "
                    f"of {self.width} x {self.height}."
                )

    def _check_raster(self) -> None:
        if max(self.width, self.height) > PHOTO_MAX_SIDE:
            raise invalid(
                f"The annotation has masks of {self.width} x {self.height} pixels; no side may "
                f"exceed {PHOTO_MAX_SIDE}."
            )

    def _inside(self) -> list[int]:
        """Return which hints start inside the image."""
        hints = self._hints
        kept = [
            number
            for number, hint in enumerate(hints)
            if 0 <= hint[0, 0] <= self.width and 0 <= hint[0, 1] <= self.height
        ]
        if hints and not kept:
            raise LivescapeError(
                "hints_outside",
                counted(
                    len(hints),
                    f"The only hint starts outside the image of {self.width} x {self.height}.",
                    f"All {len(hints)} hints start outside the image of "
                    f"{self.width} x {self.height}.",
                ),
                hint="Draw them on the photo itself, at its full size.",
            )
        if len(kept) < len(hints):
            outside = len(hints) - len(kept)
            LOGGER.warning("%d of %d hints start outside the image", outside, len(hints))
        return kept

    def _groups(self, kept: list[int]) -> NDArray[np.int32] | None:
        """Return the numbers of the strokes of hints; None where each is one of its own."""
        names = [self._strokes[number] for number in kept]
        if len(set(names)) == len(names):
            return None
        order = {name: index for index, name in enumerate(dict.fromkeys(names))}
        return np.array([order[name] for name in names], dtype=np.int32)


def image_size(width: Any, height: Any, photo: tuple[int, int] | None) -> tuple[int, int]:
    """Return the size that a file states, or that of the photo if it states none.

    Raises:
        LivescapeError: ``annotation_invalid``.
    """
    if width is None and height is None and photo is not None:
        return photo
    sizes = []
    for name, value in (("width", width), ("height", height)):
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        if not isinstance(whole, int) or isinstance(whole, bool) or not 1 <= whole <= MAX_SIZE:
            shown = repr(value)[:40]
            raise invalid(f"The annotation's image {name} is {shown}, which is no image size.")
        sizes.append(whole)
    return sizes[0], sizes[1]


def points_of(values: Any, label: str, *, least: int, most: int = 100_000) -> Float32Array:
    """Return pairs of numbers [K, 2].

    Raises:
        LivescapeError: ``annotation_invalid``.
    """
    label = label[:40]
    try:
        with np.errstate(over="ignore"):
            points = np.array(values, dtype=np.float32)
    except (OverflowError, TypeError, ValueError) as error:
        raise invalid(f"The points of shape {label!r} are not pairs of numbers.") from error
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise invalid(f"The points of shape {label!r} are not pairs of numbers.")
    if not least <= len(points) <= most or np.abs(points).max() > 4 * MAX_SIZE:
        kind = "polygon of at least 3 points" if least == 3 else f"line of {least} points"
        raise invalid(f"The shape {label!r} is not a {kind} near the image.")
    return points
