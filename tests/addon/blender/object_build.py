"""Builds, rebuilds and varies the object; saves a shot and renders frames of it."""

from dataclasses import replace
from pathlib import Path

import bpy
import common
import numpy as np
from tests.addon import synthetic

from livescape_shared.gaussians import Gaussians

common.enable()
folder = Path(common.arguments()["folder"])
blend = folder / "here" / "shot.blend"
blend.parent.mkdir()
scene = bpy.context.scene
common.add_camera()
common.set_render(160, 90)
bpy.ops.wm.save_as_mainfile(filepath=str(blend))


def blocks():
    """Number of data-blocks of the kinds that the object is made of."""
    kinds = (bpy.data.objects, bpy.data.meshes, bpy.data.materials, bpy.data.node_groups)
    return [len(kind) for kind in kinds]


def seen(name):
    """Mean alpha of a frame in mid loop."""
    scene.frame_set(9)
    return float(np.load(common.render(folder / name))[..., 3].mean())


made = synthetic.scene()
common.write_scene(made)
common.addon("render_setup.prepare").prepare(scene)
both = seen("both")
variants = {}
empty = Gaussians.empty()
no_copies = np.zeros((0, 2), np.float32)
meta = made.meta
without_moving = synthetic.Scene(
    replace(meta, moving=0),
    made.static,
    type(made.moving)(empty, no_copies),
    np.zeros((0, 3)),
    np.zeros(0, bool),
)
without_static = synthetic.Scene(
    replace(meta, static=0), empty, made.moving, made.velocity, made.late
)
for name, variant in (("moving", without_static), ("static", without_moving)):
    common.write_scene(variant)
    variants[name] = seen(name)
item = common.write_scene(made)
first_blocks = blocks()
item.location.x = 0.25
item["livescape_speed"] = 0.5
again = common.write_scene(made)
rebuilt = {
    "same": again == item,
    "x": again.location.x,
    "speed": again["livescape_speed"],
    "blocks": [first_blocks, blocks()],
    "drivers": len(again.animation_data.drivers),
}
again.location.x = 0.0
again["livescape_speed"] = 1.0
drivers = [
    [curve.driver.is_valid, curve.driver.is_simple_expression]
    for curve in again.animation_data.drivers
]
bpy.ops.wm.save_mainfile()
images = {}
for frame in (5, 10, 17, -7):
    scene.frame_set(frame)
    images[frame] = common.render(folder / f"with_addon_{frame}")
visible = [again.visible_shadow, again.visible_diffuse, again.visible_glossy, again.visible_camera]
common.leave(
    {
        "blend": str(blend),
        "images": images,
        "both": both,
        "variants": variants,
        "rebuilt": rebuilt,
        "drivers": drivers,
        "paths": bpy.utils.blend_paths(),
        "visible": visible,
    }
)
