"""Fit Path: shrinking a move about the photo's frame until the photo shows enough of it."""

from __future__ import annotations

from typing import Any

from ..properties import reference_frame
from .check import Check
from .keys import shrink
from .measured import Measured

MOST_ROUNDS = 4
CLOSER = 0.97
"""Turned axes and curved paths shrink a little otherwise than was computed: after the first round,
the rest is taken in these steps at least."""


class Fit:
    """Shrinks once for each result, until one fits."""

    def __init__(self) -> None:
        self.factor = 1.0
        self.rounds = 0

    def __call__(self, context: Any, found: Measured) -> Check | None:
        """Shrink what does not fit and ask for another check; None if all fits.

        Raises:
            LivescapeError: ``move_not_keyed``.
        """
        if found.fits or self.rounds >= MOST_ROUNDS:
            return None
        factor = found.factor if self.rounds == 0 else min(found.factor, CLOSER)
        self.rounds += 1
        self.factor *= factor
        shrink(context.scene.camera, reference_frame(context.scene), factor)
        return Check(context, fit=True)
