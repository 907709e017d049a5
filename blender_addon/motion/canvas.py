"""The painted mask: an image on a pane that hangs on the camera, in the photo's frame.

The pane is there to be painted on in Blender's *Texture Paint*; what is seen over the photo is
drawn by :mod:`.overlay`. Paint is a part of the .blend: its image is packed when the file is saved.
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from .paint import Paint, classified, painted
from .placing import have_one_shape
from .properties import said_by
from .reference import Stage
from .strokes import collection_of, hang, is_own

NAME = "Livescape Mask"
SIDE = 1024
"""Most pixels of the long side: enough for what a brush draws, and read within milliseconds."""


def is_canvas(item: bpy.types.Object | None) -> bool:
    """Whether an object is a painted mask."""
    return item is not None and item.type == "MESH" and said_by(item).mask is not None


def canvases(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Return the painted masks of a scene; there is mostly one, if any."""
    return [item for item in scene.objects if is_canvas(item)]


def add_canvas(scene: bpy.types.Scene, stage: Stage) -> bpy.types.Object:
    """Add an empty mask in the size of the photo, and return its object."""
    width, height = stage.photo
    mesh = bpy.data.meshes.new(NAME)
    x, y = width / max(stage.photo) / 2.0, height / max(stage.photo) / 2.0
    mesh.from_pydata([(-x, -y, 0), (x, -y, 0), (x, y, 0), (-x, y, 0)], [], [(0, 1, 2, 3)])
    corners: Any = mesh.uv_layers.new(name="UVMap")
    corners.data.foreach_set("uv", [0, 0, 1, 0, 1, 1, 0, 1])
    mesh.materials.append(bpy.data.materials.new(NAME))
    item = bpy.data.objects.new(NAME, mesh)
    item.hide_render = True
    item.display_type = "WIRE"
    item.lock_location = item.lock_rotation = item.lock_scale = (True, True, True)
    nothing = np.zeros(canvas_size(stage.photo)[::-1], bool)
    use_paint(item, Paint(nothing, nothing))
    collection_of(scene).objects.link(item)
    hang(item, stage)
    return item


def canvas_size(photo: tuple[int, int]) -> tuple[int, int]:
    """Return width and height of the mask of a photo of this width and height."""
    factor = min(1.0, SIDE / max(photo))
    width, height = (max(1, round(side * factor)) for side in photo)
    return width, height


def remove_canvas(item: bpy.types.Object) -> None:
    """Delete a mask, and what belongs to no other."""
    mesh, image = item.data, said_by(item).mask
    material = mesh.materials[0] if isinstance(mesh, bpy.types.Mesh) and mesh.materials else None
    bpy.data.objects.remove(item)
    for block in (mesh, material, image):
        if block is not None and block.users == 0:
            bpy.data.batch_remove([block])


def fits(item: bpy.types.Object, photo: tuple[int, int]) -> bool:
    """Whether a mask has the shape of a photo of this width and height."""
    width, height = said_by(item).mask.size
    return have_one_shape((width, height), photo)


def own_canvas(scene: bpy.types.Scene, photo: tuple[int, int]) -> bpy.types.Object | None:
    """Return a mask of a photo of this width and height that can be changed, None if none is."""
    for item in canvases(scene):
        if is_own(item) and fits(item, photo):
            return item
    return None


def read_paint(scene: bpy.types.Scene, photo: tuple[int, int]) -> Paint | None:
    """Return what is painted on a photo; None if nothing is."""
    whole: Paint | None = None
    for item in canvases(scene):
        if fits(item, photo):
            paint = paint_of(item)
            whole = paint if whole is None else paint.over(whole)
    if whole is None or not (whole.moving.any() or whole.standing.any()):
        return None
    return whole


def paint_of(item: bpy.types.Object) -> Paint:
    """Return what is painted on one mask."""
    image = said_by(item).mask
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    return classified(pixels.reshape(height, width, 4))


def use_paint(item: bpy.types.Object, paint: Paint) -> None:
    """Give a mask other paint.

    It gets another image, so that the paint from before comes back with a step of undo: Blender
    undoes strokes of a brush in an image, and nothing else that changes its pixels. Nobody uses the
    image from before then, so no file will have it.
    """
    before = said_by(item).mask
    if before is not None and before.is_dirty:
        before.pack()
    width, height = paint.size
    image = bpy.data.images.new(NAME, width, height, alpha=True)
    space: Any = image.colorspace_settings
    space.name = "Non-Color"
    image.generated_color = (0.0, 0.0, 0.0, 0.0)
    pixels: Any = image.pixels
    pixels.foreach_set(np.ascontiguousarray(painted(paint)).ravel())
    image.pack()
    said_by(item).mask = image
    _show_on(item, image)


def keep_paint() -> None:
    """Pack what was painted since it was packed last; before the file is saved."""
    images = {said_by(item).mask for scene in bpy.data.scenes for item in canvases(scene)}
    for image in images:
        if image.is_dirty and image.library is None:
            image.pack()


def _show_on(item: bpy.types.Object, image: bpy.types.Image) -> None:
    """Let a pane's material have the image to be painted on."""
    mesh = item.data
    assert isinstance(mesh, bpy.types.Mesh)
    material: Any = mesh.materials[0]
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    picture, output = nodes.new("ShaderNodeTexImage"), nodes.new("ShaderNodeOutputMaterial")
    picture.image = image
    nodes.active = picture
    links.new(picture.outputs["Color"], output.inputs["Surface"])
