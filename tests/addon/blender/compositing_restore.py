"""Sets compositing up around an artist's own nodes, layers and collections, and takes it back."""

import warnings
from pathlib import Path

import bpy
import common
import stage
from tests.addon import synthetic

from livescape_shared.errors import LivescapeError

warnings.simplefilter("ignore", DeprecationWarning)  # 5.0 and newer: Scene.use_nodes
common.enable()
folder = Path(common.arguments()["folder"])
blend = str(folder / "shot.blend")
compat = common.addon("compat")
setups = common.addon("compositing.setups")
bpy.ops.wm.save_as_mainfile(filepath=blend)


def artist_tree(scene):
    """A blur on the image, the depth pass on a viewer."""
    tree = compat.compositor_tree(scene)
    if tree is None:
        tree = compat.add_compositor_tree(scene, "Artist")
    tree.nodes.clear()
    if not compat.HAS_COMPOSITOR_GROUP:
        scene.use_nodes = True
    source = tree.nodes.new("CompositorNodeRLayers")
    blur = tree.nodes.new("CompositorNodeBlur")
    output = tree.nodes.new(compat.compositor_output_type())
    viewer = tree.nodes.new("CompositorNodeViewer")
    tree.links.new(source.outputs["Image"], blur.inputs["Image"])
    tree.links.new(blur.outputs["Image"], output.inputs[0])
    tree.links.new(source.outputs["Depth"], viewer.inputs["Image"])


def collection_tree(collection):
    """Names of objects and collections in it."""
    children = [collection_tree(child) for child in collection.children]
    return [collection.name, sorted(item.name for item in collection.objects), sorted(children)]


def snapshot(scene):
    """Everything that a set-up may touch."""
    tree = compat.compositor_tree(scene)
    return {
        "on": compat.is_compositor_on(scene),
        "tree": tree.name if tree and tree.nodes else "",
        "nodes": sorted([node.name, node.mute] for node in tree.nodes) if tree else [],
        "links": sorted(
            [link.from_node.name, link.from_socket.name, link.to_node.name, link.to_socket.name]
            for link in tree.links
        )
        if tree
        else [],
        "layers": [[layer.name, layer.use] for layer in scene.view_layers],
        "collections": collection_tree(scene.collection),
        "excluded": [child.exclude for child in scene.view_layers[0].layer_collection.children],
        "film": scene.render.film_transparent,
        "nodes in use": compat.HAS_COMPOSITOR_GROUP or scene.use_nodes,
        "switches": [scene.render.use_compositing, scene.render.use_single_layer],
        "keys": sorted(key for key in scene.keys() if key.startswith("livescape_")),
        "blocks": [len(bpy.data.node_groups), len(bpy.data.collections), len(bpy.data.objects)],
    }


def go_through(first, second, reload=False):
    """Set both up, restore them in the order given; return what was there."""
    scene = bpy.context.scene
    before = snapshot(scene)
    said = setups.set_up(scene, bpy.context.view_layer, "srgb")
    said += setups.set_up(scene, bpy.context.view_layer, "depth")
    during = snapshot(scene)
    again = setups.set_up(scene, bpy.context.view_layer, "srgb") and snapshot(scene)
    if reload:
        bpy.ops.wm.save_mainfile()
        bpy.ops.wm.open_mainfile(filepath=blend)
        scene = bpy.context.scene
    for purpose in (first, second):
        setups.restore(scene, purpose)
    after = snapshot(scene)
    return {"before": before, "during": during, "again": again, "after": after, "said": said}


def refusal(scene, layer):
    """The code of the error that a set-up meets."""
    try:
        setups.set_up(scene, layer, "srgb")
    except LivescapeError as error:
        return error.code
    return ""


scene = bpy.context.scene
refusals = [refusal(scene, bpy.context.view_layer)]
item = common.write_scene(synthetic.scene(static=50, pairs=10))
common.add_camera()
common.set_render()
scene.render.film_transparent = False
cases = {"no nodes": go_through("srgb", "depth")}
setting = bpy.data.collections.new("Setting")
hidden = bpy.data.collections.new("Hidden")
for collection in (setting, hidden):
    scene.collection.children.link(collection)
bpy.context.view_layer.layer_collection.children["Hidden"].exclude = True
stage.add_sphere()
stage.add_sphere(collection=setting)
setting.objects.link(item)
scene.collection.objects.unlink(item)
bpy.context.view_layer.use_pass_z = True
artist_tree(scene)
cases["artist's nodes"] = go_through("depth", "srgb", reload=True)
scene = bpy.context.scene
scene.render.use_compositing = False
cases["idle nodes"] = go_through("srgb", "depth")
if not compat.HAS_COMPOSITOR_GROUP:
    scene.render.use_compositing, scene.use_nodes = True, False
    cases["switched off nodes"] = go_through("depth", "srgb")
setups.set_up(scene, bpy.context.view_layer, "depth")
refusals.append(refusal(scene, scene.view_layers["Livescape Depth"]))
ours = next(item for item in scene.objects if "livescape_name" in item)
ours.material_slots[0].material = None
refusals.append(refusal(scene, scene.view_layers[0]))
common.leave({"cases": cases, "refusals": refusals})
