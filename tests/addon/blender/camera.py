"""Compares camera reading with Blender's own projection, and looks at what it leaves behind."""

import itertools
from pathlib import Path

import bpy
import common
import numpy as np

from livescape_shared.errors import LivescapeError

common.enable()
read = common.addon("camera.path")
scene = bpy.context.scene
item = common.add_camera(location=(1.0, 2.0, 3.0), rotation=(1.2, 0.3, -0.5))
points = np.random.default_rng(3).uniform((-2, -2, -9), (2, 2, -3), (40, 3))  # camera space


def worst_error():
    """Largest distance in pixels between our projection and Blender's."""
    bpy.context.view_layer.update()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    ours = read.read_camera(scene, depsgraph)
    render = scene.render
    matrix = np.array(
        item.evaluated_get(depsgraph).calc_matrix_camera(
            depsgraph,
            x=ours.width,
            y=ours.height,
            scale_x=render.pixel_aspect_x,
            scale_y=render.pixel_aspect_y,
        )
    )
    clip = np.c_[points, np.ones(len(points))] @ matrix.T
    theirs_x = (clip[:, 0] / clip[:, 3] + 1) / 2 * ours.width
    theirs_y = (1 - clip[:, 1] / clip[:, 3]) / 2 * ours.height
    location, rotation, _ = item.matrix_world.decompose()
    world = points @ np.array(rotation.to_matrix()).T + np.array(location)
    seen = (world @ ours.viewmat[:3, :3].T + ours.viewmat[:3, 3]) @ ours.K.T
    return float(np.abs(seen[:, :2] / seen[:, 2:] - np.c_[theirs_x, theirs_y]).max())


def projection_errors():
    """Errors over lenses, sizes and pixel shapes."""
    worst = []
    choices = itertools.product(
        ("AUTO", "HORIZONTAL", "VERTICAL"),
        ((640, 360), (360, 641)),
        (100, 37),
        ((1.0, 1.0), (1.0, 1.46)),
        ((0.0, 0.0), (0.2, -0.1)),
    )
    for fit, size, percentage, aspect, shift in choices:
        item.data.sensor_fit = fit
        item.data.sensor_width, item.data.sensor_height = 32.0, 18.0
        scene.render.resolution_x, scene.render.resolution_y = size
        scene.render.resolution_percentage = percentage
        scene.render.pixel_aspect_x, scene.render.pixel_aspect_y = aspect
        item.data.shift_x, item.data.shift_y = shift
        worst.append(worst_error())
    return worst


def animated_scene():
    """A camera with every kind of animation, and a second one that a marker switches to."""
    common.set_render(320, 180)
    scene.render.pixel_aspect_y = 1.0
    item.data.sensor_fit = "AUTO"
    parent = bpy.data.objects.new("Dolly", None)
    target = bpy.data.objects.new("Target", None)
    for helper in (parent, target):
        scene.collection.objects.link(helper)
    target.location = (0.0, 20.0, 0.0)
    item.parent = parent
    item.constraints.new("TRACK_TO").target = target
    parent.scale = (2.0, 2.0, 2.0)
    for frame, x, lens in ((1, 0.0, 30.0), (10, 4.0, 60.0)):
        parent.location.x, item.data.lens = x, lens
        parent.keyframe_insert("location", frame=frame)
        item.data.keyframe_insert("lens", frame=frame)
    driver = item.data.driver_add("shift_x").driver
    driver.expression = "frame * 0.01"
    other = bpy.data.objects.new("Second", bpy.data.cameras.new("Second"))
    other.data.lens = 77.0
    scene.collection.objects.link(other)
    scene.timeline_markers.new("first", frame=1).camera = item
    scene.timeline_markers.new("second", frame=8).camera = other
    scene.frame_start, scene.frame_end = 1, 10


def read_path():
    """Read the path from the middle of a frame with a camera chosen by hand."""
    scene.frame_set(3, subframe=0.25)
    scene.camera = bpy.data.objects["Second"]
    path = read.read_camera_path(bpy.context, 5)
    return {
        "path": path.to_dict(),
        "frame": [scene.frame_current, scene.frame_subframe],
        "camera": scene.camera.name,
    }


def expected_at(frame):
    """What Blender itself says of the camera at a frame."""
    scene.frame_set(frame)
    evaluated = scene.camera.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return {
        "position": list(evaluated.matrix_world.translation),
        "focal": evaluated.data.lens / evaluated.data.sensor_width * 320,
        "center": 160 - evaluated.data.shift_x * 320,
    }


def refusals():
    """Codes of cameras that cannot be read, and the frame afterwards."""
    codes = {}

    def refuse(name):
        scene.frame_set(4)
        try:
            read.read_camera_path(bpy.context, 1)
        except LivescapeError as error:
            codes[name] = [error.code, str(error), scene.frame_current]

    scene.timeline_markers.clear()
    scene.camera = None
    refuse("none")
    scene.camera = item
    for kind in ("ORTHO", "PANO"):
        item.data.type = kind
        refuse(kind)
    item.data.type = "PERSP"
    item.data.animation_data_clear()
    item.data.sensor_width = 1e8
    item.data.lens = 1.0
    refuse("zero focal length")
    return codes


errors = projection_errors()
animated_scene()
result = read_path()
result["expected"] = [expected_at(frame) for frame in range(1, 11)]
scene.unit_settings.scale_length = 0.01
scene.frame_set(1)
scaled = read.read_camera(scene, bpy.context.evaluated_depsgraph_get())
result["scaled_position"] = scaled.position.tolist()
scene.unit_settings.scale_length = 1.0
exported = Path(common.arguments()["folder"]) / "path.json"
scene.livescape.use_first_frame, scene.livescape.reference_frame = False, 5
bpy.ops.livescape.export_camera_path(filepath=str(exported))
scene.frame_start = scene.frame_end = 7
result["single"] = read.read_camera_path(bpy.context, 7).to_dict()
result["refusals"] = refusals()
common.leave({**result, "errors": errors, "exported": str(exported)})
