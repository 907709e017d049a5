"""What Cycles shows of three balls through cameras that are scaled, mirrored, sheared."""

from pathlib import Path

import bpy
import common
import numpy as np
from mathutils import Euler, Matrix

from livescape_shared.errors import LivescapeError

BALLS = {0: (2.0, 2.0, -10.0), 1: (-2.0, 2.0, -10.0), 2: (2.0, 2.0, 10.0)}
"""By colour channel; before the camera as it is placed, and behind it."""

SIDE = 48
PLACE = Matrix.Translation((3.0, -2.0, 1.5)) @ Euler((1.1, 0.2, -0.7)).to_matrix().to_4x4()

common.enable()
folder = Path(common.arguments()["folder"])
scene = bpy.context.scene
common.set_render(SIDE, SIDE)
scene.cycles.samples = 1
camera = common.add_camera()


def add_ball(channel, place):
    at = PLACE @ Matrix.Translation(place).translation
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=2, radius=0.7, location=at)
    material = bpy.data.materials.new("Ball")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    emission = tree.nodes.new("ShaderNodeEmission")
    emission.inputs[0].default_value = [*(float(i == channel) for i in range(3)), 1.0]
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(emission.outputs[0], output.inputs[0])
    bpy.context.object.data.materials.append(material)


def seen():
    """Where each ball is in the render, from the top left; None if it is not there."""
    pixels = np.load(common.render(folder / "seen"))
    found = []
    for channel in BALLS:
        rows, columns = np.nonzero(pixels[..., channel] > 0.5)
        found.append([columns.mean() + 0.5, rows.mean() + 0.5] if len(rows) else None)
    return found


def expected():
    """Where each ball is for the camera as it is read."""
    read = common.addon("camera.path").read_camera
    seen_by = read(scene, bpy.context.evaluated_depsgraph_get())
    found = []
    for item in (each for each in scene.objects if each.type == "MESH"):
        point = seen_by.viewmat[:3, :3] @ np.array(item.location) + seen_by.viewmat[:3, 3]
        pixel = seen_by.K @ point
        found.append((pixel[:2] / pixel[2]).tolist() if point[2] > 0.0 else None)
    return found


def look(matrix, parent=None):
    camera.parent = parent
    camera.matrix_parent_inverse = Matrix.Identity(4)
    camera.matrix_basis = matrix
    bpy.context.view_layer.update()
    said = common.addon("camera.remarks").remarks(scene)
    return {"seen": seen(), "expected": expected(), "said": said}


for channel, place in BALLS.items():
    add_ball(channel, place)
dolly = bpy.data.objects.new("Dolly", None)
scene.collection.objects.link(dolly)
result = {
    "plain": look(PLACE),
    "larger": look(PLACE @ Matrix.Diagonal((3.0, 3.0, 3.0, 1.0))),
    "uneven": look(PLACE @ Matrix.Diagonal((0.5, 2.0, 7.0, 1.0))),
    "mirrored x": look(PLACE @ Matrix.Diagonal((-1.0, 1.0, 1.0, 1.0))),
    "mirrored y": look(PLACE @ Matrix.Diagonal((1.0, -1.0, 1.0, 1.0))),
    "mirrored z": look(PLACE @ Matrix.Diagonal((1.0, 1.0, -1.0, 1.0))),
    "mirrored all": look(PLACE @ Matrix.Diagonal((-1.0, -1.0, -1.0, 1.0))),
    "turned over": look(PLACE @ Matrix.Diagonal((-2.0, -1.0, 1.0, 1.0))),
}
camera.data.shift_x = 0.1
result["mirrored and shifted"] = look(PLACE @ Matrix.Diagonal((-1.0, 1.0, 1.0, 1.0)))
camera.data.shift_x = 0.0
dolly.matrix_world = PLACE @ Matrix.Diagonal((1.0, -1.0, 1.0, 1.0))
bpy.context.view_layer.update()
result["mirrored parent"] = look(Matrix.Identity(4), dolly)
dolly.matrix_world = PLACE @ Matrix.Diagonal((1.3, 1.0, 1.0, 1.0))
bpy.context.view_layer.update()
result["sheared"] = look(Matrix.Rotation(0.3, 4, "Z"), dolly)
try:
    look(Matrix.Diagonal((0.0, 1.0, 1.0, 1.0)))
except LivescapeError as error:
    result["flat"] = str(error)
scene.render.use_multiview = True
result["stereo"] = common.addon("camera.remarks").remarks(scene)
common.leave(result)
