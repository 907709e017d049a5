"""What each part of the method is worth: one part changed at a time, on the same scenes.

Run as ``python -m benchmarks.ablation [--photos PHOTO.jpg ...]``; hints are read from the labelme
file beside each photo. Every variant makes the whole scene anew from the same photo, camera path
and 2D motion; views off the training views, at t > 0, are compared with the animated point cloud
(:mod:`livescape.evaluate.pseudo_truth`) where the photo shows what is there.
Writes ``out/bench/ablation.json``, a markdown table and a contact sheet of every scene.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from benchmarks.measure import OUT, report
from numpy.typing import NDArray

from livescape.cameras.default_path import default_path
from livescape.cameras.photo_camera import default_intrinsics
from livescape.context import Context
from livescape.deform.living_scene import LivingScene
from livescape.engine.warmup import warmup
from livescape.evaluate.metrics import psnr, ssim
from livescape.evaluate.pseudo_truth import TruthFrame, pseudo_truth
from livescape.gaussians.render import render
from livescape.imaging.decode import decode_photo
from livescape.imaging.png import to_pixels
from livescape.imaging.sampling import working_size
from livescape.motion.per_view import photo_flow
from livescape.pipeline import generate
from livescape.stages import depth, door, layers, layout
from livescape.stages.motion import photo_motion
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import GenerateSettings

LOGGER = logging.getLogger(__name__)

ROOT = Path(__file__).parents[1]
ANNOTATED = sorted((ROOT / "tests" / "data" / "photos").glob("*.json"))
"""The annotations of the photographs that are taken unless others are named."""

STEPS = 120
PAPER_STEPS = 10 * STEPS
"""Drift needs its network even to close the loop, so the paper's form gets ten times the steps."""

BASE = GenerateSettings(
    working_size=320,
    gaussian_budget=30_000,
    views=7,
    fit_iterations=100,
    deform="basis",
    deform_iterations=STEPS,
    loop="on",
    loop_frames=24,
    motion="hints",
)
PAPER = {
    "solver": "sgd",
    "deform": "drift",
    "view_set": "released",
    "deform_iterations": PAPER_STEPS,
}
VARIANTS: dict[str, dict[str, Any]] = {
    "ours": {},
    "paper": PAPER,
    "no refinement": {"solver": "none"},
    "sgd": {"solver": "sgd"},
    "drift": {"deform": "drift"},
    "hexplane": {"deform": "hexplane"},
    "symmetric": {"deform": "symmetric"},
    "all views": {"animated_views": "all"},
}
HELD_OUT = (0.2, 0.55, 0.95)
"""Parts of the camera path that no training view of :data:`BASE` stands on."""

MOMENTS = (0.25, 0.5, 0.75)


def truth_frames(request: GenerateRequest) -> list[TruthFrame]:
    """Return what the held-out views should show, by the photo's own motion."""
    settings = request.settings
    with tempfile.TemporaryDirectory() as folder:
        context = Context.make(cache_dir=Path(folder))
        inputs = door.run(context, request)
        found = layout.run(context, inputs)
        geometry = layers.run(context, inputs, found, depth.run(context, inputs, found))
    flow = photo_flow(context, photo_motion(inputs, geometry), inputs.camera)
    frames = pseudo_truth(
        inputs.image,
        np.asarray(flow, np.float32),
        geometry.mask,
        geometry.cloud,
        geometry.layers.margins.corner,
        [inputs.path[round(part * (len(inputs.path) - 1))] for part in HELD_OUT],
        [round(t * settings.loop_frames) for t in MOMENTS],
        settings.loop_frames,
    )
    return list(frames)


def compared(scene: LivingScene, truth: Iterable[TruthFrame]) -> dict[str, float]:
    """Return mean PSNR and SSIM of a scene over all held-out views and moments."""
    rows = []
    for frame in truth:
        image = _shown(scene, frame)
        rows.append(
            {
                "psnr": psnr(image, frame.image, frame.valid),
                "ssim": ssim(image, frame.image, frame.valid),
                "psnr_moving": psnr(image, frame.image, frame.moving),
            }
        )
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def _shown(scene: LivingScene, frame: TruthFrame) -> NDArray[np.float32]:
    return render(scene.at_loop_frame(frame.index), frame.camera, scene.meta.blend).image


