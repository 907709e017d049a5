"""Texts that are made while Blender runs, in the language of its interface."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from bpy.app import translations

from . import german
from .context import CONTEXT
from .templates import Templates

KEPT = 4096
"""Texts whose translation is remembered: a panel is drawn often and says mostly the same."""

_PROBE = "Still needed"
"""Tells by its translation which language is chosen, and whether what is asked for is translated.

Interface, tooltips and reports are each switched in the preferences.
"""

_templates = Templates(german.WORDS)
_blender: Any = translations  # its stubs have translations return nothing


def iface(text: str, *values: object) -> str:
    """Return what an interface shows for ``text``.

    Args:
        text: In English. With ``values``, they stand for ``{0}``, ``{1}`` and so on in it; without,
            it may be a sentence that has been put together already.
        values: As they are shown.
    """
    return _shown(_iface, text, values)


def tip(text: str, *values: object) -> str:
    """As :func:`iface`, for a tooltip."""
    return _shown(_tip, text, values)


def rpt(text: str, *values: object) -> str:
    """As :func:`iface`, for a report or the reason why something cannot be pressed."""
    return _shown(_rpt, text, values)


def _iface(text: str) -> str:
    return str(_blender.pgettext_iface(text, CONTEXT))


def _tip(text: str) -> str:
    return str(_blender.pgettext_tip(text, CONTEXT))


def _rpt(text: str) -> str:
    return str(_blender.pgettext_rpt(text, CONTEXT))


def _shown(look_up: Callable[[str], str], text: str, values: tuple[object, ...]) -> str:
    if values:
        return look_up(text).format(*values)
    language = look_up(_PROBE)
    return text if language == _PROBE else _whole(look_up, language, text)


@lru_cache(maxsize=KEPT)
def _whole(look_up: Callable[[str], str], language: str, text: str) -> str:
    return _templates.translated(text, look_up)
