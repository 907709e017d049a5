"""Every difference between Blender versions that this add-on meets, and nothing else."""

from __future__ import annotations

from typing import Any

import bpy

HAS_INPUT_PROPERTIES = bpy.app.version >= (5, 2, 0)
"""From 5.2 a modifier's inputs are RNA properties; before, they are its ID properties."""


def set_modifier_input(modifier: bpy.types.Modifier, identifier: str, value: Any) -> None:
    """Set one input of a geometry nodes modifier."""
    if HAS_INPUT_PROPERTIES:
        getattr(modifier.properties.inputs, identifier).value = value
    else:
        modifier[identifier] = value


def modifier_input(modifier: bpy.types.Modifier, identifier: str) -> Any:
    """Return the value of one input of a geometry nodes modifier."""
    if HAS_INPUT_PROPERTIES:
        return getattr(modifier.properties.inputs, identifier).value
    return modifier[identifier]


def modifier_input_path(modifier: bpy.types.Modifier, identifier: str) -> str:
    """Return the data path, from the object, at which an input can be driven."""
    name = bpy.utils.escape_identifier(modifier.name)
    if HAS_INPUT_PROPERTIES:
        return f'modifiers["{name}"].properties.inputs.{identifier}.value'
    return f'modifiers["{name}"]["{identifier}"]'
