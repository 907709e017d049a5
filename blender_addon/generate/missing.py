"""All that a generation needs and is not there, found at once and without changing anything."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import bpy

from livescape_shared.errors import LivescapeError

from .. import properties
from ..cache.cache_folder import caches_folder
from ..camera.path import check_camera
from ..photo import looking
from ..servers.choice import chosen_name
from . import local_server
from .request_files import check_file, check_photo_of, check_size

KEPT_SECONDS = 1.0
"""A panel is drawn often, a file system may be slow: an answer stays good for so long."""

_known: tuple[float, tuple[Any, ...], list[LivescapeError]] = (0.0, (), [])


def missing(context: Any) -> list[LivescapeError]:
    """Return what is missing or plainly wrong, in the order of the work; cheap.

    A photo that is still being looked at counts as right.
    """
    return list(_found(context))


def known_missing(context: Any) -> list[LivescapeError]:
    """As :func:`missing`, for a panel: asked again only after a moment or for other settings."""
    global _known
    group, scene = properties.settings_of(context.scene), context.scene
    files = properties.named_files(group)
    key = (group.photo, files, scene.name, bpy.data.filepath, scene.camera and scene.camera.name)
    until, kept, found = _known
    if kept != key or time.monotonic() > until:
        found = missing(context)
        _known = (time.monotonic() + KEPT_SECONDS, key, found)
    return found


def check_all_there(context: Any) -> None:
    """Refuse to begin while anything is missing, with all of it in one sentence.

    Raises:
        LivescapeError: ``inputs_missing``, or the error itself if there is only one.
    """
    found = missing(context)
    if len(found) == 1:
        raise found[0]
    if found:
        listed = " ".join(error.message for error in found)
        hints = " ".join(error.hint for error in found)
        raise LivescapeError("inputs_missing", f"Not everything is there. {listed}", hint=hints)


def _found(context: Any) -> Iterator[LivescapeError]:
    for check in _checks(context):
        try:
            check()
        except LivescapeError as error:
            yield error


def _checks(context: Any) -> Iterator[Callable[[], object]]:
    group = properties.settings_of(context.scene)
    yield lambda: _check_photo(group)
    yield lambda: check_camera(context.scene)
    for name, path in properties.named_files(group).items():
        yield partial(check_file, path, name)
    yield caches_folder
    if not chosen_name(context):
        yield lambda: local_server.prepare_launch(context)


def _check_photo(group: properties.LivescapeSettings) -> None:
    photo = check_photo_of(group)
    found = looking.known(photo)
    if found is None:
        looking.begin(photo)
    else:
        check_size(photo, found.size)
