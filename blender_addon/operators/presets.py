"""The artist's own presets, and the way back from an edited one."""

from __future__ import annotations

from dataclasses import fields

import bpy
from bl_operators.presets import AddPresetBase

from livescape_shared.settings import GenerateSettings

from ..properties import settings_of
from .result import Result

FOLDER = "livescape/generate"
"""Where Blender keeps them, among the user's presets: they stay when the extension goes."""


class LIVESCAPE_MT_presets(bpy.types.Menu):
    """The artist's own presets."""

    bl_label = "Own Presets"
    preset_subdir = FOLDER
    preset_operator = "script.execute_preset"
    draw = bpy.types.Menu.draw_preset  # type: ignore[assignment]


def own_presets_label() -> str:
    """Return the name of the preset that was chosen last, or of the menu."""
    return str(LIVESCAPE_MT_presets.bl_label)


class LIVESCAPE_OT_add_preset(AddPresetBase, bpy.types.Operator):
    """Keep the present settings under a name, or remove the preset that was chosen last."""

    bl_idname = "livescape.add_preset"
    bl_label = "Add Preset"
    bl_description = "Keep the present settings under a name of your own, or remove them again"
    preset_menu = "LIVESCAPE_MT_presets"
    preset_defines = ["settings = bpy.context.scene.livescape"]
    preset_values = [
        "settings.preset",
        *(f"settings.{field.name}" for field in fields(GenerateSettings)),
    ]
    preset_subdir = FOLDER


class LIVESCAPE_OT_reset_preset(bpy.types.Operator):
    """Set every setting to what the preset says."""

    bl_idname = "livescape.reset_preset"
    bl_label = "Reset to Preset"
    bl_description = "Set every setting to what the chosen preset says"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Set them."""
        group = settings_of(context.scene)
        group.preset = group.preset  # choosing it fills everything in
        return {"FINISHED"}


CLASSES = (LIVESCAPE_MT_presets, LIVESCAPE_OT_add_preset, LIVESCAPE_OT_reset_preset)
