"""Drives the operator: the way that works, and every way that must be refused."""

import hashlib
import json
import os
from pathlib import Path

import bpy
import common
import numpy as np
from tests.addon import jobs

given = common.arguments()
root = Path(given["folder"])
common.enable()
scene = bpy.context.scene
group, state = scene.livescape, bpy.context.window_manager.livescape
result = {"refused": {}}


def picture(name, width, height, *, depth="8", mode="RGB"):
    """Write an image file of noise."""
    image = bpy.data.images.new("noise", width, height, alpha=True)
    image.pixels.foreach_set(np.random.default_rng(0).random(4 * width * height, np.float32))
    settings = scene.render.image_settings
    settings.file_format, settings.color_depth, settings.color_mode = "PNG", depth, mode
    image.save_render(str(root / name), scene=scene)
    bpy.data.images.remove(image)
    return str(root / name)


def fingerprint():
    """Everything that a failure must not touch."""
    files = {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (root / "shot").rglob("*")
        if path.is_file()
    }
    folders = sorted(str(p) for p in (root / "shot").rglob("*") if p.is_dir())
    names = [
        [block.name for block in getattr(bpy.data, kind)]
        for kind in ("objects", "meshes", "materials", "node_groups", "images", "actions")
    ]
    item = bpy.data.objects.get("Livescape")
    vertices = len(item.data.vertices) if item else 0
    return [files, folders, names, vertices, scene.frame_current, scene.frame_subframe]


def refuse(name):
    """Call the operator and note its code, what it said, and whether anything changed."""
    before = fingerprint()
    try:
        outcome = sorted(bpy.ops.livescape.generate())
        said = "nothing"
    except RuntimeError as error:
        outcome, said = ["RuntimeError"], str(error)
    result["refused"][name] = {
        "code": state.error_code,
        "said": said,
        "shown": state.error_message,
        "outcome": outcome,
        "untouched": fingerprint() == before,
        "running": state.is_running,
    }


def generate():
    """Call the operator as a script does."""
    outcome = bpy.ops.livescape.generate()
    return [sorted(outcome), state.error_code, state.note, state.is_running]


def bad_photos():
    """Photos that are not."""
    group.photo = ""
    refuse("no photo")
    group.photo = str(root / "nowhere.png")
    refuse("photo missing")
    (root / "text.png").write_text("this is not a picture")
    group.photo = str(root / "text.png")
    refuse("photo unreadable")
    for name, size in (("tiny", (63, 200)), ("huge", (8200, 64))):
        group.photo = picture(f"{name}.png", *size)
        refuse(f"photo {name}")
    group.photo = good_photo
    group.depth_file = str(root / "no_depth.npy")
    refuse("depth missing")
    group.depth_file = ""


def bad_cameras():
    """Cameras that cannot be used."""
    camera = scene.camera
    scene.camera = None
    refuse("no camera")
    scene.camera = camera
    camera.data.type = "ORTHO"
    refuse("orthographic")
    camera.data.type = "PERSP"
    camera.data.sensor_width, camera.data.lens = 1e8, 1.0
    refuse("zero focal length")
    camera.data.sensor_width, camera.data.lens = 36.0, 30.0


def bad_servers():
    """Servers that are not there or not ours."""
    state_dir = os.environ["LIVESCAPE_STATE_DIR"]
    os.environ["LIVESCAPE_STATE_DIR"] = str(root / "empty_state")
    refuse("no backend")
    preferences = bpy.context.preferences.addons[common.MODULE].preferences
    preferences.backend_python = str(root / "no_python")
    refuse("no such backend")
    preferences.backend_python = "/bin/false"
    refuse("server does not start")
    preferences.backend_python = ""
    future = json.loads((Path(state_dir) / "server" / "server.json").read_text())
    future["protocol"] = [99, 0]
    (root / "empty_state" / "server").mkdir(parents=True, exist_ok=True)
    (root / "empty_state" / "server" / "server.json").write_text(json.dumps(future))
    refuse("other protocol version")
    os.environ["LIVESCAPE_STATE_DIR"] = state_dir


def bad_results():
    """Jobs that go wrong at the server."""
    for name, seed in (("job fails", jobs.FAIL), ("result inconsistent", jobs.INCONSISTENT)):
        group.seed = seed
        refuse(name)
    group.seed = 0


def blocked_cache():
    """A file where the cache folder should be."""
    blocker = root / "shot" / "livescape"
    moved = blocker.rename(root / "livescape_aside")
    blocker.write_text("in the way")
    refuse("cache not writable")
    blocker.unlink()
    moved.rename(blocker)


def cancel_in_the_middle():
    """Start a long job, cancel it while it runs."""
    before = fingerprint()
    group.seed = jobs.SLOW
    running = common.addon("generate.running")
    running.start(bpy.context)
    outcome, stages = None, set()
    while outcome is None:
        outcome = running.tick(bpy.context, wait_s=0.05)
        stages.add(state.stage)
        if state.stage == "working":
            bpy.ops.livescape.cancel()
    group.seed = 0
    return {
        "ended": outcome.note,
        "worked": "working" in stages,
        "running": running.is_running(),
        "untouched": fingerprint() == before,
    }


good_photo = picture("good.png", 96, 64)
group.photo = good_photo
common.add_camera()
scene.frame_start, scene.frame_end = 1, 8
group.preset = "draft"
group.loop_frames = 8
refuse("unsaved")
(root / "shot").mkdir()
bpy.ops.wm.save_as_mainfile(filepath=str(root / "shot" / "shot.blend"))
bad_photos()
bad_cameras()
bad_servers()
bad_results()
result["first failure leaves no folder"] = not (root / "shot" / "livescape").exists()
result["made"] = generate()
item = bpy.data.objects["Livescape"]
SplatObject = common.addon("splats.object").SplatObject
result["vertices"] = len(item.data.vertices)
result["meta"] = json.loads((Path(SplatObject(item).cache_file).parent / "meta.json").read_text())
blocked_cache()
bad_results()
result["refused after success"] = [code["untouched"] for code in result["refused"].values()]
result["cancelled"] = cancel_in_the_middle()
photos = {"alpha": {"mode": "RGBA"}, "grey": {"mode": "BW"}, "16 bits": {"depth": "16"}}
result["photos"] = {}
for kind, options in photos.items():
    group.photo = picture(f"{kind}.png", 96, 64, **options)
    result["photos"][kind] = generate()[0]
group.photo = good_photo
scene.frame_end = 1
group.seed = jobs.STILL
result["still, one frame"] = generate()
result["rebuilt"] = sorted(bpy.ops.livescape.rebuild())
common.leave(result)
