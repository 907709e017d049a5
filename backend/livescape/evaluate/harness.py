"""Runs contenders over truth: the same inputs, cameras and frames for each, one row a path."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape.engine.advect import integrate
from livescape.evaluate import motion_metrics as motion
from livescape.evaluate.contenders import Contender, Known, Shown
from livescape.evaluate.metrics import psnr, ssim
from livescape.evaluate.oracle import oracle
from livescape.evaluate.paths import path_cameras
from livescape.evaluate.regions import origin
from livescape.evaluate.strips import write_strip
from livescape.evaluate.tiers import request
from livescape.evaluate.truth import (
    Generator,
    Place,
    TruthView,
    near_distance,
    photo_view,
    truth_views,
)
from livescape_shared.camera import Camera
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import GenerateSettings

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

SHOT_FRAMES = 30
FRAMES = (0, 7, 14, 21, 28)
"""Frames of the shot whose pictures are compared."""

PAIRS = ((7, 8), (21, 22))
"""Frames whose change is compared."""

SMALLEST_REGION = 0.002
"""Share of the picture below which a region is too small to be scored."""

Make = Callable[[GenerateRequest], Contender]
Row = dict[str, str | float]


@dataclass(frozen=True)
class Case:
    """What is asked of every contender.

    Attributes:
        place: The landscape.
        tier: What they are told.
        travel: Factor on the paths.
        paths: Names of the paths.
    """

    place: Place
    tier: str
    travel: float
    paths: Sequence[str]


def evaluate_case(
    case: Case,
    generator: Generator,
    settings: GenerateSettings,
    makers: Mapping[str, Make],
    known: Callable[[GenerateRequest], Known],
    *,
    strips: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> list[Row]:
    """Return a row of figures for every path and contender.

    Every contender makes one scene, told of all cameras of all paths, and is then asked for single
    frames. The oracle is added where ``layered`` takes part: it shows that contender elsewhere.

    Args:
        case: What is asked.
        generator: Of the truth.
        settings: Of ours; its loop is every contender's.
        makers: Contenders by name.
        known: What a request tells of the photo, as the product understands it.
        strips: Folder for strips of pictures side by side.
        say: Told what happens.
    """
    say(f"truth of {case.place.landscape} at travel {case.travel:g}")
    photo = photo_view(generator, case.place)
    near = near_distance(photo)
    cameras = {
        path: path_cameras(path, photo.camera, near, case.travel, SHOT_FRAMES)
        for path in case.paths
    }
    wanted = sorted({*FRAMES, *(frame for pair in PAIRS for frame in pair)})
    asked = [(frame, of_path[frame]) for of_path in cameras.values() for frame in wanted]
    found = iter(truth_views(generator, case.place, asked))
    truth = {path: {frame: next(found) for frame in wanted} for path in case.paths}
    told = request(
        case.tier, photo, [camera for of_path in cameras.values() for camera in of_path], settings
    )
    contenders, seconds = {}, {}
    for name, make in makers.items():
        say(f"{name} with {case.tier}")
        start = time.perf_counter()
        contenders[name] = make(told)
        seconds[name] = time.perf_counter() - start
    if "layered" in makers:
        contenders["oracle"] = _Oracle(photo, known(told).flow, truth, contenders["layered"])
    rows = []
    for path in case.paths:
        shown = {
            name: {frame: contender.show(cameras[path][frame], frame) for frame in wanted}
            for name, contender in contenders.items()
        }
        for name, frames in shown.items():
            values = _figures(photo, truth[path], frames)
            if path == "still":
                values |= _still_figures(photo, truth[path], frames)
                if name != "oracle":
                    values |= _loop_figures(photo, contenders[name], settings.loop_frames, case)
            if name in seconds:
                values["made_in_s"] = seconds[name]
            rows.append(
                {"landscape": case.place.landscape, "seed": case.place.seed, "tier": case.tier,
                 "travel": case.travel, "path": path, "contender": name, **values}
            )  # fmt: skip
        if path == "still":
            rows.append(_truth_row(case, photo, truth[path]))
        if strips is not None:
            stem = f"{case.place.landscape}_{case.tier}_{case.travel:g}x_{path}"
            write_strip(strips / f"{stem}.png", truth[path], shown, FRAMES[2::2])
    return rows


class _Oracle:
    """Shows the truth's views only: it needs their geometry."""

    def __init__(
        self,
        photo: TruthView,
        flow: Float32Array,
        truth: Mapping[str, Mapping[int, TruthView]],
        elsewhere: Contender,
    ) -> None:
        self._photo, self._flow, self._elsewhere = photo, flow, elsewhere
        self._views = [view for of_path in truth.values() for view in of_path.values()]

    def show(self, camera: Camera, frame: int) -> Shown:
        view = next(
            v for v in self._views
            if v.frame == frame and np.allclose(v.camera.viewmat, camera.viewmat, atol=1e-8)
        )  # fmt: skip
        return oracle(view, self._photo, self._flow, self._elsewhere.show(camera, frame))


