"""Where the caches of this .blend lie."""

from __future__ import annotations

import os
from pathlib import Path

import bpy

from livescape_shared.cache.folder import ROOT
from livescape_shared.errors import LivescapeError

from ..splats.object import SplatObject


def caches_folder() -> Path:
    """Return the absolute folder in which this .blend's caches lie; it need not exist.

    Raises:
        LivescapeError: ``blend_unsaved`` if there is no file beside which it could lie.
    """
    if not bpy.data.filepath:
        raise _unsaved()
    return Path(bpy.path.abspath(f"//{ROOT}"))


def played_folder(played: SplatObject) -> Path:
    """Return the cache folder that an object plays, found through it and its library alone.

    Raises:
        LivescapeError: ``blend_unsaved`` if it names none and no file says where it could lie.
    """
    if played.cache_file:
        return Path(played.cache_file).parent
    if not bpy.data.filepath and played.item.library is None:
        raise _unsaved()
    return Path(played.absolute(f"//{ROOT}")) / played.generation


def as_blend_path(path: Path) -> str:
    """Return ``path`` as this .blend names it: relative, unless it is on another drive."""
    try:
        relative = str(bpy.path.relpath(str(path)))
    except ValueError:
        return path.as_posix()
    return relative.replace("\\", "/") if os.sep == "\\" else relative


def _unsaved() -> LivescapeError:
    return LivescapeError(
        "blend_unsaved",
        "The .blend file has not been saved yet.",
        hint="Save it first; the generated scene is stored beside it.",
    )
