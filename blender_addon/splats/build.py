"""Builds the object that plays a scene, or rebuilds it in place."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from numpy.typing import NDArray

from livescape_shared.gaussians import Gaussians
from livescape_shared.scene import MovingGaussians, SceneMeta

from .. import compat
from . import constants, drivers, interface, viewport
from .billboard import billboard_group
from .continuity import is_paired
from .material import gaussian_material
from .mesh import control_point_mesh
from .view_color import check_harmonics

MARK = "livescape_name"
"""Custom property by which an object is known as ours; its value names the cache folder."""

BLEND = "livescape_blend"
"""Custom property of an object of ours: ``linear`` or ``srgb``, as it was trained."""

CACHE_HASH = "livescape_cache_sha256"
"""Custom property: hash of the PC2 file that it was built for, or empty."""

CACHE_MODIFIER = "Livescape Cache"
NODES_MODIFIER = "Livescape Billboards"


@dataclass(frozen=True)
class SplatContent:
    """All that an object is made of.

    Attributes:
        name: Name of the object and of its cache.
        meta: Counts and times.
        static: Gaussians that never move.
        moving: Gaussians that do, at t = 0.
        cache_file: The PC2 of the moving control points, ``//`` relative; unused if none move.
        harmonics: [S, K, 3] spherical harmonics of the S static Gaussians beyond degree 0, K = 3,
            8 or 15 in the order of 3DGS (rgb last); None where colour does not depend on the view.
        cache_hash: SHA-256 of the PC2 file; empty if unknown.
    """

    name: str
    meta: SceneMeta
    static: Gaussians
    moving: MovingGaussians
    cache_file: str
    harmonics: NDArray[np.float32] | None = None
    cache_hash: str = ""

    def __post_init__(self) -> None:
        """Check shapes."""
        check_harmonics(self.harmonics, len(self.static))

    @property
    def degree(self) -> int:
        """Degree of the spherical harmonics, 0 to 3."""
        return check_harmonics(self.harmonics, len(self.static))


def ours(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Return the objects of Gaussians in ``scene``."""
    return [item for item in scene.objects if MARK in item]


def find_object(scene: bpy.types.Scene, name: str) -> bpy.types.Object | None:
    """Return the object of ``scene`` that plays the cache called ``name``."""
    return next((item for item in scene.objects if item.get(MARK) == name), None)


def build_object(scene: bpy.types.Scene, content: SplatContent) -> bpy.types.Object:
    """Build the object, or give an existing one of the same name new content.

    An existing object keeps its transform, parent, collections and speed.
    """
    item = find_object(scene, content.name)
    copies = content.moving.copies.astype(np.int32) + constants.OUTGOING_COPY
    mesh = control_point_mesh(
        content.name,
        content.moving.gaussians,
        copies,
        middle_colors=content.moving.colors_at(0.5),
    )
    if item is None:
        item = bpy.data.objects.new(content.name, mesh)
        item.scale = [1.0 / scene.unit_settings.scale_length] * 3
        scene.collection.objects.link(item)
    else:
        _strip(item, mesh)
    item[MARK], item[BLEND] = content.name, content.meta.blend
    material = gaussian_material()
    in_viewport = viewport.viewport_material()
    for used in (material, in_viewport):
        mesh.materials.append(used)
    viewport.set_viewport_properties(item)
    drivers.set_time_properties(
        item,
        start=content.meta.start_frame,
        loop=content.meta.loop_frames,
        speed=float(item.get(drivers.SPEED, 1.0)),
    )
    item[CACHE_HASH] = content.cache_hash
    if content.meta.moving:
        _add_cache_modifier(item, content.cache_file)
    _add_nodes_modifier(item, material, _static_object(item, content), content.degree)
    _set_input(item, interface.VIEWPORT_MATERIAL, in_viewport)
    _set_input(item, interface.PAIRED, is_paired(content.moving))
    sort_faces(item, scene.render.engine != "CYCLES")
    _see_camera_only(item)
    return item


def sort_faces(item: bpy.types.Object, wanted: bool) -> None:
    """Let the quads of an object of ours be sorted in renders: EEVEE needs it, Cycles does not."""
    _set_input(item, interface.SORT, wanted)
    item.update_tag()


def are_faces_sorted(item: bpy.types.Object) -> bool | None:
    """Whether :func:`sort_faces` is on; None for an object that has lost its billboards."""
    modifier = item.modifiers.get(NODES_MODIFIER)
    if modifier is None or modifier.node_group is None:
        return None
    identifier = interface.input_identifier(modifier.node_group, interface.SORT)
    return bool(compat.modifier_input(modifier, identifier))