def _figures(
    photo: TruthView, truth: Mapping[int, TruthView], shown: Mapping[int, Shown]
) -> dict[str, float]:
    """Return means over the compared frames; a region that is too small does not count."""
    collected: dict[str, list[float]] = {}
    for frame in FRAMES:
        view, image = truth[frame], shown[frame].image
        seen = origin(view, photo).seen
        collected.setdefault("psnr", []).append(psnr(image, view.image))
        collected.setdefault("ssim", []).append(ssim(image, view.image))
        collected.setdefault("gmsd", []).append(motion.gradient_deviation(image, view.image))
        uncovered = 100.0 * float(shown[frame].uncovered.mean())
        collected.setdefault("uncovered_percent", []).append(uncovered)
        regions = {
            "moving": view.moving, "standing": ~view.moving, "seen": seen, "unseen": ~seen,
        }  # fmt: skip
        for name, region in regions.items():
            if region.mean() >= SMALLEST_REGION:
                score = psnr(image, view.image, region)
                collected.setdefault(f"psnr_{name}", []).append(score)
        if view.moving.mean() >= SMALLEST_REGION:
            own = _masked_ssim(image, view)
            if own is not None:
                collected.setdefault("ssim_moving", []).append(own)
    values = {name: float(np.mean(numbers)) for name, numbers in collected.items()}
    values["change_error"] = float(
        np.mean(
            [
                motion.change_error(
                    shown[a].image, shown[b].image, truth[a].image, truth[b].image
                )
                for a, b in PAIRS
            ]
        )
    )
    return values


def _masked_ssim(image: Float32Array, view: TruthView) -> float | None:
    """Return the SSIM of windows that lie wholly in what moves; None if there is none."""
    try:
        return ssim(image, view.image, view.moving)
    except ValueError:
        return None


def _still_figures(
    photo: TruthView, truth: Mapping[int, TruthView], shown: Mapping[int, Shown]
) -> dict[str, float]:
    if photo.moving.mean() < SMALLEST_REGION:
        return {}
    pairs = [
        motion.measured_flow(shown[a].image, shown[b].image, truth[a].flow, truth[a].moving)
        for a, b in PAIRS
    ]
    error, share = np.mean(pairs, axis=0)
    return {"flow_error_px": float(error), "speed_share": float(share)}


def _truth_row(case: Case, photo: TruthView, truth: Mapping[int, TruthView]) -> Row:
    """Return what the instruments read on the truth itself."""
    shown = {
        frame: Shown(view.image, np.zeros(view.label.shape, bool)) for frame, view in truth.items()
    }
    values = _still_figures(photo, truth, shown)
    if values:
        middle = truth[FRAMES[2]].image
        values["spectrum_db"] = motion.spectrum_distance(middle, photo.image, photo.moving)
        values["contrast_middle"] = motion.texture_contrast(middle, photo.image, photo.moving)
    return {"landscape": case.place.landscape, "seed": case.place.seed, "tier": case.tier,
            "travel": case.travel, "path": "still", "contender": "truth", **values}  # fmt: skip


def _loop_figures(
    photo: TruthView, contender: Contender, loop_frames: int, case: Case
) -> dict[str, float]:
    """Return what the loop does, seen from the photo's camera."""
    middle = loop_frames // 2
    numbers = (0, middle // 2, middle, (3 * middle) // 2, loop_frames - 2, loop_frames - 1)
    images = {n: contender.show(photo.camera, n).image for n in (*numbers, loop_frames)}
    values = {"flicker": motion.flicker([images[n] for n in numbers], ~photo.moving)}
    if photo.moving.mean() < SMALLEST_REGION:
        return values
    values["loop_seam"] = motion.loop_seam(
        images[loop_frames - 2], images[loop_frames - 1], images[loop_frames]
    )
    values["spectrum_db"] = motion.spectrum_distance(images[middle], photo.image, photo.moving)
    values["contrast_middle"] = motion.texture_contrast(images[middle], images[0], photo.moving)
    if case.tier == "given":  # elsewhere the contender's copies lie where its own motion put them
        forward, backward = _copies(photo, middle, loop_frames)
        values["ghost"] = motion.ghost(
            images[middle], photo.image, forward, backward, photo.moving
        )
    return values


def _copies(photo: TruthView, frame: int, loop_frames: int) -> tuple[Float32Array, Float32Array]:
    """Return where, seen from pixels of ``frame``, both copies lie in the photo [H, W, 2]."""
    flow = photo.flow * photo.moving[..., None]
    return integrate(flow, frame, backward=True), integrate(flow, loop_frames - frame)
