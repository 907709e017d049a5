"""What the active object of ours plays and shows."""

from __future__ import annotations

import bpy

from .. import compat
from ..splats import drivers, native, viewport
from ..splats.object import is_ours
from ..translations.words import iface
from .sidebar import SidebarPanel

_PROPERTIES = {
    drivers.START: "Start Frame",
    drivers.SPEED: "Speed",
    viewport.SPLATS: "Splats Shown",
    viewport.EXACT: "Exact in Viewport",
}


class LIVESCAPE_PT_object(SidebarPanel):
    """When the active object's loop plays, and what the viewport shows of it."""

    bl_label = "Object"
    bl_parent_id = "LIVESCAPE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only for an object of ours."""
        return is_ours(context.active_object)

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        item = context.active_object
        self.layout.use_property_split = True
        for name, label in _PROPERTIES.items():
            if item.get(name) is not None:
                self.layout.prop(item, f'["{name}"]', text=iface(label), translate=False)
        played = drivers.only_frames(item)
        if played is not None:
            first, last = played
            text = iface("Moves in frames {0} to {1}", f"{first:g}", f"{last:g}")
            self.layout.label(text=text, icon="TIME", translate=False)
        if compat.HAS_NATIVE_SPLATS:
            text = "Show as Billboards" if native.is_native(item) else None
            self.layout.operator("livescape.switch_native", text=text)
        self.layout.operator("livescape.rebuild", icon="FILE_REFRESH")
