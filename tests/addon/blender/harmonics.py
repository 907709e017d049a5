"""Renders Gaussians whose colour depends on the view, of every degree, from several cameras."""

from pathlib import Path

import bpy
import common
import numpy as np
from mathutils import Euler, Matrix
from tests.addon import synthetic

common.enable()
folder = Path(common.arguments()["folder"])
build = common.addon("splats.build")
contents = common.addon("splats.content")
objects = common.addon("splats.object")
find = objects.find_object
scene = bpy.context.scene
camera = common.add_camera()
common.set_render(160, 90)
common.addon("render_setup.prepare").prepare(scene)
shots = []


def shoot(name, item, degree):
    """Render what the camera sees now."""
    scene.frame_set(3)
    shots.append(
        {
            "name": name,
            "degree": degree,
            "image": common.render(folder / name),
            "camera": common.current_camera(),
            "object": [list(row) for row in item.matrix_world],
        }
    )


def content(harmonics):
    """A static scene with these coefficients."""
    made = synthetic.scene(static=1500, pairs=0)
    return contents.SplatContent("Colours", made.meta, made.static, made.moving, "", harmonics)


for degree in (1, 2, 3):
    harmonics = synthetic.harmonics(1500, degree)
    item = build.build_object(scene, content(harmonics), find(scene, "Colours"))
    shoot(f"degree {degree}", item, degree)
camera.location = (1.5, 0.5, -0.4)
item.matrix_world = (
    Matrix.Translation((0.3, 1.0, -0.2))
    @ Euler((0.4, -0.2, 0.8)).to_matrix().to_4x4()
    @ Matrix.Diagonal((1.2, 1.2, 1.2, 1.0))
)
shoot("moved object", item, degree)
plain = build.build_object(scene, content(None), find(scene, "Colours"))
refused = []
for shape in ((1500, 4, 3), (1499, 3, 3), (1500, 3)):
    try:
        content(np.zeros(shape, np.float32))
    except ValueError as error:
        refused.append(str(error))
common.leave(
    {
        "shots": shots,
        "refused": refused,
        "nodes": len(plain.modifiers["Livescape Billboards"].node_group.nodes),
        "attributes": sorted(a.name for a in objects.SplatObject(plain).static.data.attributes),
    }
)
