"""The view transform: *Standard* shows the photograph; AgX and Filmic are looks laid over it."""

from __future__ import annotations

from typing import Any

import bpy

from .ledger import Change, Ledger

STANDARD = {
    "view_settings.view_transform": "Standard",
    "view_settings.look": "None",
    "view_settings.exposure": 0.0,
    "view_settings.gamma": 1.0,
}
"""Settings of the scene that show colours as they are."""


def foreign_look(scene: Any) -> str:
    """Return the name of the view transform that is not the photograph's, or an empty string."""
    transform = scene.view_settings.view_transform
    return "" if transform == "Standard" else str(transform)


def use_standard(scene: bpy.types.Scene, ledger: Ledger) -> list[Change]:
    """Show colours as they are; return what was changed."""
    return [change for path, value in STANDARD.items() for change in ledger.change(path, value)]
