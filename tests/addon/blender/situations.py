"""Renders the object in situations that artists bring it into."""

import os
from pathlib import Path

import bpy
import common
import numpy as np
from mathutils import Euler, Matrix
from tests.addon import synthetic

common.enable()
folder = Path(common.arguments()["folder"])
scene = bpy.context.scene
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
item = common.write_scene(synthetic.scene(static=1500, pairs=500))
camera = common.add_camera()
common.set_render(160, 90)
common.addon("render_setup.prepare").prepare(scene)
shots = []


def shoot(name, frame, seen=None):
    """Render a frame; ``seen`` is the one whose Gaussians are expected."""
    scene.frame_set(frame)
    shots.append(
        {
            "name": name,
            "seen": frame if seen is None else seen,
            "image": common.render(folder / name),
            "camera": common.current_camera(),
            "object": [list(row) for row in item.matrix_world],
        }
    )


def marker_camera():
    """Switch to a camera on a scaled, turned rig, whose lens is animated and shifted."""
    second = common.add_camera(location=(0.1, -0.3, 0.1))
    scene.camera = camera
    rig = bpy.data.objects.new("Rig", None)
    rig.scale, rig.rotation_euler, rig.location = (2.0, 2.0, 2.0), (0.1, 0.05, -0.1), (0.2, 0, 0)
    scene.collection.objects.link(rig)
    second.parent = rig
    for frame, lens in ((15, 20.0), (25, 40.0)):
        second.data.lens = lens
        second.data.keyframe_insert("lens", frame=frame)
    second.data.shift_x = 0.15
    for frame, used in ((1, camera), (20, second), (30, camera)):
        scene.timeline_markers.new(f"to {used.name}", frame=frame).camera = used
    shoot("marker camera", 21)
    scene.timeline_markers.clear()
    scene.camera = camera


def object_transforms():
    """Scale unevenly, mirror, both under a turned parent."""
    item.scale, item.rotation_euler = (1.4, 0.8, 1.1), Euler((0.1, 0.2, -0.1))
    shoot("uneven scale", 9)
    item.scale = (-1.0, 1.0, 1.0)
    shoot("mirrored", 9)
    parent = bpy.data.objects.new("Parent", None)
    parent.matrix_world = Matrix.Rotation(0.3, 4, "Z") @ Matrix.Diagonal((0.8, 1.3, -1.1, 1.0))
    scene.collection.objects.link(parent)
    item.parent = parent
    shoot("sheared and mirrored by a parent", 9)
    item.parent = None
    item.matrix_world = Matrix.Identity(4)


def inside_the_cloud():
    """Stand among the Gaussians, look along and back."""
    camera.location, camera.data.clip_start = (0.2, 6.0, 0.1), 0.01
    shoot("inside the cloud", 9)
    camera.rotation_euler = (np.pi / 2, 0.0, np.pi)
    shoot("looking back", 9)
    camera.location, camera.rotation_euler = (0, 0, 0), (np.pi / 2, 0.0, 0.0)


def own_time():
    """Drive the start by another object and keyframe the speed."""
    clock = bpy.data.objects.new("Clock", None)
    scene.collection.objects.link(clock)
    clock.location.x = 11.0
    driver = item.driver_add('["livescape_start"]').driver
    driver.type = "SUM"
    variable = driver.variables.new()
    variable.targets[0].id, variable.targets[0].data_path = clock, "location.x"
    shoot("driven start", 15, seen=9)
    for frame, speed in ((1, 0.5), (40, 2.0)):
        item["livescape_speed"] = speed
        item.keyframe_insert('["livescape_speed"]', frame=frame)
    shoot("half speed before the start", 1, seen=0)
    shoot("double speed", 40, seen=5 + 58)
    item.driver_remove('["livescape_start"]')


def without_camera(exact):
    """Change frames without a camera; return what the viewport has and what was said."""
    scene.camera = None
    item["livescape_exact_viewport"] = exact
    item.update_tag()
    said = folder / "stderr.txt"
    kept = os.dup(2)
    with said.open("wb") as stream:
        os.dup2(stream.fileno(), 2)
        for frame in (5, 9, 30):
            scene.frame_set(frame)
        os.dup2(kept, 2)
    mesh = item.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    positions = np.empty(3 * len(mesh.vertices), np.float32)
    mesh.vertices.foreach_get("co", positions)
    corners = positions.reshape(-1, 4, 3)
    return {
        "said": said.read_text(),
        "finite": bool(np.isfinite(positions).all()),
        "visible": int((np.ptp(corners, axis=1).max(axis=1) > 0).sum()),
    }


marker_camera()
object_transforms()
inside_the_cloud()
own_time()
without = {"surfels": without_camera(False), "billboards": without_camera(True)}
common.leave({"shots": shots, "no camera": without})
