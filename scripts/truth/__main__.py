"""Render a landscape: ``python scripts/truth JOB.json`` with a Python that has bpy.

The job names ``landscape``, ``seed``, ``size``, ``samples``, ``photo`` (the photograph that lends
its textures), ``views`` and the folder ``out``. A view has ``name``, ``frame``, and ``K`` and
``viewmat`` unless it is taken by the photograph's own camera, which is written to ``camera.json``.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.truth.blender import build, photo_camera, read_photo, render_all
from scripts.truth.landscapes import landscape
from scripts.truth.textures import textures


def main(job_file: str) -> None:
    """Do what the job says."""
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    size, folder = (int(job["size"][0]), int(job["size"][1])), Path(job["out"])
    place = landscape(job["landscape"], job["seed"])
    build(place, textures(read_photo(Path(job["photo"])), job["seed"]), size[0], job["samples"])
    K, viewmat = photo_camera(place, size)
    camera = {"width": size[0], "height": size[1], "intrinsics": K, "world_to_camera": viewmat}
    (folder / "camera.json").write_text(json.dumps(camera), encoding="utf-8")
    views = [{"K": K, "viewmat": viewmat, **view} for view in job["views"]]
    render_all(views, size, folder, job["samples"])


if __name__ == "__main__":
    main(sys.argv[1])
    sys.stdout.flush()
    os._exit(0)  # bpy may crash while the interpreter closes
