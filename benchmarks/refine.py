"""How well, and how fast, 3D motion refinement recovers a motion that is known.

Writes ``out/bench/refine.json``. The scene is a plane at a known distance that moves; its flow in
the 25 views of the released 3D-MOM code is computed exactly, then disturbed where noise is asked
for. The image is 64 pixels wide with the focal length scaled to match, which keeps f^2 / N and
with it the reach of SGD (10.8 / z^2 pixels at 512 pixels) as published.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from benchmarks.measure import report
from numpy.typing import NDArray

from livescape.cameras.projection import project_points, unproject_points
from livescape.cameras.published import published_poses
from livescape.engine.irls import solve_irls
from livescape.engine.irls.observations import MotionView, observe
from livescape.imaging.sampling import pixel_centres, sample_bilinear
from livescape.motion.refine import refine_motion
from livescape.motion.solve_sgd import STEPS, solve_sgd
from livescape_shared.camera import Camera

LOGGER = logging.getLogger(__name__)

Array = NDArray[np.float64]

DEPTHS = (2.0, 5.0, 10.0, 50.0)
TARGETS = (0.5, 3.0)
SIZE = 64
TIMED_POINTS = 200_000
TIMED_SGD_STEPS = 10
TIMED_IRLS_RUNS = 3
MULTIPLICATIVE_NOISE = 0.2
DIRECTIONAL_NOISE = np.radians(10.0)


@dataclass(frozen=True)
class Scene:
    """A moving plane z = depth: its points, what they do, and what every view sees of it."""

    depth: float
    points: Array
    truth: Array
    views: tuple[MotionView, ...]


def released_cameras(size: int) -> list[Camera]:
    """The 25 views of the released 3D-MOM code, with its focal length."""
    K = np.array([[582.69, 0, 256], [0, 582.69, 256], [0, 0, 512]]) * (size / 512)
    K[2, 2] = 1.0
    return [Camera(size, size, K, pose) for pose in published_poses("released")]


def plane_motion(points: Array, depth: float, target: float, focal: float) -> Array:
    """A smooth motion [N, 3] of the plane whose mean speed in the photo is ``target`` pixels."""
    x, y = points[:, 0] / depth, points[:, 1] / depth
    angle = 0.6 * np.sin(2.0 * x) + 0.5 * y
    speed = 1.0 + 0.3 * np.cos(1.5 * y)
    along = np.stack((np.cos(angle), np.sin(angle), 0.3 * np.sin(x + y)), axis=1)
    return np.asarray(along * speed[:, None] * target * depth / focal)


def make_scene(
    depth: float, target: float, count: int = SIZE * SIZE, size: int = SIZE, views: int = 25
) -> Scene:
    """Build the plane, its motion and the exact flow of every view."""
    cameras = released_cameras(size)[:views]
    side = round(count**0.5)
    grid = (pixel_centres(side, side).reshape(-1, 2) * (size / side)).astype(np.float64)
    reference = Camera(size, size, cameras[0].K, np.eye(4))
    points = unproject_points(grid, np.full(len(grid), depth), reference)
    focal = float(reference.K[0, 0])
    truth = plane_motion(points, depth, target, focal)
    seen = np.ones(len(points), bool)
    confidence = np.ones((size, size))
    flows = (_plane_flow(camera, depth, target, focal) for camera in cameras)
    pairs = zip(cameras, flows, strict=True)
    made = tuple(MotionView(camera, flow, confidence, seen) for camera, flow in pairs)
    return Scene(depth, points, truth, made)


def _plane_flow(camera: Camera, depth: float, target: float, focal: float) -> Array:
    centres = pixel_centres(camera.height, camera.width).reshape(-1, 2).astype(np.float64)
    direction = unproject_points(centres, np.ones(len(centres)), camera) - camera.position
    distance = (depth - camera.position[2]) / direction[:, 2]
    points = camera.position + direction * distance[:, None]
    flow = shift(points, plane_motion(points, depth, target, focal), camera)
    return flow.reshape(camera.height, camera.width, 2)


def shift(points: Array, motion: Array, camera: Camera) -> Array:
    """Return the image motion [N, 2] of moving points."""
    return np.asarray(
        project_points(points + motion, camera)[0] - project_points(points, camera)[0]
    )


def with_noise(scene: Scene, rng: np.random.Generator) -> Scene:
    """Disturb every view's flow by itself, in length and in direction, pixel by pixel."""
    views = []
    for view in scene.views:
        shape = view.flow.shape[:2]
        length = 1.0 + MULTIPLICATIVE_NOISE * rng.standard_normal(shape)
        angle = DIRECTIONAL_NOISE * rng.standard_normal(shape)
        u, v = view.flow[..., 0], view.flow[..., 1]
        c, s = length * np.cos(angle), length * np.sin(angle)
        noisy = np.stack((c * u - s * v, s * u + c * v), axis=-1)
        views.append(MotionView(view.camera, noisy, view.confidence, view.visible))
    return Scene(scene.depth, scene.points, scene.truth, tuple(views))


def pixel_errors(scene: Scene, motion: NDArray[np.floating]) -> Array:
    """Return the distance to the true motion in pixels, of each point in each view it is in."""
    errors = []
    for view in scene.views:
        inside = _inside(scene.points, view.camera)
        found = shift(scene.points, motion.astype(np.float64), view.camera)
        true = shift(scene.points, scene.truth, view.camera)
        errors.append(np.linalg.norm(found - true, axis=1)[inside])
    return np.concatenate(errors)


