"""What a Livescape object is: its marks, the generation that it plays, its parts, where it is.

Objects are known by custom properties, and their materials and node groups by one of their own,
never by name: names change, and others may bear them.
"""

from __future__ import annotations

import secrets
from typing import TypeGuard

import bpy

from livescape_shared.cache.names import POINT_CACHE

from .. import compat
from . import interface

MARK = "livescape_name"
"""Custom property by which an object is known as ours; its value is the name it was made under."""

GENERATION = "livescape_generation"
"""Custom property: name of the cache folder that it plays; objects of early versions lack it."""

HOME = "livescape_home"
"""Custom property of a scene and of the objects that were made for it; early ones lack it."""

BLEND = "livescape_blend"
"""Custom property of an object of ours: ``linear`` or ``srgb``, as it was trained."""

CACHE_HASH = "livescape_cache_sha256"
"""Custom property: hash of the PC2 file that it was built for, or empty."""

PART = "livescape_part"
"""Custom property of what our objects consist of; its value is one of the next six."""

GAUSSIANS, VIEWPORT, BILLBOARDS, NATIVE = "gaussians", "viewport", "billboards", "native"
QUADS = "quads"
HIDDEN = "static"
"""Of the objects that hold quads for the nodes; once, only what never moves was in one."""

CACHE_MODIFIER = "Livescape Cache"
NODES_MODIFIER = "Livescape Billboards"


def is_ours(item: bpy.types.Object | None) -> TypeGuard[bpy.types.Object]:
    """Whether an object is one of Gaussians."""
    return item is not None and item.get(MARK) is not None


