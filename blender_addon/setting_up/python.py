"""Which Python starts the server: the one that the artist names, else the one that was set up."""

from __future__ import annotations

import os
from pathlib import Path

import bpy

from livescape_shared.errors import LivescapeError
from livescape_shared.files import is_file, is_folder

from . import running

ENVIRONMENT_VARIABLE = "LIVESCAPE_PYTHON"
_EXECUTABLES = ("bin/python3", "bin/python", "Scripts/python.exe", "python.exe", "python3")


def named_python(context: bpy.types.Context) -> Path | None:
    """Return the Python that preferences or environment name, there or not; None if none is."""
    own = running.preferences(context)
    named = bpy.path.abspath(own.backend_python) if own else ""
    named = named or os.environ.get(ENVIRONMENT_VARIABLE, "")
    if not named:
        return None
    place = Path(named)
    candidates = [place / name for name in _EXECUTABLES] if is_folder(place) else [place]
    return next((each for each in candidates if is_file(each)), place)


def backend_python(context: bpy.types.Context) -> Path:
    """Return the Python with which the server is started.

    Raises:
        LivescapeError: ``backend_missing`` if there is none, ``backend_outdated`` if what was set
            up is another version.
    """
    named = named_python(context)
    if named is not None:
        if is_file(named):
            return named
        raise LivescapeError(
            "backend_missing",
            f"There is no Python at {named.name}.",
            hint="Correct the Backend Python in the preferences of the add-on, or empty it and "
            "press Set Up.",
        )
    place = running.place(context)
    installed = place.installed()
    if installed is None or not place.python(installed).is_file():
        raise LivescapeError(
            "backend_missing",
            "The Livescape backend is not set up.",
            hint="Press Set Up at the top of the Livescape panel.",
        )
    if running.is_outdated(installed):
        wanted = running.version()
        message = (
            f"The backend that is set up is version {installed.version}, and this add-on needs "
            f"its own {wanted}."
        )
        if installed.version == wanted:
            message = f"The backend that is set up is another build of {wanted} than this add-on."
        raise LivescapeError(
            "backend_outdated",
            message,
            hint="Press Update at the top of the Livescape panel.",
        )
    return place.python(installed)
