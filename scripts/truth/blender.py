"""Builds a landscape in Blender and renders views of it: the picture, and what is true of it.

Cycles without bounces: sunlight, shadows and a share of light from everywhere, so that pictures
are free of noise at few samples and equal on every machine. What is true comes from a second
render of one sample at the centre of each pixel.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray
from scripts.truth.landscapes import Landscape
from scripts.truth.surfaces import Surface, texels_per_pixel
from scripts.truth.textures import BLURS, levels

NodeMaker = Callable[..., Any]
Linker = Callable[[Any, Any], None]
Rows = list[list[float]]

AMBIENT = 0.45
PASSES = ("velocity", "coordinate", "label")
"""What is true, beside the position: metres a frame, place on the texture, label of the surface."""


def build(
    landscape: Landscape, textures: dict[str, NDArray[np.float64]], width: int, samples: int
) -> None:
    """Replace whatever Blender holds by ``landscape``, for pictures ``width`` pixels wide."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene: Any = bpy.context.scene
    scene.world = bpy.data.worlds.new("world")
    scene.world.color = (0.0, 0.0, 0.0)
    _set_renderer(scene, samples)
    images = {
        name: [_image(f"{name}.{k}", pixels) for k, pixels in enumerate(levels(texture))]
        for name, texture in textures.items()
    }
    for surface in landscape.surfaces:
        _add(scene, surface, images[surface.texture], landscape, _focal(landscape, width))
    elevation, azimuth = (math.radians(angle) for angle in landscape.sun)
    lamp: Any = bpy.data.lights.new("sun", "SUN")
    lamp.energy, lamp.angle, lamp.color = math.pi * 0.95, 0.0, landscape.warmth
    sun = bpy.data.objects.new("sun", lamp)
    sun.rotation_euler = (math.pi / 2 - elevation, 0.0, azimuth)
    scene.collection.objects.link(sun)
    scene.camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    scene.collection.objects.link(scene.camera)


def photo_camera(
    landscape: Landscape, size: tuple[int, int]
) -> tuple[list[list[float]], list[list[float]]]:
    """Return K [3, 3] and the world-to-camera matrix [4, 4], OpenCV axes, of the photograph."""
    width, height = size
    focal = _focal(landscape, width)
    K = [[focal, 0.0, width / 2], [0.0, focal, height / 2], [0.0, 0.0, 1.0]]
    down = math.radians(landscape.pitch)
    rotation = np.array(
        [
            [1.0, 0.0, 0.0],
            [0.0, -math.sin(down), -math.cos(down)],
            [0.0, math.cos(down), -math.sin(down)],
        ]
    )
    viewmat = np.eye(4)
    viewmat[:3, :3] = rotation
    viewmat[:3, 3] = -rotation @ np.array([0.0, 0.0, landscape.height])
    return K, viewmat.tolist()


def _focal(landscape: Landscape, width: int) -> float:
    return width / (2.0 * math.tan(math.radians(landscape.fov) / 2.0))


def render_view(view: dict[str, Any], size: tuple[int, int], folder: Path, samples: int) -> None:
    """Write ``NAME.picture.exr`` and ``NAME.data.exr`` of one view.

    Args:
        view: ``name``, ``frame``, ``K`` and ``viewmat``.
        size: Width and height in pixels.
        folder: Where to write.
        samples: Of the picture.
    """
    scene: Any = bpy.context.scene
    scene.render.resolution_x, scene.render.resolution_y = size
    _place(scene.camera, np.array(view["K"]), np.array(view["viewmat"]), size)
    materials: Any = bpy.data.materials
    for material in materials:
        material.node_tree.nodes["time"].outputs[0].default_value = float(view["frame"])
    layer = scene.view_layers[0]
    for kind in ("picture", "data"):
        truth = kind == "data"
        scene.cycles.samples = 1 if truth else samples
        scene.cycles.pixel_filter_type = "BOX" if truth else "BLACKMAN_HARRIS"
        scene.cycles.filter_width = 0.01 if truth else 1.5
        layer.use_pass_position = truth
        scene.render.filepath = str(folder / f"{view['name']}.{kind}.exr")
        bpy.ops.render.render(write_still=True)


