"""The backend in the preferences: how it stands, setting it up, the optional networks."""

from __future__ import annotations

from typing import Any

import bpy

from livescape_shared.sizes import size_text

from ..setting_up import running, watch
from ..setting_up.models import COMMERCIAL, Model
from ..translations.words import iface
from .backend_line import draw_line
from .sections import characters_per_line, draw_text


def draw(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw everything about the backend but the servers."""
    own, characters = running.preferences(context), characters_per_line(context)
    box = layout.box()
    draw_line(box, context, characters, in_preferences=True)
    facts = watch.facts(context)
    row = box.row()
    row.enabled = running.current() is None
    if facts.installed is not None:
        size = size_text(facts.installed.size)
        version = facts.installed.version
        text = iface("Livescape {0} is set up here: {1}", version, size)
        box.label(text=text, translate=False)
        if facts.installed.remark:
            draw_text(box, facts.installed.remark, "INFO", characters)
        row.operator("livescape.set_up", text="Repair", icon="FILE_REFRESH")
        row.operator("livescape.remove_backend", icon="TRASH")
    elif facts.named:
        row.operator("livescape.set_up", icon="IMPORT")
    row.operator("livescape.open_log", text="Log of Set Up", icon="TEXT").log = "SETUP"
    row.operator("livescape.open_log", text="Log of Server", icon="TEXT").log = "SERVER"
    _draw_sources(layout, own)
    _draw_models(layout, context, own, characters)


def _fold(layout: bpy.types.UILayout, own: Any, name: str) -> bool:
    is_open = bool(getattr(own, name))
    icon: Any = "DISCLOSURE_TRI_DOWN" if is_open else "DISCLOSURE_TRI_RIGHT"
    row = layout.row()
    row.alignment = "LEFT"
    row.prop(own, name, icon=icon, emboss=False)
    return is_open


def _draw_sources(layout: bpy.types.UILayout, own: Any) -> None:
    if not _fold(layout, own, "show_own"):
        return
    column = layout.column()
    column.use_property_split = True
    for name in ("use_card", "networks", "wheel_folder", "package_index"):
        column.prop(own, name)
    column.separator()
    column.prop(own, "backend_folder")
    column.prop(own, "backend_python")


def _draw_models(
    layout: bpy.types.UILayout, context: bpy.types.Context, own: Any, characters: int
) -> None:
    if not _fold(layout, own, "show_models"):
        return
    python = watch.python_of(context)
    if python is None:
        layout.label(text="They can be downloaded once the backend is set up", icon="INFO")
        return
    listed = running.models(python)
    if listed is None:
        layout.operator("livescape.list_models", icon="VIEWZOOM")
        return
    facts = watch.facts(context)
    lacks = facts.installed is not None and not facts.named and not facts.installed.networks
    if lacks:
        text = "Set up again with Libraries of Optional Networks to use these"
        draw_text(layout, text, "INFO", characters)
    for model in listed:
        _draw_model(layout, model, characters, can_fetch=not lacks)


def _draw_model(
    layout: bpy.types.UILayout, model: Model, characters: int, *, can_fetch: bool
) -> None:
    box = layout.box()
    row = box.row()
    text = f"{model.title} ({iface(model.stage)}), {size_text(model.size)}"
    row.label(text=text, translate=False)
    if model.is_present:
        row.label(text="On this computer", icon="CHECKMARK")
    elif model.is_pinned:
        fetch = row.row()
        fetch.enabled = can_fetch and running.current() is None
        fetch.operator("livescape.fetch_model", icon="IMPORT").name = model.name
    else:
        row.label(text="By hand, see the manual", icon="INFO")
    commercial = COMMERCIAL.get(model.commercial, model.commercial)
    text = iface("Licence {0}: {1}", model.licence, iface(commercial))
    draw_text(box, f"{text}. {iface(model.description)}", "NONE", characters)
