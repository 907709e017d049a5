"""Let a shot play the newest Livescape cache beside it; needs the add-on.

``blender -b scene.blend --python build_shot.py -- --out shot.blend --object Livescape``
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import bpy


def parse_arguments() -> argparse.Namespace:
    """Return the options, which follow ``--``."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    parser = argparse.ArgumentParser(prog="build_shot.py")
    parser.add_argument("--out", type=Path, required=True, help="the .blend with the cache beside")
    parser.add_argument("--object", default="Livescape", help="name of the object")
    return parser.parse_args(words)


def main() -> str:
    """Build the object and save the shot; return what is in the way, empty if nothing is."""
    options = parse_arguments()
    settings = getattr(bpy.context.scene, "livescape", None)
    if settings is None:
        return "This Blender lacks the Livescape add-on."
    out = options.out.absolute()
    bpy.context.preferences.filepaths.save_version = 0
    bpy.ops.wm.save_as_mainfile(filepath=str(out))
    settings.object_name = options.object
    for item in bpy.context.selected_objects:
        item.select_set(False)
    bpy.context.view_layer.objects.active = None
    try:
        bpy.ops.livescape.rebuild(newest=True)
        bpy.ops.livescape.prepare_render()
    except RuntimeError as error:  # how an operator's error report reaches a script
        return " ".join(str(error).split())
    bpy.ops.wm.save_as_mainfile(filepath=str(out))
    return ""


if __name__ == "__main__":
    problem = main()
    if problem:
        sys.stdout.write(f"openjd_fail: {problem}\n")
        sys.exit(1)