def request_of(photo: Path) -> GenerateRequest:
    """Return the request of :data:`BASE` for a photo with its hints and a short camera path."""
    data = photo.read_bytes()
    decoded = decode_photo(data)
    width, height = working_size(*decoded.size, BASE.working_size)
    path = default_path(default_intrinsics(decoded, width, height), width, height, 48)
    hints = photo.with_suffix(".json").read_bytes()
    return GenerateRequest(path, BASE, data, hints=hints)


def variant(request: GenerateRequest, changes: dict[str, Any]) -> tuple[LivingScene, float]:
    """Generate with some settings changed; return the scene and its seconds."""
    asked = replace(request, settings=request.settings.changed(**changes))
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        scene = generate(
            asked, report=lambda *_: None, cancelled=lambda: False, cache_dir=Path(folder)
        )
    return scene, time.perf_counter() - started


def measure(photos: Sequence[Path], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return one row per scene and variant."""
    rows = []
    for photo in photos:
        request = request_of(photo)
        truth = truth_frames(request)
        sheet = [_strip("animated points", [frame.image for frame in truth[::3]])]
        for name in names:
            scene, seconds = variant(request, VARIANTS[name])
            figures = scene.report
            row = {"scene": photo.stem, "variant": name, **compared(scene, truth)}
            row |= {
                "loop_error": figures["loop_error"],
                "motion_inside_px": figures.get("motion_inside_px", 0.0),
                "seconds": seconds,
                "motion_seconds": sum(
                    figures["seconds"].get(stage, 0.0) for stage in ("motion", "refine", "deform")
                ),
            }
            rows.append(row)
            sheet.append(_strip(name, [_shown(scene, frame) for frame in truth[::3]]))
            LOGGER.info("%s %s: %.2f dB", photo.stem, name, row["psnr"])
        OUT.mkdir(parents=True, exist_ok=True)
        _, data = cv2.imencode(".jpg", np.concatenate(sheet))
        (OUT / f"ablation_{photo.stem}.jpg").write_bytes(data.tobytes())
    return rows


def _strip(name: str, images: Sequence[NDArray[np.float32]]) -> NDArray[np.uint8]:
    """Return images side by side with a label, as BGR."""
    strip = np.concatenate([to_pixels(image) for image in images], axis=1)[..., ::-1].copy()
    cv2.putText(strip, name, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 255, 255), 1, cv2.LINE_AA)
    return np.asarray(strip, dtype=np.uint8)


def averaged(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the mean of every figure over the scenes, one row per variant."""
    means = []
    for name in names:
        own = [row for row in rows if row["variant"] == name]
        keys = [key for key in own[0] if key not in ("scene", "variant")]
        means.append({"variant": name, **{k: float(np.mean([r[k] for r in own])) for k in keys}})
    return means


def markdown(means: Sequence[dict[str, Any]]) -> str:
    """Return the averages as a markdown table."""
    columns = list(means[0])
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    for row in means:
        cells = [row["variant"], *(f"{row[name]:.4g}" for name in columns[1:])]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    default = [path.with_suffix(".jpg") for path in ANNOTATED]
    parser.add_argument("--photos", type=Path, nargs="+", default=default)
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    options = parser.parse_args()
    warmup()
    rows = measure(options.photos, options.variants)
    means = averaged(rows, options.variants)
    by_name = {row["variant"]: row for row in means}
    summary: dict[str, Any] = {"scenes": len(options.photos)}
    if {"ours", "paper"} <= set(by_name):
        gain = by_name["ours"]["psnr"] - by_name["paper"]["psnr"]
        moving = by_name["ours"]["psnr_moving"] - by_name["paper"]["psnr_moving"]
        summary |= {"ours_minus_paper_psnr": gain, "ours_minus_paper_psnr_moving": moving}
    report("ablation", means, summary, {"per_scene": rows})
    (OUT / "ablation.md").write_text(markdown(means), encoding="utf-8")


if __name__ == "__main__":
    main()
