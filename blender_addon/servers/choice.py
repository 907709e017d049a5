"""Which server Generate uses: the one on this computer unless another is chosen."""

from __future__ import annotations

from typing import Any

import bpy

from livescape_shared.connection import default_state_dir
from livescape_shared.errors import LivescapeError
from livescape_shared.remote.invitation import Place
from livescape_shared.remote.servers import PairedServer

from .. import __package__ as base_package
from ..bridge.remote import RemoteLaunch
from .compression import ENCODINGS
from .known import store

HERE = "This Computer"


def chosen_name(context: bpy.types.Context) -> str:
    """Return the name of the chosen server, empty for the one on this computer."""
    preferences = _preferences(context)
    return str(preferences.server) if preferences else ""


def choose(context: bpy.types.Context, name: str) -> None:
    """Let Generate use the server of this name from now on; empty for this computer.

    Raises:
        LivescapeError: ``server_not_paired``.
    """
    if name:
        store().named(name)
    preferences = _preferences(context)
    if preferences and context.preferences:
        preferences.server = name
        context.preferences.is_dirty = True  # so that Blender keeps it


def check_allowed(place: Place) -> None:
    """Check that Blender's user lets add-ons use the network, if ``place`` is in it.

    Raises:
        LivescapeError: ``online_access_off``.
    """
    if not place.is_here and not bpy.app.online_access:
        raise LivescapeError(
            "online_access_off",
            f"{place} is another computer, and Blender's online access is off.",
            hint="Turn on Allow Online Access under Preferences > System > Network.",
        )


def allowed_server(name: str) -> PairedServer:
    """Return the server of this name, if it may be used.

    Raises:
        LivescapeError: ``server_not_paired`` or ``online_access_off``.
    """
    server = store().named(name)
    check_allowed(server.place)
    return server


def remote_launch(context: bpy.types.Context) -> RemoteLaunch | None:
    """Return the way to the chosen server on another machine, None if this computer is chosen.

    Raises:
        LivescapeError: ``server_not_paired`` or ``online_access_off``.
    """
    name, preferences = chosen_name(context), _preferences(context)
    if not name:
        return None
    encoding = ENCODINGS[preferences.compression]
    return RemoteLaunch(allowed_server(name), default_state_dir(), encoding)


def _preferences(context: bpy.types.Context) -> Any:
    addon: Any = context.preferences.addons.get(base_package) if context.preferences else None
    return addon.preferences if addon else None
