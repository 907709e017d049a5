"""Render what the documentation shows, in Blender; ``__main__.py`` runs this and makes the sheets.

Run by a Python that has Blender as a module. Leaves one ``.npy`` a picture in ``--out``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

FRAME = 24
ENGINES = ("CYCLES", "EEVEE")
CENTER, RADIUS = (-2.3, 9.0, -0.95), 0.8
"""Half in the river of the demo, metres."""

BLUR_FRAMES = 12.0
SAMPLES = 8


def parse_arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--zip", type=Path, required=True, help="the built extension")
    parser.add_argument("--blend", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


options = parse_arguments()
os.environ["BLENDER_USER_RESOURCES"] = str(options.out / "resources")

import bpy  # noqa: E402 - reads the variable above
from blender_session import addon, group_node, open_scene, render, show, use_engine  # noqa: E402


def add_ball() -> bpy.types.Object:
    """Add a lacquered ball to the river, a sun and a grey sky that light it."""
    bpy.ops.mesh.primitive_uv_sphere_add(segments=96, ring_count=48, radius=RADIUS, location=CENTER)
    ball = bpy.context.object
    bpy.ops.object.shade_smooth()
    material = bpy.data.materials.new("Lacquer")
    material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (0.6, 0.05, 0.02, 1.0)
    shader.inputs["Roughness"].default_value = 0.3
    ball.data.materials.append(material)
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.data.energy, sun.rotation_euler = 2.5, (0.7, 0.5, 0.0)
    bpy.context.scene.collection.objects.link(sun)
    world = bpy.data.worlds.new("Sky")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.5, 0.55, 0.6, 1.0)
    bpy.context.scene.world = world
    return ball


def shoot_engines(out: Path) -> None:
    """The scene alone, and in sRGB by the two-layer set-up."""
    for engine in ENGINES:
        use_engine(engine, 1)
        render(out / f"plain_{engine}")
    use_engine("CYCLES", 1)
    bpy.ops.livescape.set_up_srgb()
    render(out / "srgb")
    bpy.ops.livescape.restore_srgb()


def shoot_blur(out: Path) -> None:
    """Motion blur of the river and of the travelling camera, with a very long shutter."""
    scene = bpy.context.scene
    use_engine("CYCLES", 1)
    render(out / "sharp")
    scene.render.use_motion_blur, scene.render.motion_blur_shutter = True, BLUR_FRAMES
    for engine in ENGINES:
        use_engine(engine, SAMPLES if engine == "CYCLES" else 1)
        render(out / f"blur_{engine}")
    scene.render.use_motion_blur = False


def shoot_ball(out: Path, ball: bpy.types.Object) -> None:
    """The ball in the river by both engines, and as a holdout."""
    for engine in ENGINES:
        use_engine(engine, SAMPLES)
        render(out / f"ball_{engine}")
    use_engine("CYCLES", 1)
    ball.is_holdout = True
    render(out / "holdout")
    ball.is_holdout = False


def shoot_depth(out: Path) -> None:
    """The depth pass, the matte of EEVEE, and fog made of depth by compositor nodes."""
    bpy.ops.livescape.add_depth_pass()
    node = group_node("Livescape Depth")
    image = addon("compat").compositor_tree(bpy.context.scene).nodes
    source = next(item for item in image if getattr(item, "layer", "") == "ViewLayer")
    use_engine("CYCLES", SAMPLES)
    show(node.outputs["Metres"])
    render(out / "depth")
    graph_module = addon("splats.graph")
    graph = graph_module.Graph(node.id_data)
    metres = graph_module.Wire(graph, node.outputs["Metres"])
    clear = graph.calculate("EXPONENT", metres * (-1.0 / 45.0))
    # Mix Color: its inputs are factor, first and second colour from the sixth on
    mix = graph.node("ShaderNodeMix", data_type="RGBA")
    graph.feed(mix.inputs[0], clear)
    mix.inputs[6].default_value = (0.62, 0.66, 0.7, 1.0)
    graph.feed(mix.inputs[7], graph_module.Wire(graph, source.outputs["Image"]))
    show(mix.outputs[2])
    render(out / "fog")
    use_engine("EEVEE", 1)
    show(node.outputs["Matte"])
    render(out / "matte_EEVEE")
    bpy.ops.livescape.remove_depth_pass()


def shoot_cryptomatte(out: Path, ball: bpy.types.Object) -> None:
    """Cryptomatte of the ball and of the Gaussians, by Cycles."""
    compat = addon("compat")
    scene, layer = bpy.context.scene, bpy.context.view_layer
    layer.use_pass_cryptomatte_object = True
    use_engine("CYCLES", SAMPLES)
    tree = compat.add_compositor_tree(scene, "Mattes")
    source = tree.nodes.new("CompositorNodeRLayers")
    tree.nodes.new(compat.compositor_output_type())
    for name, file in ((ball.name, "matte_ball"), ("Livescape", "matte_gaussians")):
        node = tree.nodes.new("CompositorNodeCryptomatteV2")
        node.layer_name, node.matte_id = f"{layer.name}.CryptoObject", name
        tree.links.new(source.outputs["Image"], node.inputs[0])
        show(node.outputs["Matte"])
        render(out / file)


def main() -> None:
    """Render everything; leave camera and cache of the frame in ``shot.json``."""
    out = options.out
    scene = open_scene(options.zip.resolve(), options.blend.resolve())
    scene.render.film_transparent = True
    scene.frame_set(1)
    camera = addon("camera.path").read_camera(scene, bpy.context.evaluated_depsgraph_get())
    played = addon("splats.object").splat_objects(scene)[0]
    cache = str(Path(played.cache_file).parent)
    shot = {"camera": camera.to_dict(), "cache": cache}
    (out / "shot.json").write_text(json.dumps(shot), encoding="utf-8")
    shoot_engines(out)
    scene.frame_set(FRAME)
    shoot_blur(out)
    ball = add_ball()
    shoot_ball(out, ball)
    shoot_depth(out)
    shoot_cryptomatte(out, ball)


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # Blender as a module can hang in its own exit