class SplatObject:
    """An object of ours, linked or local.

    Args:
        item: An object for which :func:`is_ours` holds.
    """

    def __init__(self, item: bpy.types.Object) -> None:
        self.item = item

    @property
    def mesh(self) -> bpy.types.Mesh | None:
        """What the cache moves: the means of the moving Gaussians, or their quads.

        None if someone has marked an object of another kind.
        """
        data = self.item.data
        return data if isinstance(data, bpy.types.Mesh) else None

    @property
    def meshes(self) -> list[bpy.types.Mesh]:
        """The quads that move and those that do not."""
        moving = self.moving.data if self.moving is not None else self.mesh
        static = self.static.data if self.static is not None else None
        return [each for each in (moving, static) if isinstance(each, bpy.types.Mesh)]

    @property
    def name(self) -> str:
        """The name that it was made under."""
        return str(self.item[MARK])

    def bears(self, name: str) -> bool:
        """Whether it was made under ``name``, which early versions kept as the folder's name."""
        is_early = not self.item.get(GENERATION)
        return self.name == name or (is_early and self.name == bpy.path.clean_name(name))

    @property
    def blend(self) -> str:
        """``linear`` or ``srgb``; empty if an early version did not say."""
        return str(self.item.get(BLEND, ""))

    @property
    def cache_hash(self) -> str:
        """SHA-256 of the PC2 file that it was built for; empty if unknown."""
        return str(self.item.get(CACHE_HASH, ""))

    @property
    def is_linked(self) -> bool:
        """Whether it belongs to another file, so that it must not be changed here."""
        return self.item.library is not None or self.item.override_library is not None

    @property
    def generation(self) -> str:
        """Name of the cache folder; an early version had one folder for each name."""
        return str(self.item.get(GENERATION) or bpy.path.clean_name(self.name))

    @property
    def cache_file(self) -> str:
        """Absolute path of the cache file that it plays, seen from its own .blend; or empty."""
        modifier = self.cache_modifier
        return self.absolute(modifier.filepath) if modifier and modifier.filepath else ""

    def absolute(self, path: str) -> str:
        """Return what a path of this object means, which may have come from a library."""
        return bpy.path.abspath(path, library=self.item.library)

    @property
    def cache_modifier(self) -> bpy.types.MeshCacheModifier | None:
        """The modifier that plays the cache, and not one that the artist has added."""
        for each in self.item.modifiers:
            if isinstance(each, bpy.types.MeshCacheModifier) and (
                each.name == CACHE_MODIFIER or each.filepath.endswith(POINT_CACHE)
            ):
                return each
        return None

    @property
    def nodes_modifier(self) -> bpy.types.NodesModifier | None:
        """The modifier that makes quads face the camera; None if it or its nodes are gone."""
        named = None
        for each in self.item.modifiers:
            if isinstance(each, bpy.types.NodesModifier) and each.node_group is not None:
                if each.node_group.get(PART) is not None:
                    return each
                if each.name == NODES_MODIFIER:
                    named = each
        return named

    @property
    def nodes(self) -> bpy.types.NodeTree | None:
        """The node group that makes quads face the camera."""
        modifier = self.nodes_modifier
        return modifier.node_group if modifier is not None else None

    @property
    def static(self) -> bpy.types.Object | None:
        """The object that holds the Gaussians which never move: in no scene, but for the nodes."""
        found = self.input(interface.STATIC)
        return found if isinstance(found, bpy.types.Object) else None

    @property
    def moving(self) -> bpy.types.Object | None:
        """A hidden object like :attr:`static`: the quads of what moves, relative to their means.

        None where the cache moves the quads themselves: their shapes change, or they are of an
        early version.
        """
        found = self.input(interface.MOVING)
        return found if isinstance(found, bpy.types.Object) else None

    @property
    def hidden_parts(self) -> list[bpy.types.Object]:
        """The objects in no scene that hold quads for its nodes."""
        return [each for each in (self.moving, self.static) if each is not None]

    @property
    def material(self) -> bpy.types.Material | None:
        """What renders draw the quads with."""
        found = self.input(interface.MATERIAL)
        return found if isinstance(found, bpy.types.Material) else None

    def input(self, name: str) -> bpy.types.ID | float | bool | None:
        """Return an input of the billboards; None if the object has lost them or lacks it."""
        modifier, nodes = self.nodes_modifier, self.nodes
        identifier = interface.find_input(nodes, name) if nodes is not None else None
        if modifier is None or identifier is None:
            return None
        value: bpy.types.ID | float | bool | None = compat.modifier_input(modifier, identifier)
        return value

    def set_input(self, name: str, value: bpy.types.ID | float | bool | None) -> None:
        """Set an input of the billboards; an object that has lost them is left alone."""
        modifier, nodes = self.nodes_modifier, self.nodes
        identifier = interface.find_input(nodes, name) if nodes is not None else None
        if modifier is not None and identifier is not None:
            compat.set_modifier_input(modifier, identifier, value)

    @property
    def are_faces_sorted(self) -> bool | None:
        """Whether quads are sorted in renders; None for an object that has lost its billboards."""
        wanted = self.input(interface.SORT)
        return None if wanted is None else bool(wanted)

    def sort_faces(self, wanted: bool) -> None:
        """Let the quads be sorted in renders of an object that does not choose by itself."""
        self.set_input(interface.SORT, wanted)
        self.item.update_tag()

    @property
    def sorts_by_itself(self) -> bool:
        """Whether quads are sorted as the engine needs it; objects of early versions are told."""
        modifier, nodes = self.nodes_modifier, self.nodes
        identifier = interface.find_input(nodes, interface.SORT) if nodes is not None else None
        if modifier is None or identifier is None or self.item.animation_data is None:
            return False
        path = compat.modifier_input_path(modifier, identifier)
        return any(curve.data_path == path for curve in self.item.animation_data.drivers)


def splat_objects(scene: bpy.types.Scene) -> list[SplatObject]:
    """Return the objects of ours in ``scene``, linked ones included."""
    return [SplatObject(item) for item in scene.objects if is_ours(item)]


def find_object(scene: bpy.types.Scene, name: str) -> SplatObject | None:
    """Return the object that a new generation called ``name`` renews.

    It is one that was made for this scene, and not one that was appended from another file; of
    several, such as duplicates, the active one.
    """
    found = [
        each
        for each in splat_objects(scene)
        if each.bears(name) and not each.is_linked and is_at_home(each.item, scene)
    ]
    active = [layer.objects.active for layer in scene.view_layers]
    return next((each for each in found if each.item in active), next(iter(found), None))


def is_at_home(item: bpy.types.Object, scene: bpy.types.Scene) -> bool:
    """Whether an object was made for ``scene``, as far as is known."""
    home = item.get(HOME)
    return home is None or home == scene.get(HOME)


def give_home(item: bpy.types.Object, scene: bpy.types.Scene) -> None:
    """Note that an object is made for ``scene``."""
    if scene.get(HOME) is None:
        scene[HOME] = secrets.token_hex(8)
    item[HOME] = scene[HOME]


def every_splat_object() -> list[SplatObject]:
    """Return all objects of ours that this .blend knows, in whatever scene or library."""
    return [SplatObject(item) for item in bpy.data.objects if is_ours(item)]
