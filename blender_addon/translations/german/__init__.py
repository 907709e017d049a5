"""German, worded as Blender's own: headings as nouns, buttons and hints as infinitives."""

from __future__ import annotations

from . import (
    backend,
    backend_errors,
    errors,
    files,
    motion,
    panels,
    sentences,
    settings,
    shared,
    work,
)

WORDS: dict[str, str] = {
    **panels.WORDS,
    **settings.WORDS,
    **work.WORDS,
    **motion.WORDS,
    **files.WORDS,
    **backend.WORDS,
    **sentences.WORDS,
    **errors.WORDS,
    **backend_errors.WORDS,
    **shared.WORDS,
}
"""German by English; ``{0}``, ``{1}`` and so on are gaps, numbered as in the English."""
