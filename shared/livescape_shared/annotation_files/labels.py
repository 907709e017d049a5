"""What the label of a shape means, whoever chose it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from livescape_shared.annotation import HINT, MOVES, STANDS
from livescape_shared.errors import LivescapeError

_MOVING: Final = frozenset(
    "water waters waterdrops waterfall waterfalls falls cascade cascades rapids sea ocean river "
    "lake stream creek brook pond canal fountain wave waves surf foam sky cloud clouds fog mist "
    "steam smoke moves moving".split()
)
_NEUTRAL: Final = frozenset(
    "a and area background big blue body calm clear cloudy deep far flowing foreground front in "
    "large left lower mask merged near of open other region right rough running small stuff "
    "surface the upper white".split()
)
_SHOWN: Final = 6
_LABEL_SHOWN: Final = 40


def meaning(label: str) -> str:
    """Return :data:`MOVES`, :data:`STANDS`, :data:`HINT`, or nothing if a label says none of them.

    Its own words come first. ``water-other`` and ``cloudy sky`` move; ``sea lion`` does not.
    """
    label = label.strip().casefold()
    for start in (MOVES, STANDS, HINT):
        if label.startswith(start):
            return start
    words = set(re.findall(r"[^\W\d_]+", label))
    return MOVES if words & _MOVING and words <= _MOVING | _NEUTRAL else ""


def unlabelled(labels: Iterable[str]) -> LivescapeError:
    """Return what to say of an annotation none of whose labels says anything."""
    shown = (label[:_LABEL_SHOWN].encode("utf-8", "replace").decode() for label in labels if label)
    known = list(dict.fromkeys(shown))
    message = "The annotation has neither a region that moves or stands nor a hint line."
    if known:
        names = ", ".join(known[:_SHOWN]) + (", ..." if len(known) > _SHOWN else "")
        message = f"{message[:-1]}; its labels are {names}."
    return LivescapeError(
        "annotation_empty",
        message,
        hint="Label regions 'motion', 'water', 'sky' or 'still', and two-point lines 'hint'.",
    )
