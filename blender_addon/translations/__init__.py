"""What the add-on says, in the language that the artist has chosen for Blender's interface.

Labels and tooltips that are registered with a class are translated by Blender itself. What is put
together while Blender runs goes through :func:`iface`, :func:`tip` or :func:`rpt` of
:mod:`.words` where it is shown: an error keeps its English sentence on the wire, in logs and in
files, and the panel says it in German.

Our words have a context of their own: Blender's *Move* is no move of a camera, and its words are
left as they are.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, get_type_hints

import bpy

from . import german
from .context import CONTEXT

LANGUAGES = {"de_DE": german.WORDS}
"""By locale, as Blender calls them; English needs none."""


def register() -> None:
    """Give Blender the words of all languages."""
    told: Any = {  # its stubs know no contexts
        locale: dict(_in_contexts(words)) for locale, words in LANGUAGES.items()
    }
    bpy.app.translations.register(__package__, told)


def unregister() -> None:
    """Undo :func:`register`."""
    bpy.app.translations.unregister(__package__)


def use_context(cls: Any) -> None:
    """Let Blender look a class and its properties up among our words; before it is registered."""
    cls.bl_translation_context = CONTEXT
    for base in cls.__mro__:
        if base.__module__.startswith(__package__.rpartition(".")[0]):
            _use_for_properties(base)


def _use_for_properties(cls: Any) -> None:
    own = inspect.get_annotations(cls)
    told = get_type_hints(cls) if own else {}  # annotations of the future are kept as text
    for name in own:
        if hasattr(told[name], "keywords"):
            told[name].keywords["translation_context"] = CONTEXT
            own[name] = told[name]
    if own:
        cls.__annotations__ = own


def _in_contexts(words: dict[str, str]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield all words in our context; sentences, such as tooltips, which have none, in all."""
    for text, told in words.items():
        yield (CONTEXT, text), told
        if " " in text:
            yield ("*", text), told
