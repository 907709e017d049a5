"""Make the demo scene: install the add-on into a Blender of its own, key a camera, generate.

Run by a Python that has Blender as a module. Leaves ``scene.blend`` and its cache in ``--out``.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path
from typing import Any

LOGGER = logging.getLogger("demo_blender")
MODULE = "bl_ext.user_default.livescape"
FILES = ("depth", "mask", "hints", "flow")


def parse_arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--zip", type=Path, required=True, help="the built extension")
    parser.add_argument("--photo", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of scene.blend")
    parser.add_argument("--backend-python", type=Path, default=None, help="Python of the backend")
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--resolution", type=int, nargs=2, default=(640, 360), metavar=("W", "H"))
    parser.add_argument("--preset", default="draft")
    parser.add_argument("--lens", type=float, default=35.0, help="focal length in millimetres")
    parser.add_argument("--travel", type=float, default=1.8, help="length of the move in metres")
    parser.add_argument(
        "--set", nargs=2, action="append", default=[], metavar=("SETTING", "VALUE"), dest="settings"
    )
    for name in FILES:
        parser.add_argument(f"--{name}", type=Path, default=None)
    return parser.parse_args()


def install(bpy: Any, archive: Path) -> None:
    """Install and enable the extension as a user does from disk."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.extensions.package_install_files(
        filepath=str(archive.resolve()), repo="user_default", enable_on_install=True
    )
    if MODULE not in bpy.context.preferences.addons:
        message = "the extension was not enabled; see Blender's output above"
        raise SystemExit(message)


def make_shot(bpy: Any, options: argparse.Namespace) -> None:
    """Key a camera: a gentle dolly and truck on an Empty, aimed at a target, the lens closing."""
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = 1, options.frames
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = options.resolution
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    dolly = bpy.data.objects.new("Dolly", None)
    target = bpy.data.objects.new("Target", None)
    for item in (camera, dolly, target):
        scene.collection.objects.link(item)
    scene.camera = camera
    camera.parent = dolly
    camera.constraints.new("TRACK_TO").target = target
    target.location = (0.0, 60.0, 1.7)
    start, end = (0.0, 0.0, 1.7), (options.travel * 0.6, options.travel * 0.8, 1.75)
    for frame, place, lens in ((1, start, 1.0), (options.frames, end, 1.03)):
        dolly.location = place
        dolly.keyframe_insert("location", frame=frame)
        camera.data.lens = options.lens * lens
        camera.data.keyframe_insert("lens", frame=frame)
    scene.frame_set(1)


def choose(bpy: Any, options: argparse.Namespace) -> None:
    """Fill in the panel."""
    group = bpy.context.scene.livescape
    group.photo = str(options.photo.resolve())
    group.preset = options.preset
    for name in FILES:
        path = getattr(options, name)
        if path is not None:
            setattr(group, f"{name}_file", str(path.resolve()))
    for name, value in options.settings:
        setattr(group, name, type(getattr(group, name))(value))
    if options.backend_python is not None:
        preferences = bpy.context.preferences.addons[MODULE].preferences
        preferences.backend_python = str(options.backend_python.absolute())


def main() -> int:
    """Make the scene; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = parse_arguments()
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    os.environ["BLENDER_USER_RESOURCES"] = str(out / "blender")
    import bpy  # reads the variable above

    install(bpy, options.zip)
    make_shot(bpy, options)
    blend = str(out / "scene.blend")
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    choose(bpy, options)
    try:
        bpy.ops.livescape.generate()
    except RuntimeError as error:  # how an operator's error report reaches a script
        LOGGER.error("%s", error)
        return 1
    bpy.ops.livescape.export_camera_path(filepath=str(out / "camera_path.json"))
    bpy.ops.livescape.prepare_render()
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    LOGGER.info("wrote %s: %s", blend, bpy.context.window_manager.livescape.note)
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # Blender as a module can hang in its own exit
