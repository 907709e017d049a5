"""What an artist should know of the hints and the mask: sentences that stop nothing."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.depth.file import FILLED_CONFIDENCE
from livescape.depth.given import FILE, reading
from livescape.depth.types import DepthEstimate
from livescape_shared.annotation import Annotation

AGAINST: Final = -0.5
"""Cosine of the angle of two hints that contradict each other: more than 120 degrees apart."""

SEVERAL: Final = 3
"""Most remarks of one kind; of more there is one sentence for the rest."""

FILLED: Final = 0.05
"""Share of what moves without depth from which on it is worth a sentence."""

Float32Array = NDArray[np.float32]


def motion_remarks(
    annotation: Annotation | None, mask: NDArray[np.floating], depth: DepthEstimate
) -> list[str]:
    """Return sentences about hints and mask that do not say what they seem to say.

    Args:
        annotation: The artist's hints, of any image size.
        mask: [H, W] in 0..1, what moves.
        depth: Of the same photo.
    """
    remarks = [said] if (said := reading(depth.source)) else []
    remarks += _extremes(mask) + _without_depth(mask, depth)
    if annotation is None or not len(annotation.hints) or annotation.guesses_rest:
        return remarks  # Blender says of what is drawn in it, stroke by stroke and by their names
    height, width = mask.shape
    lines = annotation.resized(width, height).hints
    return remarks + _contradictions(lines, mask) + _standing(lines, mask)


def _extremes(mask: NDArray[np.floating]) -> list[str]:
    if not (mask > 0.5).any():
        return [
            "Nothing moves: neither water nor clouds were found, or the mask leaves nothing. Draw "
            "or paint what should move."
        ]
    if (mask > 0.5).all():
        return [
            "Everything moves, the ground too. If that is not meant, the mask may be inverted: see "
            "the setting Mask."
        ]
    return []


def _contradictions(lines: Float32Array, mask: NDArray[np.floating]) -> list[str]:
    """Neighbouring hints of one region that point against each other.

    Neighbours are as near as hints spread evenly over the mask would be: the reach of a hint.
    """
    _, regions = cv2.connectedComponents((mask > 0).astype(np.uint8))
    homes = np.array([_at(regions, start) for start in lines[:, 0]])
    reach = (float(mask.sum()) / len(lines)) ** 0.5
    drags = lines[:, 1] - lines[:, 0]
    lengths = np.linalg.norm(drags, axis=1)
    found: list[str] = []
    count = 0
    for one in range(len(lines) - 1):
        others = slice(one + 1, None)
        apart = np.linalg.norm(lines[one, 0] - lines[others, 0], axis=1)
        against = drags[others] @ drags[one] < AGAINST * lengths[one] * lengths[others]
        near = (apart < reach) & (homes[others] == homes[one]) & (homes[one] > 0)
        pairs = np.flatnonzero(against & near)
        count += len(pairs)
        for other in pairs[: SEVERAL - len(found)]:
            found.append(
                f"Hints {one + 1} and {one + other + 2} are {apart[other]:.0f} pixels apart and "
                "point against each other; between them the motion turns and slows down."
            )
    return _several(found, count)


def _standing(lines: Float32Array, mask: NDArray[np.floating]) -> list[str]:
    found = []
    for number, (start, end) in enumerate(lines, 1):
        moves, arrives = _at(mask, start) > 0, _at(mask, end) > 0
        if not moves:
            found.append(
                f"Hint {number} starts on what stands; it moves nothing there, and speaks for "
                "regions without a hint of their own."
            )
        elif not arrives:
            found.append(
                f"Hint {number} leads from what moves into what stands; its direction and length "
                "hold where it starts, and nothing moves beyond the mask."
            )
    return _several(found, len(found))


def _without_depth(mask: NDArray[np.floating], depth: DepthEstimate) -> list[str]:
    if not depth.source.startswith(FILE) or not (mask > 0).any():
        return []
    filled = float((depth.confidence[mask > 0] <= FILLED_CONFIDENCE).mean())
    if filled < FILLED:
        return []
    return [
        f"The depth map says nothing about {filled:.0%} of what moves; depth is continued there "
        "from around it."
    ]


def _several(sentences: list[str], count: int) -> list[str]:
    """Return the first of ``count`` sentences of one kind, and one for the rest."""
    if count <= SEVERAL:
        return sentences
    return [*sentences[:SEVERAL], f"The same holds for {count - SEVERAL} more."]


def _at(values: NDArray[np.generic], point: NDArray[np.floating]) -> float:
    """Return the value at a point (x, y) in pixels, which is clipped to the image."""
    height, width = values.shape
    column = int(np.clip(point[0], 0, width - 1))
    return float(values[int(np.clip(point[1], 0, height - 1)), column])
