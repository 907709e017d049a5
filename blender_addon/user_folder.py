"""Where the add-on keeps what belongs to no .blend."""

from __future__ import annotations

from pathlib import Path

import bpy

from livescape_shared.connection import default_state_dir

from . import __package__ as base_package


def user_folder(name: str = "", *, create: bool = False) -> Path:
    """Return a folder of ours among Blender's own of this user.

    Where that cannot be written, as for a user without a home, it is one beside the server's state:
    an empty answer would mean whatever folder Blender happens to have been started in.

    Args:
        name: Of the folder; empty for what holds them all.
        create: Whether to make it.
    """
    found = bpy.utils.extension_path_user(base_package, path=name, create=create)
    return Path(found) if found else default_state_dir() / "blender" / name
