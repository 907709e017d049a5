"""Runs contenders over truth: the same inputs, cameras and frames for each, one row a path."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape.evaluate.above_ground import kept_above, view_from_above
from livescape.evaluate.contenders import Contender, Known
from livescape.evaluate.findings import Findings, Row, Values
from livescape.evaluate.oracle import oracle
from livescape.evaluate.paths import path_cameras
from livescape.evaluate.playback import played_loop, played_shot
from livescape.evaluate.regions import origin
from livescape.evaluate.scores import FRAMES, WANTED, picture_scores
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

SHOT_FRAMES = 30

Float32Array = NDArray[np.float32]
Make = Callable[[GenerateRequest], Contender]
Say = Callable[[str], None]
STILL = "still"
LAYERED, ORACLE = "layered", "oracle"


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

    def row(self, path: str, contender: str) -> Row:
        """Return what a row of the results begins with."""
        return {
            "landscape": self.place.landscape,
            "seed": float(self.place.seed),
            "tier": self.tier,
            "travel": self.travel,
            "path": path,
            "contender": contender,
        }


@dataclass(frozen=True)
class CaseTruth:
    """The photo, and of every path the cameras and what :data:`WANTED` frames show."""

    photo: TruthView
    cameras: dict[str, tuple[Camera, ...]]
    views: dict[str, dict[int, TruthView]]


def case_truth(case: Case, generator: Generator) -> CaseTruth:
    """Return the truth of a case, rendered unless it is in the cache.

    Raises:
        LivescapeError: ``truth_unavailable``.
    """
    photo = photo_view(generator, case.place)
    near = near_distance(photo)
    paths = {
        path: path_cameras(path, photo.camera, near, case.travel, SHOT_FRAMES)
        for path in case.paths
    }
    cameras = _above_ground(paths, photo.camera, generator, case.place)
    asked = [(frame, of_path[frame]) for of_path in cameras.values() for frame in WANTED]
    found = iter(truth_views(generator, case.place, asked))
    views = {path: {frame: next(found) for frame in WANTED} for path in case.paths}
    return CaseTruth(photo, cameras, views)


def _above_ground(
    paths: Mapping[str, tuple[Camera, ...]], photo: Camera, generator: Generator, place: Place
) -> dict[str, tuple[Camera, ...]]:
    above = view_from_above(paths, photo)
    if above is None:
        return dict(paths)
    (ground,) = truth_views(generator, place, [(0, above)])
    return {name: kept_above(path, photo, ground.positions) for name, path in paths.items()}


def evaluate_case(
    case: Case,
    generator: Generator,
    settings: GenerateSettings,
    makers: Mapping[str, Make],
    known: Callable[[GenerateRequest], Known],
    *,
    strips: Path | None = None,
    say: Say = lambda _: None,
    report: Callable[[Findings], None] = lambda _: None,
) -> Findings:
    """Return figures and curves of every path and contender.

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
        report: Given what has been found so far, after every path.

    Raises:
        LivescapeError: ``truth_unavailable``, and the contenders' codes.
    """
    say(f"truth of {case.place.landscape} at travel {case.travel:g}")
    truth = case_truth(case, generator)
    looking = [camera for of_path in truth.cameras.values() for camera in of_path]
    told = request(case.tier, truth.photo, looking, settings, SHOT_FRAMES)
    contenders, seconds = _made(makers, told, case.tier, say)
    flow = None
    if LAYERED in contenders:
        _, flow = known(told).motion_at(case.place.width, case.place.height)
    found = Findings()
    for path, views in truth.views.items():
        cameras = truth.cameras[path]
        shown = {
            name: {frame: contender.show(cameras[frame], frame) for frame in WANTED}
            for name, contender in contenders.items()
        }
        if flow is not None:
            shown[ORACLE] = {
                frame: oracle(view, truth.photo, flow, shown[LAYERED][frame])
                for frame, view in views.items()
            }
        seen = {frame: origin(view, truth.photo).seen for frame, view in views.items()}
        pictures = {"truth": {frame: view.image for frame, view in views.items()}}
        for name, frames in shown.items():
            values, series = picture_scores(views, seen, frames)
            found.add(case.row(path, name), values | seconds.get(name, {}), series)
            pictures[name] = {frame: one.image for frame, one in frames.items()}
        if strips is not None:
            stem = f"{case.place.landscape}_{case.tier}_{case.travel:g}x_{path}"
            write_strip(strips / f"{stem}.png", pictures, FRAMES[2::2])
        report(found)
        if path == STILL:
            # a shot need not loop: the loop is that of scenes of its own
            endless = replace(told, settings=told.settings.changed(loop="on"))
            loops = {name: make(endless) for name, make in makers.items()}
            found.extend([_playback(case, truth.photo, pictures, loops, settings)])
    return found


def _playback(
    case: Case,
    photo: TruthView,
    pictures: Mapping[str, Mapping[int, Float32Array]],
    loops: Mapping[str, Contender],
    settings: GenerateSettings,
) -> Findings:
    """Return what everyone does to motion and texture, in the shot and in the loop."""
    found, same = Findings(), case.tier == "given"
    loop_frames = settings.loop_frames
    # Without a loop, what comes in is carried back from the shot's own last frame.
    end = loop_frames if settings.loop == "on" else SHOT_FRAMES - 1
    for name, frames in pictures.items():
        shot = played_shot(photo, frames, end, same_flow=same)
        found.add(case.row("shot", name), *shot)
    for name, contender in loops.items():
        loop = played_loop(photo, contender, loop_frames, same_flow=same)
        found.add(case.row("loop", name), *loop)
    return found


def _made(
    makers: Mapping[str, Make], told: GenerateRequest, tier: str, say: Say
) -> tuple[dict[str, Contender], dict[str, Values]]:
    contenders, seconds = {}, {}
    for name, make in makers.items():
        say(f"{name} with {tier}")
        start = time.perf_counter()
        contenders[name] = make(told)
        seconds[name] = {"made_in_s": time.perf_counter() - start}
    return contenders, seconds