def _set_renderer(scene: Any, samples: int) -> None:
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = samples
    scene.cycles.seed = 0
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = False
    scene.cycles.max_bounces = 0
    scene.render.use_persistent_data = True
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.render.image_settings.color_depth = "32"
    scene.render.image_settings.exr_codec = "ZIP"
    for name in PASSES:
        aov = scene.view_layers[0].aovs.add()
        aov.name, aov.type = name, "COLOR"


def _place(
    camera: Any,
    K: NDArray[np.float64],
    viewmat: NDArray[np.float64],
    size: tuple[int, int],
) -> None:
    width, height = size
    camera.data.sensor_fit, camera.data.sensor_width = "HORIZONTAL", 36.0
    camera.data.lens = K[0, 0] * 36.0 / width
    camera.data.shift_x = (width / 2 - K[0, 2]) / width
    camera.data.shift_y = (K[1, 2] - height / 2) / width
    camera.data.clip_start, camera.data.clip_end = 0.01, 1e5
    placed = np.linalg.inv(viewmat) @ np.diag([1.0, -1.0, -1.0, 1.0])
    camera.matrix_world = Matrix(placed.tolist())


def _image(name: str, pixels: NDArray[np.float64]) -> Any:
    height, width, _ = pixels.shape
    image: Any = bpy.data.images.new(name, width, height, float_buffer=False)
    image.colorspace_settings.name = "sRGB"
    rgba = np.concatenate([pixels, np.ones((height, width, 1))], axis=-1)
    image.pixels.foreach_set(rgba.astype(np.float32).reshape(-1))
    image.update()
    image.pack()
    return image


def _add(
    scene: Any,
    surface: Surface,
    images: list[Any],
    landscape: Landscape,
    focal: float,
) -> None:
    mesh = bpy.data.meshes.new(surface.name)
    mesh.from_pydata(surface.vertices.tolist(), [], surface.faces.tolist())
    count = len(surface.vertices)
    none = np.zeros((count, 2))
    flat = {
        "place": np.column_stack([surface.coordinates, np.zeros(count)]),
        "rate": np.column_stack([none if surface.rate is None else surface.rate, np.zeros(count)]),
        "motion": np.zeros((count, 3)) if surface.velocity is None else surface.velocity,
    }
    for name, values in flat.items():
        attribute: Any = mesh.attributes.new(name, "FLOAT_VECTOR", "POINT")
        attribute.data.foreach_set("vector", np.ascontiguousarray(values, np.float32).reshape(-1))
    mesh.materials.append(_material(surface, images, landscape, focal))
    mesh.update()
    thing = bpy.data.objects.new(surface.name, mesh)
    thing.visible_shadow = not surface.glows
    thing.visible_diffuse = False  # what glows is seen, and lights nothing
    scene.collection.objects.link(thing)


def _material(surface: Surface, images: list[Any], landscape: Landscape, focal: float) -> Any:
    material: Any = bpy.data.materials.new(surface.name)
    material.use_nodes = True
    material.cycles.emission_sampling = "NONE"  # else what glows would light what stands
    tree: Any = material.node_tree
    tree.nodes.clear()

    def node(kind: str, **values: Any) -> Any:
        made = tree.nodes.new(kind)
        for key, value in values.items():
            setattr(made, key, value)
        return made

    def link(output: Any, target: Any) -> None:
        tree.links.new(output, target)

    time = node("ShaderNodeValue", name="time")
    place, rate, motion = (
        node("ShaderNodeAttribute", attribute_name=name) for name in ("place", "rate", "motion")
    )
    passed = node("ShaderNodeVectorMath", operation="SCALE")
    now = node("ShaderNodeVectorMath", operation="SUBTRACT")
    link(rate.outputs["Vector"], passed.inputs[0])
    link(time.outputs[0], passed.inputs["Scale"])
    link(place.outputs["Vector"], now.inputs[0])
    link(passed.outputs[0], now.inputs[1])
    colour = _colour(
        node, link, now.outputs[0], images, texels_per_pixel(surface, landscape.height, focal)
    )
    _write_truth(node, link, surface, now, motion)
    shade = _shading(node, link, surface, colour, landscape)
    link(shade.outputs[0], node("ShaderNodeOutputMaterial").inputs["Surface"])
    return material


