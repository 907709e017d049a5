"""What Generate takes of memory and disk, said before it is pressed."""

from __future__ import annotations

from typing import Any

from ..generate import needs
from .sections import draw_text


def draw_needs(layout: Any, context: Any, characters: int) -> None:
    """Show how much that is."""
    wanted = needs.needed(context.scene)
    if wanted is not None:
        draw_text(layout, needs.sentence(wanted), "INFO", characters)


def draw_lack(layout: Any, context: Any, characters: int) -> None:
    """Warn where there is less than that."""
    wanted = needs.needed(context.scene)
    for text in needs.problems(wanted, needs.free(context)) if wanted is not None else ():
        draw_text(layout, text, "ERROR", characters)
