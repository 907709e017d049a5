"""Runs inside Blender: the add-on enabled as a user has it, scenes, pictures, the way out."""

import importlib
import json
import os
import sys
from pathlib import Path

import bpy
import numpy as np

MODULE = "bl_ext.user_default.livescape"


def enable() -> None:
    """Enable the installed extension in an empty scene."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.preferences.addon_enable(module=MODULE)


def addon(name: str):
    """Return a module of the installed add-on."""
    return importlib.import_module(f"{MODULE}.{name}")


def shared(name: str):
    """Return a module of what the add-on shares with the backend; it must be enabled."""
    return importlib.import_module(f"livescape_shared.{name}")


def arguments() -> dict:
    """Return what the test gave."""
    return json.loads(sys.argv[1])


def leave(result) -> None:
    """Hand the result to the test; the module can hang in a normal exit."""
    Path(arguments()["result"]).write_text(json.dumps(result))
    sys.stdout.flush()
    os._exit(0)


def add_camera(location=(0.0, 0.0, 0.0), rotation=(np.pi / 2, 0.0, 0.0), lens=30.0):
    """Add a camera that looks along +y and make it active."""
    data = bpy.data.cameras.new("Camera")
    data.lens = lens
    item = bpy.data.objects.new("Camera", data)
    item.location, item.rotation_euler = location, rotation
    bpy.context.scene.collection.objects.link(item)
    bpy.context.scene.camera = item
    return item


def set_render(width=240, height=135, percentage=100) -> None:
    """Render one sample a pixel, at its centre, over nothing."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.film_transparent = True
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.resolution_percentage = percentage
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_depth = "32"


def write_noise(path: Path, width=240, height=160) -> str:
    """Write a picture of noise and return its path."""
    image = bpy.data.images.new("noise", width, height)
    image.pixels.foreach_set(np.random.default_rng(0).random(4 * width * height, np.float32))
    bpy.context.scene.render.image_settings.file_format = "PNG"
    image.save_render(str(path), scene=bpy.context.scene)
    bpy.data.images.remove(image)
    return str(path)


def render(path: Path) -> str:
    """Render the current frame and store it as ``.npy`` [H, W, 4], top row first."""
    scene = bpy.context.scene
    scene.render.filepath = str(path.with_suffix(".exr"))
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(scene.render.filepath)
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    np.save(path.with_suffix(".npy"), pixels.reshape(height, width, 4)[::-1])
    return str(path.with_suffix(".npy"))


def write_scene(scene, name="Livescape"):
    """Store a synthetic scene as a new generation and let the object of this name play it."""
    folder = write_cache(scene, name)
    return addon("generate.place").place_object(bpy.context.scene, folder, name)


def write_cache(scene, name="Livescape") -> Path:
    """Store a synthetic scene as a new generation and return its folder."""
    root = addon("cache.cache_folder").caches_folder()
    writer = shared("cache.writer").CacheWriter(root, name, {})
    writer.begin(scene.meta)
    writer.static(scene.static)
    writer.moving(scene.moving)
    for frame in scene.frames():
        writer.frame(frame)
    writer.finish()
    return writer.folder


def make_early(folder: Path, scene, version: int = 3) -> None:
    """Make a cache one of an early version: what is at rest in PLY files."""
    names = shared("cache.names")
    for name in (names.STATIC, names.MOVING):
        (folder / name).unlink()
    shared("ply").write_ply(folder / names.EARLY_STATIC, scene.static)
    shared("ply").write_ply(folder / names.EARLY_MOVING, scene.moving.gaussians)
    np.save(folder / names.EARLY_WINDOWS, scene.moving.windows)
    values = json.loads((folder / "meta.json").read_text())
    if version < 3:
        del values["scene"]["deforms"]
    entry = shared("cache.manifest").file_entry
    files = (names.POINT_CACHE, *names.EARLY_FILES)
    values |= {"version": version, "files": {name: vars(entry(folder / name)) for name in files}}
    (folder / "meta.json").write_text(json.dumps(values))


def current_camera() -> dict:
    """Return the active camera as the add-on reads it."""
    read = addon("camera.path").read_camera
    return read(bpy.context.scene, bpy.context.evaluated_depsgraph_get()).to_dict()


def input_value(item, name: str):
    """Return an input of the billboards by its name."""
    modifier = item.modifiers["Livescape Billboards"]
    identifier = addon("splats.interface").input_identifier(modifier.node_group, name)
    return addon("compat").modifier_input(modifier, identifier)
