"""What the add-on says, in the language that the artist has chosen for Blender's interface.

Labels and tooltips that are registered with a class are translated by Blender itself. What is put
together while Blender runs goes through :func:`iface`, :func:`tip` or :func:`rpt` of
:mod:`.words` where it is shown: an error keeps its English sentence on the wire, in logs and in
files, and the panel says it in German.
"""

from __future__ import annotations

from typing import Any

import bpy

from . import german

LANGUAGES = {"de_DE": german.WORDS}
"""By locale, as Blender calls them; English needs none."""

_CONTEXTS = ("*", "Operator")
"""Blender looks labels of operators up in a context of their own."""


def register() -> None:
    """Give Blender the words of all languages."""
    told: Any = {  # its stubs know no contexts
        locale: {(context, text): words[text] for context in _CONTEXTS for text in words}
        for locale, words in LANGUAGES.items()
    }
    bpy.app.translations.register(__package__, told)


def unregister() -> None:
    """Undo :func:`register`."""
    bpy.app.translations.unregister(__package__)
