"""What the scripts inside Blender share: arguments, pictures, memory, the way out."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import numpy as np

MODULE = "bl_ext.user_default.livescape"
ENGINES = {"cycles": "CYCLES", "eevee": "BLENDER_EEVEE_NEXT" if bpy.app.version < (5,) else
           "BLENDER_EEVEE"}  # fmt: skip


def arguments() -> dict[str, Any]:
    """Return what the benchmark gave."""
    values: dict[str, Any] = json.loads(sys.argv[1])
    return values


def addon(name: str) -> ModuleType:
    """Return a module of the installed extension."""
    return importlib.import_module(f"{MODULE}.{name}")


def leave(result: dict[str, Any]) -> None:
    """Hand the result over; Blender as a module can hang in a normal exit."""
    Path(arguments()["result"]).write_text(json.dumps(result), encoding="utf-8")
    sys.stdout.flush()
    os._exit(0)


def choose_engine(name: str) -> None:
    """Render by ``cycles`` or ``eevee``, one sample at each pixel's centre, over nothing."""
    scene = bpy.context.scene
    scene.render.engine = ENGINES[name]
    scene.render.film_transparent = True
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_depth = "32"
    scene.view_settings.view_transform = "Standard"
    if name == "eevee":
        scene.eevee.taa_render_samples = 1


def exact_cycles() -> None:
    """Let Cycles render what is there: every layer, no noise, pixel centres."""
    cycles = bpy.context.scene.cycles
    cycles.transparent_max_bounces = cycles.min_transparent_bounces = 256
    cycles.samples, cycles.use_adaptive_sampling, cycles.use_denoising = 1, False, False
    cycles.pixel_filter_type, cycles.filter_width = "BOX", 0.01


def warm_up() -> None:
    """Render a few pixels: shaders are compiled and kernels loaded once."""
    scene = bpy.context.scene
    width = scene.render.resolution_x
    scene.render.resolution_x = 16
    render(Path(arguments()["folder"]) / "warm")
    scene.render.resolution_x = width


def render(path: Path) -> str:
    """Render the current frame and store it as ``.npy`` [H, W, 4], linear, top row first."""
    scene = bpy.context.scene
    scene.render.filepath = str(path.with_suffix(".exr"))
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(scene.render.filepath)
    width, height = image.size
    pixels = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(pixels)
    bpy.data.images.remove(image)
    path.with_suffix(".exr").unlink()
    np.save(path.with_suffix(".npy"), pixels.reshape(height, width, 4)[::-1])
    return str(path.with_suffix(".npy"))


def resident_mb() -> float:
    """Memory that this process holds now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def peak_mb() -> float:
    """The most that this process has held, in MiB.

    Unlike ``ru_maxrss``, this does not begin with the memory of the process that started it.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 2**10
