"""A language for Blenders that were built without any, as packages of bpy are.

Blender itself then translates nothing. So our words are put in their places before they are
registered: what is longer than in English is as long as artists see it.
"""

from __future__ import annotations

import inspect
from typing import Any, get_type_hints

import bpy as blender
from rig import MODULE, Rig

bpy: Any = blender  # its stubs know no add-ons
TOLD = ("bl_label", "bl_description")


def speak(rig: Rig, locale: str) -> None:
    """Let the add-on be registered again with the words of a language."""
    translations, words = rig.addon("translations"), rig.addon("translations.words")
    known: dict[str, str] = translations.LANGUAGES[locale]

    def told(text: str) -> str:
        return known.get(text, text)

    def put(cls: Any) -> None:
        for name in TOLD:
            if name in vars(cls):
                setattr(cls, name, told(vars(cls)[name]))
        annotations = inspect.get_annotations(cls)
        for name, value in (get_type_hints(cls) if annotations else {}).items():
            if name in annotations and hasattr(value, "keywords"):
                value.keywords.update(_translated(value.keywords, told))
                annotations[name] = value
        if annotations:
            cls.__annotations__ = annotations

    addons = bpy.context.preferences.addons
    python = addons[MODULE].preferences.backend_python
    bpy.ops.preferences.addon_disable(module=MODULE)
    translations._use_for_properties = put
    for name in ("_iface", "_tip", "_rpt"):
        setattr(words, name, told)
    bpy.ops.preferences.addon_enable(module=MODULE)
    addons[MODULE].preferences.backend_python = python


def _translated(keywords: dict[str, Any], told: Any) -> dict[str, Any]:
    """Return what of the keywords of a property is shown, translated."""
    found: dict[str, Any] = {}
    for name in ("name", "description"):
        if name in keywords:
            found[name] = told(keywords[name])
    items = keywords.get("items")
    if isinstance(items, list | tuple):
        found["items"] = [(each[0], told(each[1]), told(each[2]), *each[3:]) for each in items]
    return found
