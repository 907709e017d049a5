"""Keys every ready-made move, checks and fits them with a real server, and matches a camera."""

import os
from dataclasses import replace
from pathlib import Path

import bpy
import common
import numpy as np

given = common.arguments()
folder = Path(given["folder"])
os.environ["LIVESCAPE_STATE_DIR"] = given["state_dir"]
common.enable()
scene = bpy.context.scene
group = scene.livescape
read = common.addon("camera.path").read_cameras
moves = common.addon("camera.moves")
measured = common.addon("camera.measured").measured
keys = common.addon("camera.keys")


def start(parent=False, reference=None):
    for item in list(scene.objects):
        bpy.data.objects.remove(item)
    camera = common.add_camera(location=(1.0, 2.0, 1.5), rotation=(1.45, 0.0, 0.4))
    camera.scale = (1.2, 1.2, 1.2)
    common.set_render(320, 200)
    scene.render.fps, scene.render.fps_base = 24, 1.0
    scene.frame_start, scene.frame_end = 1, 49
    if parent:
        dolly = bpy.data.objects.new("Dolly", None)
        scene.collection.objects.link(dolly)
        dolly.location, dolly.rotation_euler = (3.0, -1.0, 0.2), (0.1, 0.2, 0.3)
        dolly.scale = (0.5, 0.5, 0.5)
        camera.parent = dolly
    group.use_first_frame = reference is None
    group.reference_frame = reference or 1
    bpy.context.view_layer.update()
    return camera


def place_of(camera):
    world = camera.camera_to_world
    return world[:3, :3].ravel().tolist() + world[:3, 3].tolist()


def keyed(kind, amount=1.0, **how):
    """Where the camera is relative to the photo's, in frames 1, 25, 49 and the photo's."""
    camera = start(**how)
    frame = group.reference_frame if not group.use_first_frame else 1
    before = read(scene, {frame})[frame]
    bpy.ops.livescape.add_move(kind=kind, amount=amount)
    cameras = read(scene, {1, 13, 25, 37, 49, frame})
    relative = {
        number: (before.viewmat @ each.camera_to_world).tolist() for number, each in cameras.items()
    }
    curves = [*keys.curves_of(camera, keys.POSE), *keys.curves_of(camera.data, keys.LENS)]
    return {
        "relative": relative,
        "lens": {number: each.K[0, 0] / before.K[0, 0] for number, each in cameras.items()},
        "keys": sorted({len(curve.keyframe_points) for curve in curves}),
        "frame": scene.frame_current,
        "scale": list(camera.scale),
    }


def refused(call):
    try:
        call()
    except RuntimeError as error:
        return str(error)
    return ""


def fitted(kind, amount, limit=5.0, **how):
    camera = start(**how)
    group.camera.limit = limit
    bpy.ops.livescape.add_move(kind=kind, amount=amount)
    frame = group.reference_frame if not group.use_first_frame else 1
    before = read(scene, {frame, 25, 49})
    bpy.ops.livescape.check_move()
    found = {"before": measured(scene).worst[1].total, "frames": len(measured(scene).frames)}
    bpy.ops.livescape.fit_path()
    after = read(scene, {frame, 25, 49})
    found["after"] = measured(scene).worst[1].total
    found["fits"] = measured(scene).fits
    found["travel"] = [
        float(np.linalg.norm(cameras[49].position - cameras[frame].position))
        for cameras in (before, after)
    ]
    found["lens"] = [cameras[49].K[0, 0] / cameras[frame].K[0, 0] for cameras in (before, after)]
    found["moved"] = float(np.abs(before[frame].viewmat - after[frame].viewmat).max())
    found["safe"] = measured(scene).safe.tolist()
    curves = [*keys.curves_of(camera, keys.POSE)]
    found["keys"] = max(len(curve.keyframe_points) for curve in curves) if curves else 0
    return found


def refreshed():
    """What is done by itself: after a mere change, after a longer move, after what takes long."""
    refresh, seen = common.addon("camera.refresh"), []
    plain = bpy.data.objects.new("Plain", None)
    scene.collection.objects.link(plain)
    bpy.context.view_layer.update()

    def changed(change):
        refresh._now.changed = 0.0
        change()
        bpy.context.view_layer.update()
        return refresh._now.changed > 0.0

    def key():
        scene.camera.location.x += 2.0
        scene.camera.keyframe_insert("location", frame=49)

    seen.append(changed(lambda: setattr(plain, "location", (1.0, 0.0, 0.0))))
    before = measured(scene)
    common.addon("camera.measured").keep(scene.session_uid, replace(before, reading_s=0.0))
    seen.append(changed(key))
    seen.append(refresh.refresh(bpy.context))
    while not refresh.arrived(0.1):
        pass
    after = measured(scene)
    bpy.ops.livescape.check_move()
    asked = measured(scene)
    same = [each.total for each in after.shares] == [each.total for each in asked.shares]
    seen += [after.worst[1].total > before.worst[1].total, same]
    common.addon("camera.measured").keep(scene.session_uid, replace(asked, reading_s=0.06))
    seen.append(refresh.refresh(bpy.context))
    return {"seen": seen, "reading_s": asked.reading_s}