def _inside(points: Array, camera: Camera) -> NDArray[np.bool_]:
    position, depth = project_points(points, camera)
    return np.asarray(
        (position >= 0).all(1) & (position <= (camera.width, camera.height)).all(1) & (depth > 0)
    )


def cross_view_error(scene: Scene, flows: Sequence[NDArray[np.floating]]) -> float:
    """Mean disagreement in pixels: the flow of one view, lifted to the plane, seen in the next.

    Args:
        scene: Points, and cameras in ``views``.
        flows: [N, 2] a view: its motion at every point.
    """
    errors = []
    cameras = [view.camera for view in scene.views]
    for index, camera in enumerate(cameras):
        other = (index + 1) % len(cameras)
        both = _inside(scene.points, camera) & _inside(scene.points, cameras[other])
        points = scene.points[both]
        moved = project_points(points, camera)[0] + flows[index][both]
        ray = unproject_points(moved, np.ones(len(moved)), camera) - camera.position
        reach = (scene.depth - camera.position[2]) / ray[:, 2]
        carried = shift(points, camera.position + ray * reach[:, None] - points, cameras[other])
        errors.append(np.linalg.norm(carried - flows[other][both], axis=1))
    return float(np.concatenate(errors).mean())


def accuracy(solver: str) -> list[dict[str, float]]:
    """Solve every depth and speed without noise."""
    rows = []
    for depth in DEPTHS:
        for target in TARGETS:
            scene = make_scene(depth, target)
            refined = refine_motion(scene.points, scene.views, solver=solver)
            errors = pixel_errors(scene, refined.motion)
            row = {"depth_m": depth, "target_px": target, "median_error_px": np.median(errors)}
            rows.append({key: float(value) for key, value in row.items()})
            LOGGER.info("%s %s", solver, rows[-1])
    return rows


def timing() -> dict[str, float]:
    """Time both solvers on the same observations; SGD's equal steps are timed on a few of them.

    Compiling is left out of both; sampling the views' flow is the same for both and told apart.
    """
    scene = make_scene(10.0, 3.0, count=TIMED_POINTS)
    noisy = with_noise(scene, np.random.default_rng(1))
    start = time.perf_counter()
    observations = observe(noisy.points, noisy.views).to("cpu", torch.float32)
    observing = time.perf_counter() - start
    solve_sgd(observations, steps=1)
    solve_irls(observations.chunk(0, 64), None)
    start = time.perf_counter()
    solve_sgd(observations, steps=TIMED_SGD_STEPS)
    sgd = (time.perf_counter() - start) / TIMED_SGD_STEPS * STEPS
    start = time.perf_counter()
    for _ in range(TIMED_IRLS_RUNS):
        solve_irls(observations, None)
    irls = (time.perf_counter() - start) / TIMED_IRLS_RUNS
    return {"irls_seconds": irls, "sgd_seconds": sgd, "observe_seconds": observing}


def ambiguity() -> dict[str, float]:
    """Disagreement between views, and distance from the truth, before and after refinement."""
    results: dict[str, list[float]] = {}
    for depth in DEPTHS:
        scene = with_noise(make_scene(depth, 3.0), np.random.default_rng(2))
        motion = refine_motion(scene.points, scene.views).motion.astype(np.float64)
        before = [
            sample_bilinear(view.flow, project_points(scene.points, view.camera)[0])
            for view in scene.views
        ]
        after = [shift(scene.points, motion, view.camera) for view in scene.views]
        off = [
            np.linalg.norm(flow - shift(scene.points, scene.truth, view.camera), axis=1)[
                _inside(scene.points, view.camera)
            ]
            for flow, view in zip(before, scene.views, strict=True)
        ]
        row = {
            "cross_view_before_px": cross_view_error(scene, before),
            "cross_view_after_px": cross_view_error(scene, after),
            "truth_before_px": float(np.concatenate(off).mean()),
            "truth_after_px": float(pixel_errors(scene, motion).mean()),
        }
        for key, value in row.items():
            results.setdefault(key, []).append(value)
    return {key: float(np.mean(values)) for key, values in results.items()}


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    solved = {solver: accuracy(solver) for solver in ("irls", "sgd")}
    rows = [
        {"depth_m": one["depth_m"], "target_px": one["target_px"]}
        | {"irls_px": one["median_error_px"], "sgd_px": other["median_error_px"]}
        for one, other in zip(solved["irls"], solved["sgd"], strict=True)
    ]
    seconds, noise = timing(), ambiguity()
    worst = {name: max(row[f"{name}_px"] for row in rows) for name in solved}
    summary = {
        "time_ratio_sgd_over_irls": seconds["sgd_seconds"] / seconds["irls_seconds"],
        "ambiguity_reduction": noise["cross_view_before_px"] / noise["cross_view_after_px"],
        "truth_error_reduction": noise["truth_before_px"] / noise["truth_after_px"],
    }
    solvers = {name: {"max_median_error_px": pixels} for name, pixels in worst.items()}
    report("refine", rows, solvers | summary, {"timing": seconds, "noise": noise})


if __name__ == "__main__":
    main()
