"""Every difference between Blender versions that this add-on meets, and nothing else."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import bpy

import gpu

HAS_INPUT_PROPERTIES = bpy.app.version >= (5, 2, 0)
"""From 5.2 a modifier's inputs are RNA properties; before, they are its ID properties."""


def set_modifier_input(modifier: Any, identifier: str, value: Any) -> None:
    """Set one input of a geometry nodes modifier."""
    if HAS_INPUT_PROPERTIES:
        getattr(modifier.properties.inputs, identifier).value = value
    else:
        modifier[identifier] = value


def modifier_input(modifier: Any, identifier: str) -> Any:
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


_NEWER_INPUT_PATH = re.compile(r'(modifiers\[".+"\])\.properties\.inputs\.(\w+)\.value')


def adopt_newer_drivers(item: Any) -> int:
    """Let drivers of modifier inputs that 5.2 saved play in an older Blender; return how many.

    Blender translates such paths only upwards, when a newer version opens an older file.
    """
    if HAS_INPUT_PROPERTIES or item.animation_data is None:
        return 0
    adopted = 0
    for curve in item.animation_data.drivers:
        found = _NEWER_INPUT_PATH.fullmatch(curve.data_path)
        if found:
            curve.data_path = f'{found[1]}["{found[2]}"]'
            curve.driver.is_valid = True  # it was found invalid when the file was read
            adopted += 1
    return adopted


HAS_COMPOSITOR_GROUP = bpy.app.version >= (5, 0, 0)
"""From 5.0 a scene points to its compositor tree; before, it owns one, switched by a flag."""


def compositor_tree(scene: Any) -> bpy.types.NodeTree | None:
    """Return the compositor tree that ``scene`` has, whether in use or not."""
    tree: bpy.types.NodeTree | None
    tree = scene.compositing_node_group if HAS_COMPOSITOR_GROUP else scene.node_tree
    return tree


def use_compositor_group(scene: Any, tree: bpy.types.NodeTree | None) -> None:
    """Let ``scene`` point to another compositor tree; only where trees are groups."""
    scene.compositing_node_group = tree


def is_compositor_on(scene: bpy.types.Scene) -> bool:
    """Whether renders of ``scene`` pass through its compositor tree."""
    switched_on = HAS_COMPOSITOR_GROUP or scene.use_nodes
    return bool(switched_on and scene.render.use_compositing and compositor_tree(scene))


def add_compositor_tree(scene: Any, name: str) -> Any:
    """Give ``scene`` an empty compositor tree and return it."""
    if HAS_COMPOSITOR_GROUP:
        tree: Any = bpy.data.node_groups.new(name, "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        use_compositor_group(scene, tree)
        return tree
    scene.use_nodes = True
    scene.node_tree.nodes.clear()
    return scene.node_tree


def compositor_output_type() -> str:
    """Return the type of the node whose first input is the rendered image."""
    return "NodeGroupOutput" if HAS_COMPOSITOR_GROUP else "CompositorNodeComposite"


_COMPOSITOR_MODES = {
    "TO_STRAIGHT": ("mapping", "PREMUL_TO_STRAIGHT", "To Straight"),
    "TO_PREMULTIPLIED": ("mapping", "STRAIGHT_TO_PREMUL", "To Premultiplied"),
    "REPLACE_ALPHA": ("mode", "REPLACE_ALPHA", "Replace Alpha"),
}


def set_compositor_mode(node: Any, mode: str) -> None:
    """Set the mode of an Alpha Convert or Set Alpha node: from 5.0 it is the input *Type*."""
    name, value, label = _COMPOSITOR_MODES[mode]
    if HAS_COMPOSITOR_GROUP:
        node.inputs["Type"].default_value = label
    else:
        setattr(node, name, value)


def alpha_over_inputs() -> tuple[int, int]:
    """Return the indices of background and foreground of an Alpha Over node."""
    return (0, 1) if HAS_COMPOSITOR_GROUP else (1, 2)


def environment_output() -> str:
    """Return the name of the environment pass of a Render Layers node."""
    return "Environment" if HAS_COMPOSITOR_GROUP else "Env"


def is_cycles(scene: Any) -> bool:
    """Whether ``scene`` is rendered by Cycles, an add-on that type stubs do not know."""
    return bool(scene.render.engine == "CYCLES")


def eevee_engine() -> str:
    """Return EEVEE's name among the render engines."""
    return "BLENDER_EEVEE" if bpy.app.version >= (5, 0, 0) else "BLENDER_EEVEE_NEXT"


_DOTS = {
    "red": ("STRIP_COLOR_01", "SEQUENCE_COLOR_01"),
    "amber": ("STRIP_COLOR_03", "SEQUENCE_COLOR_03"),
    "green": ("STRIP_COLOR_04", "SEQUENCE_COLOR_04"),
    "grey": ("STRIP_COLOR_09", "SEQUENCE_COLOR_09"),
}


@cache
def dot_icon(colour: str) -> str:
    """Return the icon that is a patch of a colour; from 4.4 it has another name."""
    layout: Any = bpy.types.UILayout.bl_rna
    icon = layout.functions["label"].parameters["icon"]
    known = {each.identifier for each in icon.enum_items}
    return next((name for name in _DOTS[colour] if name in known), "DOT")


def image_shader() -> Any:
    """Return the shader that draws a texture of linear light over a region, with a colour.

    In 4.5 the plain one converts to what a screen shows; where there is another that does, in 5.2,
    the plain one does not.
    """
    try:
        return gpu.shader.from_builtin("IMAGE_COLOR_SCENE_LINEAR_TO_REC709_SRGB")
    except ValueError:
        return gpu.shader.from_builtin("IMAGE_COLOR")


def _image_paint_color_owner(context: Any) -> Any:
    """Return what has the colour that is painted with in images; each mode's own from 5.0."""
    settings = context.tool_settings
    unified = getattr(settings.image_paint, "unified_paint_settings", None)
    unified = unified or settings.unified_paint_settings
    return unified if unified.use_unified_color else settings.image_paint.brush


def image_paint_color(context: Any) -> tuple[float, float, float]:
    """Return the colour that is painted with in images."""
    return tuple(getattr(_image_paint_color_owner(context), "color", (1.0, 1.0, 1.0)))


def set_image_paint_color(context: Any, color: tuple[float, float, float]) -> None:
    """Set the colour that is painted with in images, if there is a brush to paint with."""
    owner = _image_paint_color_owner(context)
    if owner is not None:
        owner.color = color


HAS_NATIVE_SPLATS = hasattr(bpy.types, "GeometryNodePointsSetType")
"""From 5.3 a point cloud can be Gaussian splats; 5.2 can hold their attributes, no more."""


def set_splat_type(node: Any) -> None:
    """Let a Set Point Cloud Type node make splats.

    Menus of nodes are set by label.
    """
    node.inputs["Type"].default_value = "3D Gaussian Splat"
