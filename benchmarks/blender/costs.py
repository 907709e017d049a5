"""Seconds and memory of frames: of synthetic shots by size, and beside other add-ons' spheres."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.blender.fidelity import shown
from benchmarks.blender.picture import write_comparison
from benchmarks.blender.processes import Blender
from benchmarks.blender.scenes import GeneratedScene

from livescape.evaluate.metrics import psnr
from livescape.gaussians.render import render
from livescape_shared.camera import read_camera_path
from livescape_shared.conventions import srgb_to_linear

COUNTS = (50_000, 200_000)
FRAMES = 60
SIZE = (640, 360)
_MEASURED = ("seconds", "cpu_seconds")


def cost_rows(blender: Blender) -> list[dict[str, Any]]:
    """Return rows for each number of Gaussians: change of the frame, and both engines."""
    rows = []
    for count in COUNTS:
        rows += _deforming_rows(blender, count)
        shot = _synthetic(blender, count, deforms=False)
        blend = str(shot / "scene.blend")
        for what, exact in (("frame change", True), ("frame change, viewport", False)):
            change = blender.run("frame_change", addon=False, blend=blend, exact=exact)
            rows.append(_row(blender, count, what, change, change["added_mb"]))
        for engine in ("cycles", "eevee"):
            cost = blender.run("render_cost", addon=False, blend=blend, engine=engine, frame=8)
            rows.append(_row(blender, count, engine, cost, cost["peak_mb"]))
        shutil.rmtree(shot)
    return rows


def _synthetic(blender: Blender, count: int, *, deforms: bool) -> Path:
    shot = blender.folder / f"synthetic_{count}_{deforms}"
    blender.run("synthetic", count=count, frames=FRAMES, size=SIZE, shot=str(shot), deforms=deforms)
    return shot


def _deforming_rows(blender: Blender, count: int) -> list[dict[str, Any]]:
    """Return the row of a frame change of which control points are played."""
    shot = _synthetic(blender, count, deforms=True)
    blend = str(shot / "scene.blend")
    change = blender.run("frame_change", addon=False, blend=blend, exact=True)
    shutil.rmtree(shot)
    return [_row(blender, count, "frame change, deforming", change, change["added_mb"])]


def _row(
    blender: Blender, count: int, what: str, cost: dict[str, Any], memory: float
) -> dict[str, Any]:
    measured = {name: cost[name] for name in _MEASURED}
    return {"blender": blender.version, "gaussians": count, "what": what, **measured, "mb": memory}


def sphere_rows(blender: Blender, scene: GeneratedScene, picture: Path) -> list[dict[str, Any]]:
    """Return a row for our object and for both kinds of spheres, and write them side by side.

    All render the photo's camera at one instant of the same Gaussians, by Cycles at one sample.
    """
    path = read_camera_path(scene.blend.parent / "camera_path.json")
    gaussians = scene.gaussians_at(path.frames[0])
    wanted = render(gaussians, path.cameras[0], "linear").image
    stored = blender.folder / "gaussians.npz"
    np.savez(stored, **vars(gaussians), linear=srgb_to_linear(gaussians.colors))
    blend = str(scene.blend)
    done = {
        "billboards": blender.run(
            "render_cost", addon=False, blend=blend, engine="cycles", frame=path.frames[0]
        )
    }
    for kind in ("instanced", "realised"):
        done[f"icospheres, {kind}"] = blender.run(
            "icospheres", addon=False, blend=blend, kind=kind, gaussians=str(stored)
        )
    images = {name: shown(result["image"]) for name, result in done.items()}
    write_comparison(picture, {"backend": wanted, **images})
    return [
        {
            "blender": blender.version,
            "object": name,
            "psnr": psnr(images[name], wanted),
            **{key: result[key] for key in (*_MEASURED, "peak_mb")},
        }
        for name, result in done.items()
    ]
