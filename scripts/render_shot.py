"""Render a .blend with Cycles in a Blender of factory settings, without any add-on.

Run by a Python that has Blender as a module; what a render farm does with the file.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from pathlib import Path

LOGGER = logging.getLogger("render_shot")


def parse_arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--blend", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of the PNG frames")
    parser.add_argument("--start", type=int, default=None, help="first frame; the scene's own")
    parser.add_argument("--end", type=int, default=None, help="last frame; the scene's own")
    parser.add_argument("--step", type=int, default=1)
    return parser.parse_args()


def main() -> int:
    """Render; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = parse_arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as resources:
        os.environ["BLENDER_USER_RESOURCES"] = resources
        import bpy  # reads the variable above

        bpy.ops.wm.read_factory_settings(use_empty=True)
        bpy.ops.wm.open_mainfile(filepath=str(options.blend.resolve()))
        scene = bpy.context.scene
        scene.frame_start = options.start if options.start is not None else scene.frame_start
        scene.frame_end = options.end if options.end is not None else scene.frame_end
        scene.frame_step = options.step
        scene.render.image_settings.file_format = "PNG"
        scene.render.image_settings.color_mode = "RGB"
        scene.render.dither_intensity = 0.0
        scene.render.filepath = str(options.out.resolve() / "####")
        bpy.ops.render.render(animation=True)
    frames = sorted(options.out.glob("*.png"))
    LOGGER.info("%d frames in %s", len(frames), options.out)
    return 0 if frames else 1


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # Blender as a module can hang in its own exit
