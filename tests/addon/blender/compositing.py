"""Gaussians, a sphere among them, a plane beneath: renders, passes and mattes by each engine."""

from pathlib import Path

import bpy
import common
import stage
from tests.addon import synthetic

common.enable()
given = common.arguments()
folder = Path(given["folder"])
scene = bpy.context.scene
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
item = common.write_scene(synthetic.scene())
camera = common.add_camera()
common.set_render()
sphere = stage.add_sphere()
plane = stage.add_lit_plane()
compat = common.addon("compat")
setups = common.addon("compositing.setups")
layer = bpy.context.view_layer
images = {}
engine = given["engine"]


def shoot(name):
    images[name] = common.render(folder / f"{engine}_{name}")


def show(socket):
    """Put an output in place of the image."""
    tree = compat.compositor_tree(scene)
    kind = compat.compositor_output_type()
    target = next(node for node in tree.nodes if node.bl_idname == kind)
    tree.links.new(socket, target.inputs[0])


def shoot_before_a_sky():
    """The set-up where the film is opaque and a world lies behind."""
    scene.world = stage.sky()
    scene.render.film_transparent = False
    setups.set_up(scene, layer, "srgb")
    shoot("srgb before a sky")
    setups.restore(scene, "srgb")
    scene.render.film_transparent, scene.world = True, None


def shoot_depth():
    """The depth pass in metres, at a unit of half a metre, and its matte."""
    scene.unit_settings.scale_length = 0.5
    setups.set_up(scene, layer, "depth")
    tree = compat.compositor_tree(scene)
    group = next(node for node in tree.nodes if node.bl_idname == "CompositorNodeGroup")
    for output in ("Metres", "Matte"):
        show(group.outputs[output])
        shoot(output)
    setups.restore(scene, "depth")


def shoot_mattes():
    """Cryptomatte and object index of Gaussians and sphere: passes of Cycles."""
    layer.use_pass_cryptomatte_object = layer.use_pass_object_index = True
    item.pass_index, sphere.pass_index = 7, 3
    tree = compat.add_compositor_tree(scene, "Mattes")
    source = tree.nodes.new("CompositorNodeRLayers")
    tree.nodes.new(compat.compositor_output_type())
    for name in (item.name, sphere.name):
        node = tree.nodes.new("CompositorNodeCryptomatteV2")
        node.layer_name, node.matte_id = f"{layer.name}.CryptoObject", name
        tree.links.new(source.outputs["Image"], node.inputs[0])
        show(node.outputs["Matte"])
        shoot(f"cryptomatte {name}")
    show(source.outputs["Object Index" if compat.HAS_COMPOSITOR_GROUP else "IndexOB"])
    shoot("index")


def shoot_light():
    """The lit plane beside slender Gaussians, beside such that cast shadows, and alone."""
    sphere.hide_render, plane.hide_render = True, False
    item.scale.x = 0.3
    shoot("plane")
    item.visible_shadow = item.visible_diffuse = True
    shoot("plane shadowed")
    item.hide_render = True
    shoot("plane alone")


scene.frame_set(10)
stage.use_engine(engine)
plane.hide_render = True
shoot("linear")
setups.set_up(scene, layer, "srgb")
shoot("srgb")
setups.restore(scene, "srgb")
shoot_before_a_sky()
sphere.is_holdout = True
shoot("holdout")
sphere.is_holdout = False
shoot_depth()
if engine == "CYCLES":
    shoot_mattes()
    compat.compositor_tree(scene).nodes.clear()
    scene.render.use_compositing = False
    layer.use_pass_cryptomatte_object = layer.use_pass_object_index = False
shoot_light()
common.leave({"images": images, "camera": common.current_camera()})
