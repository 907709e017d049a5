"""Runs in Blender's Python: saves one picture as every kind that Blender's image editor writes.

``by_blender.py SOURCE FOLDER``; SOURCE is an array [H, W, 3] of 8 bits.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np

KINDS = {
    "png8.png": ("PNG", "8"), "png16.png": ("PNG", "16"), "jpeg.jpg": ("JPEG", "8"),
    "tiff8.tif": ("TIFF", "8"), "tiff16.tif": ("TIFF", "16"), "bmp.bmp": ("BMP", "8"),
    "targa.tga": ("TARGA", "8"), "targa_raw.tga": ("TARGA_RAW", "8"), "iris.rgb": ("IRIS", "8"),
    "webp.webp": ("WEBP", "8"), "jp2.jp2": ("JPEG2000", "8"),
    "exr16.exr": ("OPEN_EXR", "16"), "exr32.exr": ("OPEN_EXR", "32"), "hdr.hdr": ("HDR", "32"),
    "dpx.dpx": ("DPX", "10"), "cineon.cin": ("CINEON", "10"),
}  # fmt: skip


def main(source: Path, folder: Path) -> None:
    """Save the picture once a kind; what fails leaves no file."""
    pixels = np.load(source)[::-1]
    height, width = pixels.shape[:2]
    image: Any = bpy.data.images.new("picture", width, height)
    opaque = np.dstack([pixels / 255.0, np.ones((height, width))]).astype(np.float32)
    image.pixels.foreach_set(opaque.reshape(-1))
    scene: Any = bpy.context.scene
    settings = scene.render.image_settings
    scene.view_settings.view_transform = "Standard"
    settings.quality = 95
    for name, (kind, depth) in KINDS.items():
        settings.file_format = kind
        settings.color_mode = "RGB"
        if depth in {
            each.identifier for each in settings.bl_rna.properties["color_depth"].enum_items
        }:
            try:
                settings.color_depth = depth
            except TypeError:
                pass
        image.save_render(str(folder / name), scene=scene)


main(Path(sys.argv[1]), Path(sys.argv[2]))
sys.stdout.flush()
os._exit(0)
