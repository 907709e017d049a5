"""How close Blender's pictures come to the backend's rasterizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.blender.processes import Blender
from benchmarks.blender.scenes import GeneratedScene

from livescape.evaluate.metrics import psnr, ssim
from livescape.gaussians.render import render
from livescape.imaging.png import Float32Image
from livescape_shared.camera import Camera
from livescape_shared.conventions import linear_to_srgb


def shown(path: str | Path) -> Float32Image:
    """Return a picture that Blender left, as a display shows it: [H, W, 3] 0..1."""
    return linear_to_srgb(np.clip(np.load(path)[..., :3], 0.0, 1.0))


def fidelity_rows(blender: Blender, scene: GeneratedScene) -> list[dict[str, Any]]:
    """Return one row per camera, both engines against the linear-blended render.

    The photo's camera is also rendered by the sRGB compositing, against the sRGB-blended render.
    """
    rendered = blender.run("fidelity", blend=str(scene.blend))
    gaussians = scene.gaussians_at(rendered["frame"])
    rows = []
    for shot in rendered["shots"]:
        camera = Camera.from_dict(shot["described"])
        wanted = render(gaussians, camera, "linear").image
        wanted_srgb = render(gaussians, camera, "srgb").image
        row: dict[str, Any] = {
            "blender": blender.version, "scene": scene.name, "camera": shot["camera"],
        }  # fmt: skip
        for engine, path in shot["images"].items():
            row[f"{engine}_psnr"] = psnr(shown(path), wanted)
            row[f"{engine}_ssim"] = ssim(shown(path), wanted)
            blended = shot["srgb_images"].get(engine)
            row[f"{engine}_srgb_psnr"] = psnr(shown(blended), wanted_srgb) if blended else None
        rows.append(row)
    return rows


def worst_by_version(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row per Blender: the lowest PSNR of each engine."""
    worst = []
    for version in dict.fromkeys(row["blender"] for row in rows):
        mine = [row for row in rows if row["blender"] == version]
        figures = {
            name: min(row[name] for row in mine if row[name] is not None)
            for name in rows[0]
            if name.endswith("_psnr")
        }
        worst.append({"blender": version, **figures})
    return worst