def _set_input(item: bpy.types.Object, name: str, value: bpy.types.ID | bool | None) -> None:
    """Set an input of the billboards; an object that has lost them is left alone."""
    modifier = item.modifiers.get(NODES_MODIFIER)
    if modifier is not None and modifier.node_group is not None:
        identifier = interface.input_identifier(modifier.node_group, name)
        compat.set_modifier_input(modifier, identifier, value)


def _strip(item: bpy.types.Object, mesh: bpy.types.Mesh) -> None:
    """Take the old content off ``item`` and remove what nothing else uses."""
    old_mesh, old_static = item.data, _playing_static(item)
    materials = [material for material in old_mesh.materials if material]
    groups = [m.node_group for m in item.modifiers if m.type == "NODES" and m.node_group]
    _release_inputs(item)
    for modifier in (CACHE_MODIFIER, NODES_MODIFIER):
        if modifier in item.modifiers:
            _remove_drivers(item, modifier)
            item.modifiers.remove(item.modifiers[modifier])
    item.data = mesh
    unused = [old_mesh, *groups]
    if old_static is not None:
        unused.append(old_static.data)
        bpy.data.objects.remove(old_static)
    for block in (*unused, *materials):
        if block.users == 0:
            bpy.data.batch_remove([block])


def _release_inputs(item: bpy.types.Object) -> None:
    """Let go of objects and materials: 5.2 counts them as used even after the modifier is gone."""
    modifier = item.modifiers.get(NODES_MODIFIER)
    if modifier is not None and modifier.node_group is not None:
        for identifier in interface.pointer_inputs(modifier.node_group):
            compat.set_modifier_input(modifier, identifier, None)


def _remove_drivers(item: bpy.types.Object, modifier: str) -> None:
    prefix = f'modifiers["{modifier}"]'
    for curve in list(item.animation_data.drivers) if item.animation_data else []:
        if curve.data_path.startswith(prefix):
            item.driver_remove(curve.data_path)


def _playing_static(item: bpy.types.Object) -> bpy.types.Object | None:
    modifier = item.modifiers.get(NODES_MODIFIER)
    if modifier is None or modifier.node_group is None:
        return None
    identifier = interface.input_identifier(modifier.node_group, interface.STATIC)
    return compat.modifier_input(modifier, identifier)


def _static_object(item: bpy.types.Object, content: SplatContent) -> bpy.types.Object | None:
    """Return a new hidden child that holds the static Gaussians; None if there are none."""
    if not len(content.static):
        return None
    name = f"{content.name} Static"
    mesh = control_point_mesh(name, content.static, constants.STATIC_COPY, content.harmonics)
    static = bpy.data.objects.new(name, mesh)
    static.parent = item
    static.hide_viewport = static.hide_render = static.hide_select = True
    for collection in item.users_collection:
        collection.objects.link(static)
    return static


def _add_cache_modifier(item: bpy.types.Object, cache_file: str) -> None:
    modifier = item.modifiers.new(CACHE_MODIFIER, "MESH_CACHE")
    modifier.cache_format = "PC2"
    modifier.filepath = cache_file
    modifier.interpolation = "LINEAR"
    modifier.deform_mode = "OVERWRITE"
    modifier.forward_axis, modifier.up_axis = "POS_Y", "POS_Z"
    modifier.time_mode, modifier.play_mode = "FRAME", "CUSTOM"
    drivers.drive_loop_frame(item, f'modifiers["{CACHE_MODIFIER}"].eval_frame')


def _add_nodes_modifier(
    item: bpy.types.Object,
    material: bpy.types.Material,
    static: bpy.types.Object | None,
    degree: int,
) -> None:
    modifier = item.modifiers.new(NODES_MODIFIER, "NODES")
    tree = billboard_group(degree)
    modifier.node_group = tree

    def path(name: str) -> str:
        return compat.modifier_input_path(modifier, interface.input_identifier(tree, name))

    _set_input(item, interface.MATERIAL, material)
    if static is not None:
        _set_input(item, interface.STATIC, static)
    drivers.drive_loop_frame(item, path(interface.LOOP_FRAME))
    drivers.drive_odd_loop(item, path(interface.ODD_LOOP))
    drivers.drive_loop_length(item, path(interface.LOOP_LENGTH))
    drivers.drive_image_size(item, path(interface.IMAGE_WIDTH), "x")
    drivers.drive_image_size(item, path(interface.IMAGE_HEIGHT), "y")
    viewport.drive_viewport(item, path(interface.VIEWPORT_SPLATS), path(interface.EXACT_VIEWPORT))


def _see_camera_only(item: bpy.types.Object) -> None:
    """Let only the camera see the object: it emits the photo's light, it must not add any."""
    for kind in ("diffuse", "glossy", "transmission", "volume_scatter", "shadow"):
        setattr(item, f"visible_{kind}", False)
    for kind in ("volume", "sphere", "plane"):
        setattr(item, f"hide_probe_{kind}", True)
