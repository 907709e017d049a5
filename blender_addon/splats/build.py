"""Builds the object that plays a scene, or rebuilds it in place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import bpy

from .. import compat
from . import drivers, interface, looking, unit_scale, viewport
from .billboard import billboard_group
from .cloud import remember
from .content import MeshContent, SplatContent, mesh_content
from .held import holding
from .leftovers import remove_leftovers
from .material import gaussian_material
from .mesh import mean_mesh, quad_mesh
from .object import (
    BLEND,
    CACHE_HASH,
    CACHE_MODIFIER,
    GENERATION,
    HIDDEN,
    MARK,
    NODES_MODIFIER,
    PART,
    SplatObject,
    every_splat_object,
    give_home,
)

_NUMBER = re.compile(r"\.\d{3,}$")
"""What Blender adds to a name that is taken."""


@dataclass(frozen=True)
class _Parts:
    """New data-blocks that nothing uses yet, so that making them changes no scene."""

    mesh: bpy.types.Mesh
    moving_mesh: bpy.types.Mesh | None
    static_mesh: bpy.types.Mesh | None
    nodes: bpy.types.NodeTree
    material: bpy.types.Material
    viewport_material: bpy.types.Material

    def take_names(self) -> None:
        """Take the names of those that have been replaced: without a number, if they are free."""
        for block in vars(self).values():
            if block is not None:
                block.name = _NUMBER.sub("", block.name)


def build_object(
    scene: bpy.types.Scene,
    content: SplatContent,
    renewed: SplatObject | None = None,
    arrays: MeshContent | None = None,
) -> bpy.types.Object:
    """Build the object, or give an existing one new content.

    What takes long comes first, may be done in slices and changes no scene.

    Args:
        scene: Gets a new object.
        content: What it is made of.
        renewed: An object of this file that keeps transform, parent, collections and speed.
        arrays: What :func:`mesh_content` returns for ``content``, if that is known.
    """
    arrays = arrays or mesh_content(content)
    remove_leftovers()
    with holding():
        parts = _make_parts(content, arrays)
    mesh = parts.mesh
    if renewed is None:
        item = bpy.data.objects.new(content.name, mesh)
        item[unit_scale.UNIT] = 1.0
        scene.collection.objects.link(item)
    else:
        item = renewed.item
        _strip(renewed, mesh)
        parts.take_names()
    _mark(item, content)
    give_home(item, scene)
    unit_scale.scale_to_metres(item, scene)
    for used in (parts.material, parts.viewport_material):
        mesh.materials.append(used)
    viewport.set_viewport_properties(item)
    drivers.set_time_properties(
        item,
        start=content.meta.start_frame,
        loop=content.meta.loop_frames,
        repeats=content.meta.loop,
        speed=float(item.get(drivers.SPEED, 1.0)),
    )
    if content.cache_file:
        _add_cache_modifier(item, content)
    _add_nodes_modifier(item, parts.nodes)
    made = SplatObject(item)
    made.set_input(interface.MATERIAL, parts.material)
    made.set_input(interface.VIEWPORT_MATERIAL, parts.viewport_material)
    made.set_input(interface.FADE, content.meta.fade)
    made.set_input(interface.PAIRED, arrays.is_paired)
    made.set_input(interface.MOVING, _hidden_object(parts.moving_mesh))
    made.set_input(interface.STATIC, _hidden_object(parts.static_mesh))
    _see_camera_only(item)
    looking.tell(scene)
    return item


def _make_parts(content: SplatContent, arrays: MeshContent) -> _Parts:
    means_alone = not content.meta.deforms
    nodes = billboard_group(content.degree, means_alone=means_alone)
    static_mesh = None
    if arrays.static is not None:
        static_mesh = quad_mesh(f"{content.name} Static", arrays.static)
    moving_mesh = None
    if means_alone:
        mesh = mean_mesh(content.name, content.moving.gaussians.means)
        if content.meta.moving:
            moving_mesh = quad_mesh(f"{content.name} Moving", arrays.moving)
    else:
        mesh = quad_mesh(content.name, arrays.moving)
    quads = moving_mesh if means_alone else mesh
    for each, cloud in zip((quads, static_mesh), arrays.clouds, strict=True):
        if each is not None:
            remember(each, cloud)
    return _Parts(
        mesh, moving_mesh, static_mesh, nodes, gaussian_material(), viewport.viewport_material()
    )


def _mark(item: bpy.types.Object, content: SplatContent) -> None:
    item[MARK], item[BLEND] = content.name, content.meta.blend
    item[GENERATION] = PurePosixPath(content.cache_file).parent.name
    item[CACHE_HASH] = content.cache_hash


def _strip(old: SplatObject, mesh: bpy.types.Mesh) -> None:
    """Take the old content off an object and remove what nothing else uses."""
    item, hidden_parts = old.item, old.hidden_parts
    meshes = [each for each in (old.mesh, *old.meshes) if each is not None]
    materials = {each for owner in meshes for each in owner.materials if each is not None}
    unused: list[bpy.types.ID | None] = [item.data, old.nodes]
    modifiers = [each for each in (old.cache_modifier, old.nodes_modifier) if each is not None]
    _release_inputs(old)
    for modifier in modifiers:
        _remove_drivers(item, modifier.name)
        item.modifiers.remove(modifier)
    item.data = mesh
    for part in hidden_parts:
        if not _is_played_by_others(part):
            unused.append(part.data)
            bpy.data.objects.remove(part)
    for block in (*unused, *materials):  # materials last: the others use them
        if block is not None and block.users == 0:
            bpy.data.batch_remove([block])


def _is_played_by_others(part: bpy.types.Object) -> bool:
    """Whether a duplicate of the object from which ``part`` was just released shows it too."""
    return any(part in each.hidden_parts for each in every_splat_object())


def _release_inputs(old: SplatObject) -> None:
    """Let go of objects and materials: 5.2 counts them as used even after the modifier is gone."""
    modifier, nodes = old.nodes_modifier, old.nodes
    if modifier is not None and nodes is not None:
        for identifier in interface.pointer_inputs(nodes):
            compat.set_modifier_input(modifier, identifier, None)


def _remove_drivers(item: bpy.types.Object, modifier: str) -> None:
    prefix = f'modifiers["{modifier}"]'
    for curve in list(item.animation_data.drivers) if item.animation_data else []:
        if curve.data_path.startswith(prefix):
            item.driver_remove(curve.data_path)


def _hidden_object(mesh: bpy.types.Mesh | None) -> bpy.types.Object | None:
    """Return a new object that holds quads for the nodes of another; None if there are none.

    It is in no scene: the nodes of the object that shows it alone use it, and so it goes wherever
    that is copied, linked or appended to, and is gone when that is deleted.
    """
    if mesh is None:
        return None
    hidden = bpy.data.objects.new(mesh.name, mesh)
    hidden[PART] = HIDDEN
    hidden.hide_viewport = hidden.hide_render = hidden.hide_select = True
    return hidden


def _add_cache_modifier(item: bpy.types.Object, content: SplatContent) -> None:
    """Play the cache; where nothing moves, only say where it lies.

    Blender keeps the path right when the file is saved elsewhere, linked or appended.
    """
    modifier: Any = item.modifiers.new(CACHE_MODIFIER, "MESH_CACHE")
    modifier.cache_format = "PC2"
    modifier.filepath = content.cache_file
    modifier.interpolation = "LINEAR"
    modifier.deform_mode = "OVERWRITE"
    modifier.forward_axis, modifier.up_axis = "POS_Y", "POS_Z"
    modifier.time_mode, modifier.play_mode = "FRAME", "CUSTOM"
    if content.meta.moving:
        drivers.drive_loop_frame(item, f'modifiers["{modifier.name}"].eval_frame')
    else:
        modifier.show_viewport = modifier.show_render = False


def _add_nodes_modifier(item: bpy.types.Object, tree: bpy.types.NodeTree) -> None:
    modifier: Any = item.modifiers.new(NODES_MODIFIER, "NODES")
    modifier.node_group = tree

    def path(name: str) -> str:
        return compat.modifier_input_path(modifier, interface.input_identifier(tree, name))

    drivers.drive_face_sorting(item, path(interface.SORT))
    drivers.drive_loop_frame(item, path(interface.LOOP_FRAME))
    drivers.drive_odd_loop(item, path(interface.ODD_LOOP))
    drivers.drive_loop_length(item, path(interface.LOOP_LENGTH))
    drivers.drive_image_size(item, path(interface.IMAGE_WIDTH), "x")
    drivers.drive_image_size(item, path(interface.IMAGE_HEIGHT), "y")
    viewport.drive_viewport(
        item,
        path(interface.VIEWPORT_SPLATS),
        path(interface.EXACT_VIEWPORT),
        path(interface.THROUGH_CAMERA),
    )


def _see_camera_only(item: bpy.types.Object) -> None:
    """Let only the camera see the object: it emits the photo's light, it must not add any."""
    for kind in ("diffuse", "glossy", "transmission", "volume_scatter", "shadow"):
        setattr(item, f"visible_{kind}", False)
    for kind in ("volume", "sphere", "plane"):
        setattr(item, f"hide_probe_{kind}", True)
