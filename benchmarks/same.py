"""Whether a change of the code changes a picture: arrays of every stage, now against a record.

Run as ``python -m benchmarks.same [--record]`` (``make bench NAME=same``). Three small inputs go
the whole way: layers, fitted Gaussians, refined motion and baked frames of each are kept in
``out/same/`` by ``--record`` or by the first run, and compared by every later one; the largest
difference of each is printed, 0 where the bits are equal. Record on the commit before a
refactoring, compare after each of its steps, on one machine.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import logging
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from benchmarks.measure import report
from numpy.typing import NDArray

from livescape import stages
from livescape.cameras.default_path import default_path
from livescape.cameras.photo_camera import default_intrinsics
from livescape.context import Context
from livescape.deform.living_scene import LivingScene
from livescape.imaging.decode import decode_photo
from livescape.imaging.png import read_pixels
from livescape.pipeline import living_scene
from livescape.stages import door, layers, refine
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import GenerateSettings

ROOT = Path(__file__).parents[1]
PHOTO = ROOT / "demo" / "chenonceau_river.jpg"
RECORDS = ROOT / "out" / "same"
LIMIT = 1e-6
"""Largest difference, relative to the array's largest value, that counts as the same picture."""

SMALL = GenerateSettings(
    working_size=192,
    gaussian_budget=6_000,
    views=5,
    fit_iterations=20,
    deform_iterations=8,
    loop_frames=12,
)

Arrays = dict[str, NDArray[Any]]


def inputs() -> dict[str, GenerateRequest]:
    """Return the three requests by name: nothing given, hints, and everything given."""
    whole = read_pixels(PHOTO)[..., ::-1]
    height, width = whole.shape[:2]
    return {
        "auto": _request(whole, SMALL),
        "hints": _request(
            whole[:, : width * 2 // 3],
            SMALL.changed(motion="hints", deform="symmetric", solver="sgd", density="fixed"),
            hints=_hints(width * 2 // 3, height),
        ),
        "given": _request(
            whole[height // 4 :],
            SMALL.changed(
                depth="file", motion="file", deform="hexplane", animated_views="all", blend="srgb"
            ),
            depth=_npy(_depth(96, 54)),
            mask=_png(_mask(96, 54)),
            flow=_npy(np.full((54, 96, 2), (0.4, 0.05), np.float32)),
        ),
    }


def _request(pixels: Any, settings: GenerateSettings, **files: bytes) -> GenerateRequest:
    small = cv2.resize(pixels, (192, round(192 * pixels.shape[0] / pixels.shape[1] / 2) * 2),
                       interpolation=cv2.INTER_AREA)  # fmt: skip
    data = _png(small)
    height, width = small.shape[:2]
    intrinsics = default_intrinsics(decode_photo(data), width, height)
    path = default_path(intrinsics, width, height, settings.loop_frames)
    return GenerateRequest(path, settings, data, **files)


def _hints(width: int, height: int) -> bytes:
    water = [[0, 0.75 * height], [width, 0.75 * height], [width, height], [0, height]]
    arrow = [[0.2 * width, 0.9 * height], [0.6 * width, 0.88 * height]]
    shapes = (
        f'{{"label": "motion", "shape_type": "polygon", "points": {water}}}',
        f'{{"label": "hint", "shape_type": "line", "points": {arrow}}}',
    )
    text = f'{{"shapes": [{", ".join(shapes)}], "imageWidth": {width}, "imageHeight": {height}}}'
    return text.encode()


def _depth(width: int, height: int) -> NDArray[np.float32]:
    rows = np.linspace(0.0, 1.0, height, dtype=np.float32)[:, None]
    return np.broadcast_to(40.0 / (1.0 + 9.0 * rows**2), (height, width)).astype(np.float32)


def _mask(width: int, height: int) -> NDArray[np.uint8]:
    mask = np.zeros((height, width), np.uint8)
    mask[2 * height // 3 :] = 255
    return mask


def _png(pixels: Any) -> bytes:
    return bytes(cv2.imencode(".png", pixels)[1].tobytes())


def _npy(array: NDArray[np.float32]) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def arrays_of(request: GenerateRequest) -> Arrays:
    """Return the arrays of every stage of one generation by name."""
    with tempfile.TemporaryDirectory() as folder:
        context = Context.make(cache_dir=Path(folder))
        given = door.run(context, request)
        layout = stages.layout.run(context, given)
        depth = stages.depth.run(context, given, layout)
        geometry = layers.run(context, given, layout, depth)
        views = stages.motion.run(context, given, geometry)
        motion = refine.run(context, given, geometry, views)
        scene = living_scene(context, request)
    arrays: Arrays = {"motion.refined": motion}
    for layer in geometry.layers.layers:
        for name in ("image", "depth", "valid", "moving"):
            arrays[f"layers.{layer.name}.{name}"] = getattr(layer, name)
    return arrays | _scene_arrays(scene)


def _scene_arrays(scene: LivingScene) -> Arrays:
    arrays: Arrays = {f"fitted.still.{name}": array for name, array in vars(scene.still).items()}
    copies = scene.moving.all_copies()
    arrays |= {f"fitted.moving.{name}": array for name, array in vars(copies.gaussians).items()}
    for index in (0, scene.meta.loop_frames // 2, scene.meta.loop_frames - 1):
        frame = scene.moving.frame(index, scene.meta.loop_frames)
        parts = {name: np.asarray(value) for name, value in vars(frame).items()}
        arrays |= {f"baked.{index}.{name}": value for name, value in parts.items()}
    return arrays


def largest_difference(now: NDArray[Any], then: NDArray[Any]) -> float:
    """Return the largest difference relative to the largest value; infinite for another shape."""
    if now.shape != then.shape or now.dtype != then.dtype:
        return float("inf")
    if now.tobytes() == then.tobytes() or not now.size:
        return 0.0
    now, then = now.astype(np.float64), then.astype(np.float64)
    return float(np.abs(now - then).max() / max(np.abs(then).max(), 1e-12))


def compared(name: str, now: Arrays) -> list[dict[str, Any]]:
    """Return a row per stage of input ``name``: arrays, hash, largest difference."""
    with np.load(RECORDS / f"{name}.npz", allow_pickle=False) as record:
        then = dict(record)
    rows = []
    for stage in ("layers", "motion", "fitted", "baked"):
        names = sorted(n for n in {*now, *then} if n.startswith(stage))
        absent = [n for n in names if n not in now or n not in then]
        worst = max((largest_difference(now[n], then[n]) for n in names if n not in absent),
                    default=0.0)  # fmt: skip
        digest = hashlib.sha256(b"".join(now[n].tobytes() for n in names if n in now))
        rows.append({"input": name, "stage": stage, "arrays": len(names),
                     "sha256": digest.hexdigest()[:12],
                     "difference": float("inf") if absent else worst})  # fmt: skip
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--record", action="store_true", help="keep this run as the record")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    RECORDS.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, request in inputs().items():
        arrays: dict[str, Any] = arrays_of(request)
        if options.record or not (RECORDS / f"{name}.npz").is_file():
            np.savez(RECORDS / f"{name}.npz", **arrays)
        rows += compared(name, arrays)
    worst = max(row["difference"] for row in rows)
    report("same", rows, {"worst_difference": worst, "same": worst <= LIMIT})
    return 0 if worst <= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
