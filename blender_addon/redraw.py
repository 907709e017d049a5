"""Drawing again what shows something that has changed without a hand of the artist's."""

from __future__ import annotations

import bpy

SIDEBAR = "UI"
VIEW = "WINDOW"


def redraw_areas(*types: str) -> None:
    """Draw whole areas again, wherever they are open.

    Args:
        types: As Blender calls them; all without any.
    """
    _redraw(types, ())


def redraw_viewports(*regions: str) -> None:
    """Draw regions of the 3D viewports again.

    Args:
        regions: As Blender calls them; all without any.
    """
    _redraw(("VIEW_3D",), regions)


def redraw_panels() -> None:
    """Draw sidebars and preferences again, but no view itself, which may be expensive."""
    redraw_viewports(SIDEBAR)
    redraw_areas("PREFERENCES")


def _redraw(types: tuple[str, ...], regions: tuple[str, ...]) -> None:
    manager = bpy.context.window_manager
    for window in manager.windows if manager else ():
        for area in window.screen.areas:
            if types and area.type not in types:
                continue
            for region in area.regions:
                if not regions or region.type in regions:
                    region.tag_redraw()
