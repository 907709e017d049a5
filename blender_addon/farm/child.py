"""Runs in a Blender of its own, without the add-on: packs a shot, or looks at what it shows.

``blender -b --factory-startup --python child.py -- asked.json``
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np


def pack(source: str, target: str, root: str, caches: dict[str, str], frames: list[int]) -> Any:
    """Let the objects of a file play the caches beside its copy, and pack everything else."""
    bpy.ops.wm.open_mainfile(filepath=source)
    seen = look_here(list(caches), frames)
    context: Any = bpy.context  # stubs allow for none of its parts
    context.preferences.filepaths.save_version = 0
    bpy.ops.wm.save_as_mainfile(filepath=target, relative_remap=True, check_existing=False)
    for name, folder in caches.items():
        for modifier in bpy.data.objects[name].modifiers:
            if isinstance(modifier, bpy.types.MeshCacheModifier) and modifier.filepath:
                played = modifier.filepath.replace("\\", "/").rsplit("/", 1)[-1]
                modifier.filepath = f"//{root}/{folder}/{played}"
    bpy.ops.file.pack_all()
    bpy.ops.wm.save_as_mainfile(filepath=target, check_existing=False)
    return seen


def look(source: str, items: list[str], frames: list[int]) -> Any:
    """Open a file and say what its objects show."""
    bpy.ops.wm.open_mainfile(filepath=source)
    return look_here(items, frames)


def look_here(items: list[str], frames: list[int]) -> Any:
    """Return the corners of every object and their mean place at every frame."""
    found: dict[str, list[Any]] = {name: [] for name in items}
    context: Any = bpy.context
    for frame in frames:
        context.scene.frame_set(frame)
        graph = context.evaluated_depsgraph_get()
        for name in items:
            item = bpy.data.objects[name].evaluated_get(graph)
            mesh = item.to_mesh()
            places = np.empty(3 * len(mesh.vertices), np.float32)
            mesh.vertices.foreach_get("co", places)
            mean = places.reshape(-1, 3).mean(axis=0).tolist() if places.size else [0.0] * 3
            found[name].append([len(mesh.vertices), mean])
            item.to_mesh_clear()
    return {"items": found, "frames": list(frames)}


def main() -> None:
    """Do what the file named last asks for."""
    asked = json.loads(Path(sys.argv[-1]).read_text())
    task, answer = asked.pop("task"), Path(asked.pop("answer"))
    try:
        tasks: dict[str, Callable[..., Any]] = {"pack": pack, "look": look}
        result = tasks[task](**asked)
    except Exception as error:
        traceback.print_exc()
        result = {"error": f"{type(error).__name__}: {error}"}
    answer.write_text(json.dumps(result))
    sys.stdout.flush()
    os._exit(0)  # Blender as a module can hang in a normal exit


if __name__ == "__main__":
    main()
