"""What the add-on does when a file is opened or saved, a step undone, and when a render begins."""

from __future__ import annotations

import logging
from typing import Any

import bpy
from bpy.app.handlers import persistent

from . import compat, paths
from .cache.check import cache_problem
from .camera import measured, refresh
from .exchange import importing
from .generate import history, offers, running, status
from .properties import state_of
from .render_setup.checklist import missing, sentence
from .splats import looking
from .splats.early import adopt
from .splats.held import let_go_of_all
from .splats.leftovers import remove_leftovers
from .splats.object import splat_objects
from .translations.words import iface

LOGGER = logging.getLogger(__name__)


def log_problems(scene: bpy.types.Scene) -> None:
    """Say in the log which objects of ours cannot play their cache, and what to do."""
    for played in splat_objects(scene):
        problem = cache_problem(played)
        if problem is not None:
            LOGGER.error("%s: %s", played.item.name, problem)


@persistent
def _file_closes(*_: Any) -> None:
    importing.stop()
    running.before_opening()


@persistent
def _file_opened(*_: Any) -> None:
    measured.forget()
    refresh.stop()
    offers.look_again()
    history.look_again()
    looking.forget()
    running.after_opening()
    for scene in bpy.data.scenes:
        for played in splat_objects(scene):
            compat.adopt_newer_drivers(played.item)
            adopt(scene, played)
        log_problems(scene)
    let_go_of_all()
    remove_leftovers()


@persistent
def _file_is_saved(target: Any = "", *_: Any) -> None:
    paths.before_saving(target if isinstance(target, str) else "")
    running.before_saving()
    importing.before_saving()


@persistent
def _saving_failed(*_: Any) -> None:
    paths.saving_failed()


@persistent
def _file_saved(*_: Any) -> None:
    paths.after_saving()
    offers.look_again()
    history.look_again()
    running.after_saving()
    importing.after_saving()


@persistent
def _data_changes(*_: Any) -> None:
    running.before_data_changes()
    importing.before_data_changes()


@persistent
def _data_changed(*_: Any) -> None:
    looking.forget()
    running.after_data_changed()


@persistent
def _render_begins(scene: bpy.types.Scene, *_: Any) -> None:
    log_problems(scene)
    lines = missing(scene)
    if lines:
        LOGGER.warning("This render is %s", sentence(lines))
    status.rendered(state_of(bpy.context), sentence(lines, iface) if lines else "")


_HANDLERS = {
    "load_pre": _file_closes,
    "load_post": _file_opened,
    "save_pre": _file_is_saved,
    "save_post": _file_saved,
    "save_post_fail": _saving_failed,
    "undo_pre": _data_changes,
    "redo_pre": _data_changes,
    "undo_post": _data_changed,
    "redo_post": _data_changed,
    "render_init": _render_begins,
}


def register() -> None:
    """Listen."""
    looking.watch()
    for name, handler in _HANDLERS.items():
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """Undo :func:`register`."""
    looking.stop()
    for name, handler in _HANDLERS.items():
        getattr(bpy.app.handlers, name).remove(handler)