def waited():
    """What the timer does while something else goes on, and then, once it is over."""
    refresh, kept = common.addon("camera.refresh"), measured(scene)
    common.addon("camera.measured").keep(scene.session_uid, replace(kept, reading_s=0.0))
    seen, reason = [], refresh.reason_to_wait
    for reasons in (("finished: waits for the render",) * 2, ("",)):
        for each in reasons:
            refresh.reason_to_wait = lambda context, said=each: said
            scene.frame_set(7)
            refresh._now.changed = 0.0
            seen.append([refresh._tick(), refresh._now.check is not None, scene.frame_current])
    while not refresh.arrived(0.1):
        pass
    refresh.reason_to_wait = reason
    scene.camera.select_set(True)
    bpy.context.view_layer.objects.active = bpy.data.objects["Plain"]
    seen.append(bool(reason(bpy.context)))
    return seen


def cancelled():
    """What is left of a check that is cancelled: nothing, and what was known before."""
    checking, check = common.addon("camera.checking"), common.addon("camera.check").Check
    before, said = measured(scene), refused(bpy.ops.livescape.cancel_check)
    begun = check(bpy.context)
    checking.begin(begun)
    found = [said, checking.is_running(), bpy.ops.livescape.cancel_check() == {"FINISHED"}]
    return [*found, checking.is_running(), begun._asked.stopped.is_set(),
            measured(scene) is before]  # fmt: skip


def not_keyed():
    camera = start()
    target = bpy.data.objects.new("Target", None)
    scene.collection.objects.link(target)
    bpy.ops.livescape.add_move(kind="SIDE", amount=30.0)
    camera.constraints.new("TRACK_TO").target = target
    said = refused(lambda: bpy.ops.livescape.fit_path())
    camera.constraints.clear()
    camera.animation_data_clear()
    camera.location.x = 9.0
    return [said, bpy.context.window_manager.livescape.error_code]


def matched():
    """Lens, size, direction and background for photos with and without Exif."""
    found = {}
    for name in ("with_exif.jpg", "plain.png", "portrait.jpg", "square.jpg"):
        start()
        bpy.data.objects.remove(scene.camera)
        group.photo = str(Path(given["photos"]) / name)
        bpy.ops.livescape.match_camera(longest=1000)
        camera = scene.camera
        background = [each.image.name for each in camera.data.background_images]
        bpy.ops.livescape.match_camera(longest=1000)
        found[name] = {
            "lens": camera.data.lens,
            "size": [scene.render.resolution_x, scene.render.resolution_y],
            "rotation": list(camera.rotation_euler),
            "background": background,
            "again": [len(camera.data.background_images), len(scene.objects)],
        }
    start()
    scene.camera.keyframe_insert("rotation_euler", frame=1)
    before = list(scene.camera.rotation_euler)
    bpy.ops.livescape.match_camera()
    found["animated"] = [before, list(scene.camera.rotation_euler)]
    group.photo = str(Path(given["photos"]) / "text.png")
    found["refused"] = refused(lambda: bpy.ops.livescape.match_camera())
    return found


bpy.ops.wm.save_as_mainfile(filepath=str(folder / "moves.blend"))
group.photo = str(Path(given["photos"]) / "plain.png")
result = {"moves": {kind: keyed(kind) for kind in moves.MOVES}}
result["parent"] = keyed("ORBIT", parent=True)
result["middle"] = {kind: keyed(kind, reference=25) for kind in ("SIDE", "CIRCLE", "HANDHELD")}
result["backwards"] = keyed("DOLLY", amount=-1.0)
result["reference"] = common.addon("camera.path").read_camera_path(bpy.context, 1).to_dict()
result["fitted"] = {
    "SIDE": fitted("SIDE", 12.0),
    "ORBIT": fitted("ORBIT", 4.0),
    "parent": fitted("CIRCLE", 25.0, parent=True),
    "middle": fitted("SIDE", 12.0, reference=25),
    "small": fitted("SIDE", 0.05),
    "zoom": fitted("ZOOM", -2.0),
}
start()
bpy.ops.livescape.add_move(kind="SIDE", amount=4.0)
bpy.ops.livescape.check_move()
near = common.addon("camera.survey").known_near(scene)
result["survey"] = {
    "near": near.near, "middle": near.middle, "horizon": near.horizon, "shape": near.depth.shape,
}  # fmt: skip
result["refreshed"] = refreshed()
result["waited"] = waited()
result["cancelled"] = cancelled()
result["not_keyed"] = not_keyed()
result["matched"] = matched()
common.leave(result)