def _write_truth(node: NodeMaker, link: Linker, surface: Surface, now: Any, motion: Any) -> None:
    velocity, coordinate, label = (node("ShaderNodeOutputAOV", aov_name=name) for name in PASSES)
    link(motion.outputs["Vector"], velocity.inputs["Color"])
    link(now.outputs[0], coordinate.inputs["Color"])
    label.inputs["Color"].default_value = (surface.label, surface.label, surface.label, 1.0)


def _colour(
    node: NodeMaker,
    link: Linker,
    place: Any,
    images: list[Any],
    texels: tuple[float, float],
) -> Any:
    """Return the texture's colour, the smoother the more of it a pixel sees at once.

    Without this, what is far away would flicker as no photograph does.
    """
    factor, power = texels
    distance = node("ShaderNodeCameraData").outputs["View Distance"]
    grown = node("ShaderNodeMath", operation="POWER")
    link(distance, grown.inputs[0])
    grown.inputs[1].default_value = power
    seen = node("ShaderNodeMath", operation="MULTIPLY")
    link(grown.outputs[0], seen.inputs[0])
    seen.inputs[1].default_value = factor
    colour = None
    for blur, image in zip(BLURS, images, strict=True):
        texture = node("ShaderNodeTexImage", image=image, extension="REPEAT")
        link(place, texture.inputs["Vector"])
        if colour is None:
            colour = texture.outputs["Color"]
            continue
        share = node("ShaderNodeMapRange", clamp=True)
        link(seen.outputs[0], share.inputs["Value"])
        share.inputs["From Min"].default_value = 0.5 * blur
        share.inputs["From Max"].default_value = 2.0 * blur
        mixed = node("ShaderNodeMixRGB")
        link(share.outputs[0], mixed.inputs[0])
        link(colour, mixed.inputs[1])
        link(texture.outputs["Color"], mixed.inputs[2])
        colour = mixed.outputs[0]
    return colour


def _shading(
    node: NodeMaker, link: Linker, surface: Surface, colour: Any, landscape: Landscape
) -> Any:
    """Return the shader: sun and light from everywhere, seen through haze."""
    glow = node("ShaderNodeEmission")
    link(colour, glow.inputs["Color"])
    if surface.glows:
        return glow
    glow.inputs["Strength"].default_value = AMBIENT
    diffuse = node("ShaderNodeBsdfDiffuse")
    link(colour, diffuse.inputs["Color"])
    lit = node("ShaderNodeAddShader")
    link(glow.outputs[0], lit.inputs[0])
    link(diffuse.outputs[0], lit.inputs[1])
    distance = node("ShaderNodeCameraData")
    share = node("ShaderNodeMath", operation="DIVIDE")
    link(distance.outputs["View Distance"], share.inputs[0])
    share.inputs[1].default_value = -landscape.haze
    clear = node("ShaderNodeMath", operation="EXPONENT")
    link(share.outputs[0], clear.inputs[0])
    haze = node("ShaderNodeEmission")
    haze.inputs["Color"].default_value = (0.45, 0.56, 0.70, 1.0)
    mixed = node("ShaderNodeMixShader")
    link(clear.outputs[0], mixed.inputs[0])
    link(haze.outputs[0], mixed.inputs[1])
    link(lit.outputs[0], mixed.inputs[2])
    return mixed


def read_photo(path: Path) -> NDArray[np.float64]:
    """Return the photograph [768, 1024, 3] in 0..1, display sRGB."""
    image: Any = bpy.data.images.load(str(path))
    image.scale(1024, 768)
    pixels = np.empty(1024 * 768 * 4, np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(768, 1024, 4)[::-1, :, :3].astype(np.float64)


def render_all(
    views: Iterable[dict[str, Any]], size: tuple[int, int], folder: Path, samples: int
) -> None:
    """Render ``views`` one after the other; see :func:`render_view`."""
    for view in views:
        render_view(view, size, folder, samples)
