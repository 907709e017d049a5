"""A Blender of its own with the extension installed and the demo's scene open."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import bpy
import numpy as np

MODULE = "bl_ext.user_default.livescape"


def open_scene(archive: Path, blend: Path) -> bpy.types.Scene:
    """Install the extension as a user does from disk and open ``blend``; return its scene."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.extensions.package_install_files(
        filepath=str(archive), repo="user_default", enable_on_install=True
    )
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    return bpy.context.scene


def addon(name: str) -> Any:
    """Return a module of the installed add-on."""
    return importlib.import_module(f"{MODULE}.{name}")


def use_engine(name: str, samples: int) -> None:
    """Render by ``CYCLES`` or ``EEVEE``, prepared by the add-on, at this many samples."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES" if name == "CYCLES" else addon("compat").eevee_engine()
    addon("render_setup.prepare").prepare(scene)
    scene.cycles.samples = scene.eevee.taa_render_samples = samples


def render(path: Path) -> None:
    """Render the current frame and store it as ``.npy`` [H, W, 4], linear, top row first."""
    scene = bpy.context.scene
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.image_settings.color_depth = "32"
    scene.render.filepath = str(path.with_suffix(".exr"))
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(scene.render.filepath)
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    np.save(path.with_suffix(".npy"), pixels.reshape(height, width, 4)[::-1])


def show(socket: bpy.types.NodeSocket) -> None:
    """Put an output of the compositor tree in place of the image."""
    compat = addon("compat")
    tree = compat.compositor_tree(bpy.context.scene)
    kind = compat.compositor_output_type()
    target = next(node for node in tree.nodes if node.bl_idname == kind)
    tree.links.new(socket, target.inputs[0])


def group_node(name: str) -> bpy.types.Node:
    """Return the compositor node that runs a set-up's group."""
    tree = addon("compat").compositor_tree(bpy.context.scene)
    return next(
        node
        for node in tree.nodes
        if node.bl_idname == "CompositorNodeGroup" and node.node_tree.name.startswith(name)
    )
