"""The panel of the compositing set-ups."""

from __future__ import annotations

import bpy

from ..compositing import depth_pass, exact_srgb, setups
from ..splats.object import splat_objects
from .sidebar import SidebarPanel

_OPERATORS = {
    exact_srgb.PURPOSE: ("livescape.set_up_srgb", "livescape.restore_srgb"),
    depth_pass.PURPOSE: ("livescape.add_depth_pass", "livescape.remove_depth_pass"),
}


class LIVESCAPE_PT_compositing(SidebarPanel):
    """What view layers and compositor nodes can do for Gaussians."""

    bl_label = "Compositing"
    bl_parent_id = "LIVESCAPE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        scene, layout = context.scene, self.layout
        for purpose, (add, remove) in _OPERATORS.items():
            if setups.is_active(scene, purpose):
                layout.operator(remove, icon="X")
            else:
                layout.operator(add, icon="NODE_COMPOSITING")
        trained_in_srgb = any(each.blend == "srgb" for each in splat_objects(scene))
        if trained_in_srgb and not setups.is_active(scene, exact_srgb.PURPOSE):
            layout.label(text="Trained in sRGB: exact only with this set up", icon="INFO")
