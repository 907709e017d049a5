"""Clips of a moving camera against the same clips of a standing one, on rendered truth.

Run as ``python -m benchmarks.moving_clip [--landscapes river,sea,lake] [--cache DIR]``; renders
what is missing from the cache by Blender, and writes ``out/bench/moving_clip.json``. Every clip
begins with the photo. What the product makes of it is compared with the true flow where something
moves; told are depth and mask (``given``), the mask (``mask``) or nothing but the clip (``clip``).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from benchmarks.measure import report
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from livescape.context import Context
from livescape.evaluate.clips import animated_png
from livescape.evaluate.tiers import npy_bytes, png_bytes
from livescape.evaluate.truth import (
    Generator,
    Place,
    TruthView,
    near_distance,
    photo_view,
    truth_views,
)
from livescape.imaging.png import to_pixels
from livescape.stages import depth, door, layout
from livescape.stages.layers import measured_clip
from livescape_shared.camera import Camera, CameraPath
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import preset_settings

ROOT = Path(__file__).parents[1]
FRAMES = 20
FPS = 24.0

MOVES = ("still", "hand", "pan", "dolly", "walk")
"""What the camera does: nothing, a hand's shake, a turn of 8 degrees, a way aside, ahead with both
and with shake."""


def cameras(move: str, photo: TruthView) -> list[Camera]:
    """Return the camera of every frame; the first is the photo's."""
    near, rng = near_distance(photo), np.random.default_rng(7)
    shake = np.cumsum(rng.normal(size=(FRAMES, 6)), axis=0) * 0.35
    found = []
    for k, s in enumerate(np.linspace(0.0, 1.0, FRAMES)):
        turn, way = np.zeros(3), np.zeros(3)
        if move in ("pan", "walk"):
            turn += np.array([0.0, 8.0, 0.0]) * s * (0.5 if move == "walk" else 1.0)
        if move in ("dolly", "walk"):
            way += np.array([-0.18, 0.02, 0.0]) * s * (0.5 if move == "walk" else 1.0)
        if move == "walk":
            way += np.array([0.0, 0.0, -0.15]) * s
        if move in ("hand", "walk"):
            turn += 0.12 * (shake[k, :3] - shake[0, :3])
            way += 0.004 * (shake[k, 3:] - shake[0, 3:])
        pose = np.eye(4)
        pose[:3, :3] = Rotation.from_rotvec(np.radians(turn)).as_matrix()
        pose[:3, 3] = near * way
        camera = photo.camera
        found.append(Camera(camera.width, camera.height, camera.K, pose @ camera.viewmat))
    return found


def scores(photo: TruthView, frames: NDArray[np.uint8], told: str, cache: Path) -> dict[str, float]:
    """Return how right flow and mask are that the product makes of a clip."""
    depth_map = photo.depth.copy()
    depth_map[photo.sky] = 0.0
    files = {"photo": png_bytes(to_pixels(photo.image)), "clip": animated_png(frames, FPS)}
    if told != "clip":
        files["mask"] = png_bytes(photo.moving.astype(np.uint8) * 255)
    if told == "given":
        files["depth"] = npy_bytes(depth_map)
    path = CameraPath(photo.camera, (photo.camera,) * 2, (1, 2), FPS)
    settings = preset_settings("draft").changed(motion="video", working_size=photo.camera.width)
    context = Context.make(cache_dir=cache)
    inputs = door.run(context, GenerateRequest(path, settings, **files))
    known_layout = layout.run(context, inputs)
    known_depth = depth.run(context, inputs, known_layout)
    clip = measured_clip(context, inputs, known_layout, known_depth)
    assert clip is not None
    mask, moving = clip.mask > 0.5, photo.moving & (np.linalg.norm(photo.flow, axis=-1) > 0.05)
    error = np.linalg.norm(clip.flow * clip.mask[..., None] - photo.flow, axis=-1)
    true = np.linalg.norm(photo.flow, axis=-1)
    return {
        "flow_error_px": float(error[moving].mean()),
        "true_px": float(true[moving].mean()),
        "error_where_told_px": float(
            np.linalg.norm(clip.flow - photo.flow, axis=-1)[moving].mean()
        ),
        "mask_iou": float((mask & moving).sum() / max((mask | moving).sum(), 1)),
        "false_motion": 100.0 * float(mask[~photo.moving].mean()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--landscapes", default="river,sea,lake")
    parser.add_argument("--moves", default=",".join(MOVES))
    parser.add_argument("--cache", type=Path, default=ROOT / "out" / "bench" / "moving_clip_truth")
    parser.add_argument("--width", type=int, default=384)
    options = parser.parse_args()
    generator = Generator(
        python=ROOT / ".venv-blender" / "bin" / "python",
        scripts=ROOT / "scripts" / "truth",
        photo=ROOT / "demo" / "chenonceau_river.jpg",
        cache=options.cache,
    )
    rows: list[dict[str, Any]] = []
    for landscape in options.landscapes.split(","):
        place = Place(landscape, 1, options.width, round(options.width * 9 / 32) * 2)
        photo = photo_view(generator, place)
        for move in options.moves.split(","):
            views = truth_views(generator, place, list(enumerate(cameras(move, photo))))
            frames = np.stack([to_pixels(view.image) for view in views])
            for told in ("given", "mask", "clip"):
                with TemporaryDirectory() as folder:
                    found = scores(photo, frames, told, Path(folder))
                rows.append({"landscape": landscape, "camera": move, "told": told, **found})
        report("moving_clip", rows, {})  # each landscape takes half an hour where it is rendered


if __name__ == "__main__":
    main()
