"""Livescape: one photograph and a keyframed camera become a living scene that Blender renders."""

from __future__ import annotations

import bpy

from . import handlers, manual, operators, preferences, properties, translations, ui
from .camera import checking, measured, refresh, strip, survey
from .exchange import importing
from .generate import early_server, local_server, running, unwanted
from .motion import follow, overlay
from .photo import looking
from .servers import tasks
from .setting_up import running as setting_up
from .setting_up import watch


def register() -> None:
    """Register everything; called by Blender."""
    translations.register()
    manual.register()
    translations.use_context(preferences.LivescapePreferences)
    bpy.utils.register_class(preferences.LivescapePreferences)
    properties.register()
    operators.register()
    ui.register()
    handlers.register()
    follow.register()
    overlay.register()
    strip.register()
    refresh.register()


def unregister() -> None:
    """Undo :func:`register`, in reverse."""
    refresh.unregister()
    strip.unregister()
    importing.stop()
    running.shut_down()
    early_server.stop()
    unwanted.stop()
    local_server.let_go()
    tasks.stop()
    setting_up.shut_down()
    watch.stop()
    overlay.unregister()
    follow.unregister()
    looking.stop()
    checking.stop()
    measured.forget()
    survey.stop()
    handlers.unregister()
    ui.unregister()
    operators.unregister()
    properties.unregister()
    bpy.utils.unregister_class(preferences.LivescapePreferences)
    manual.unregister()
    translations.unregister()
