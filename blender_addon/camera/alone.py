"""Evaluating the cameras of a scene without the rest of it, and knowing when that is not enough.

A frame change evaluates everything in a scene, Gaussians included, which takes minutes over a long
shot. A copy of the scene that holds nothing but its cameras evaluates them and what they depend on
- parents, targets of constraints, drivers, actions - in a fraction of a millisecond, and touches
nothing of the artist's. Where the copy could move otherwise than the scene itself, the scene is
asked frame by frame, with the modifiers of our objects switched off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import bpy

from ..splats.object import every_splat_object, is_ours

_SIMULATED = {"CLOTH", "SOFT_BODY", "FLUID", "DYNAMIC_PAINT", "PARTICLE_SYSTEM", "COLLISION"}
_SIMULATION_NODE = "GeometryNodeSimulationInput"


def scene_cameras(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Return the cameras that the scene renders through: the active one and those of markers."""
    found = [scene.camera, *(marker.camera for marker in scene.timeline_markers)]
    return list(dict.fromkeys(item for item in found if item and item.type == "CAMERA"))


@contextmanager
def stand_in(scene: bpy.types.Scene) -> Iterator[bpy.types.Scene | None]:
    """Give a copy of ``scene`` with its cameras alone, at its frame; None where it would not do.

    Its dependency graph is not an active one, so that evaluating it writes nothing back.
    """
    if scene.rigidbody_world is not None or _is_handled():
        yield None
        return
    copy = scene.copy()
    try:
        _keep_only(copy, scene_cameras(scene))
        copy.frame_set(scene.frame_current, subframe=scene.frame_subframe)
        yield copy if _moves_by_itself(copy) else None
    finally:
        bpy.data.scenes.remove(copy)


@contextmanager
def resting_splats() -> Iterator[None]:
    """Switch the modifiers of our objects off, so that frames change without evaluating them."""
    switched = [
        modifier
        for played in every_splat_object()
        for modifier in played.item.modifiers
        if modifier.show_viewport
    ]
    for modifier in switched:
        modifier.show_viewport = False
    try:
        yield
    finally:
        for modifier in switched:
            modifier.show_viewport = True


def _is_handled() -> bool:
    """Whether someone's Python acts when the frame changes: on the real scene, not on a copy."""
    handlers = bpy.app.handlers
    return bool(handlers.frame_change_pre or handlers.frame_change_post)


def _keep_only(scene: bpy.types.Scene, cameras: list[bpy.types.Object]) -> None:
    root = scene.collection
    for child in list(root.children):
        root.children.unlink(child)
    for item in [item for item in root.objects if item not in cameras]:
        root.objects.unlink(item)
    kept = list(root.objects)
    for camera in [camera for camera in cameras if camera not in kept]:
        root.objects.link(camera)
    for layer in list(scene.view_layers)[1:]:
        scene.view_layers.remove(layer)
    scene.background_set = None


def _moves_by_itself(scene: bpy.types.Scene) -> bool:
    """Whether all that the cameras depend on moves in this scene as in the one it is copied from.

    It does not if it looks at the other scene, is simulated, or is driven by Python that may look
    anywhere. Our own objects are no hindrance, but would be evaluated.
    """
    graph: Any = scene.view_layers[0].depsgraph
    for evaluated in graph.ids:
        block = evaluated.original
        if isinstance(block, bpy.types.Scene) and block != scene:
            return False
        if isinstance(block, bpy.types.Object) and (is_ours(block) or _is_simulated(block)):
            return False
        if not all(map(_is_plain, _drivers(block))):
            return False
    return True


def _drivers(block: bpy.types.ID) -> Iterable[Any]:
    data = getattr(block, "animation_data", None)
    return data.drivers if data is not None else ()


def _is_plain(curve: Any) -> bool:
    driver = curve.driver
    return bool(driver.type != "SCRIPTED" or driver.is_simple_expression)


def _is_simulated(item: bpy.types.Object) -> bool:
    if item.rigid_body is not None or item.rigid_body_constraint is not None:
        return True
    return any(
        each.type in _SIMULATED
        or (isinstance(each, bpy.types.NodesModifier) and _simulates(each.node_group))
        for each in item.modifiers
    )


def _simulates(tree: Any) -> bool:
    return tree is not None and any(
        node.bl_idname == _SIMULATION_NODE or _simulates(getattr(node, "node_tree", None))
        for node in tree.nodes
    )
